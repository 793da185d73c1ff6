"""How many bytes a value takes in memory, and a sum of such bytes that no thread ever waits for."""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import Any


def held_bytes(value: Any) -> int:
    """The bytes that a value takes, with all that it holds: texts, numbers, lists, tuples and dictionaries of them."""
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        size += sum(held_bytes(key) + held_bytes(item) for key, item in value.items())
    elif isinstance(value, (list, tuple)):
        size += sum(map(held_bytes, value))
    elif value is None or isinstance(value, bool) or (isinstance(value, int) and -5 <= value <= 256):  # noqa: PLR2004
        return 0  # CPython has one of each
    return size


class Ledger:
    """A sum of bytes. Any thread may add to it, also one that interrupted another thread, or itself, while adding.

    Nobody waits: a collected generator may end a span, and so export it, at any allocation (from Python 3.12 on at any
    instruction), and a signal's handler waits for the thread of the processor, which adds as well.

    Attributes:
        total: The sum of what was added.
    """

    def __init__(self) -> None:
        self.total = 0
        self._changes: deque[int] = deque()
        # Tried for and never waited for: see `add`.
        self._summing = threading.Lock()

    def after_fork(self) -> None:
        """In a forked child: nothing is held yet."""
        self.__init__()  # type: ignore[misc]  # it starts anew, whatever a thread of the parent was in the middle of

    def add(self, change: int) -> None:
        """Adds bytes, or takes them off where the number is negative."""
        self._changes.append(change)
        # Whoever holds this lock does the sum of all the others, which do not wait for it. Anything may run inside.
        while self._changes and self._summing.acquire(blocking=False):
            try:
                while self._changes:
                    self.total += self._changes.popleft()
            finally:
                self._summing.release()
