"""Ctrl-C in a verb that sends counts wherever it arrives; and signals that wait for what must not be cut short."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that ask a process to end."""


@contextmanager
def held_back(*numbers: int) -> Iterator[None]:
    """These signals, where somebody handles them, take effect behind the block. They are the main thread's alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handled = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in handled.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, _frame: came.append(number))
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
    def watched(self, *alike: int) -> Iterator[None]:
        """Ctrl-C in the block is remembered. One that is ignored or handled by somebody else stays theirs.

        Args:
            alike: Signals that mean the same in the block.
        """
        ours = threading.current_thread() is threading.main_thread()
        handled = {number: signal.getsignal(number) for number in (signal.SIGINT, *alike) if ours}
        before = {number: handler for number, handler in handled.items() if handler is _unhandled(number)}
        for number in before:
            signal.signal(number, self._take)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Raises `KeyboardInterrupt` where Ctrl-C came, whatever became of the one that was raised then."""
        if self._came:
            raise KeyboardInterrupt

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt


def _unhandled(number: int) -> object:
    """The handler of a signal that nobody has changed."""
    return signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
