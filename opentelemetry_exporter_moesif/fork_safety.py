"""What a forked child does first: what holds a lock, a thread or a connection of its parent's starts anew."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class ForkAware(Protocol):
    """An object that can start anew in a forked child."""

    def after_fork(self) -> None:
        """Called in the child, before any of its code runs: whoever held a lock in the parent does not exist here."""


_alive: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def start_anew_after_fork(forked: ForkAware) -> None:
    """Has `after_fork` of this object called in each forked child, for as long as the object lives."""
    _alive.add(forked)


def _after_fork_in_child() -> None:
    for forked in list(_alive):
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
