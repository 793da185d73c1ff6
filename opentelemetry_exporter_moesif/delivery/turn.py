"""Whose turn it is to POST: one at a time in a process, and no lock held meanwhile."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Turn:
    """One holder at a time. `changed` is notified whenever somebody who waits may have reason to look again."""

    def __init__(self) -> None:
        # Reentrant: a signal handler may shut down in the thread that it interrupted.
        self.changed = threading.Condition(threading.RLock())
        self.taken = False

    def take_if(self, free: Callable[[], bool]) -> bool:
        """Takes the turn where nobody has it and `free` says so; never waits."""
        with self.changed:
            if self.taken or not free():
                return False
            self.taken = True
            return True

    def give_back(self) -> None:
        """The POST is over."""
        with self.changed:
            self.taken = False
            self.changed.notify_all()
