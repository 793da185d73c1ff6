"""Ctrl-C in a verb that sends counts wherever it arrives; and signals that wait for what must not be cut short."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def held_back(*numbers: int) -> Iterator[None]:
    """These signals take effect behind the block. They are the main thread's: in any other there is nothing to do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


class Interruption:
    """Remembers Ctrl-C, and raises it as usual.

    Python drops what a finalizer or a weak reference's callback raises, a `KeyboardInterrupt` too.
    """

    def __init__(self) -> None:
        self._came = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ctrl-C in the block is remembered. One that is ignored or handled by somebody else stays theirs."""
        ours = threading.current_thread() is threading.main_thread()
        if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raises `KeyboardInterrupt` where Ctrl-C came, whatever became of the one that was raised then."""
        if self._came:
            raise KeyboardInterrupt

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt
