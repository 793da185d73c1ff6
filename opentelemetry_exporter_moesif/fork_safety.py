"""What a forked child does first: what holds a lock, a thread or a connection of its parent's starts anew."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class ForkAware(Protocol):
    """An object that can start anew in a forked child."""

    def after_fork(self) -> None:
        """Called in the child, before any of its code runs: whoever held a lock in the parent does not exist here."""


_alive: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def start_anew_after_fork(forked: ForkAware) -> None:
    """Has `after_fork` of this object called in each forked child, for as long as the object lives."""
    _alive.add(forked)


_IMPORT_SECONDS = 5.0
_importing = threading.RLock()


@contextmanager
def importing() -> Iterator[None]:
    """Around an import that a thread does late: no fork happens meanwhile.

    A child would inherit the module half loaded, with the lock of an import that no thread of its own will ever end.
    """
    with _importing:
        yield


_held: list[bool] = []


def _before_fork() -> None:
    # With a bound: an import in the forking thread may be what the other one waits for.
    _held.append(_importing.acquire(timeout=_IMPORT_SECONDS))


def _after_fork() -> None:
    if _held.pop():
        _importing.release()


def _after_fork_in_child() -> None:
    _after_fork()

    for forked in list(_alive):
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
