"""Ctrl-C in a verb that sends: it counts wherever it arrives, and never cuts a request short."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Interruption:
    """Remembers Ctrl-C, and raises it as usual where it is not held back.

    Python drops what a finalizer or a weak reference's callback raises, a `KeyboardInterrupt` too; and one that is
    raised within the connection pool's locks can leave them locked.
    """

    def __init__(self) -> None:
        self._came = False
        self._held_back = False

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

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Ctrl-C in the block takes effect behind it."""
        self._held_back = True
        try:
            yield
        finally:
            self._held_back = False
        self.check()

    def check(self) -> None:
        """Raises `KeyboardInterrupt` where Ctrl-C came, whatever became of the one that was raised then."""
        if self._came:
            raise KeyboardInterrupt

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        if not self._held_back:
            raise KeyboardInterrupt
