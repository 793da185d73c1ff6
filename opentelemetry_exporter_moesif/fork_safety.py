"""What a forked child does first: what holds a lock, a thread or a connection of its parent's starts anew."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class ForkAware(Protocol):
    """An object that can start anew in a forked child."""

    def after_fork(self) -> None:
        """Called in the child, before any of its code runs: whoever held a lock in the parent does not exist here."""


_alive: weakref.WeakSet[ForkAware] = weakref.WeakSet()
_only_at_once: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def start_anew_after_fork(forked: ForkAware, *, only_at_once: bool = False) -> None:
    """Has `after_fork` of this object called in each forked child, for as long as the object lives.

    Args:
        forked: The object.
        only_at_once: Not where the fork is noticed at the child's first export: the object holds by then what the
            child's own calls left.
    """
    _alive.add(forked)
    if only_at_once:
        _only_at_once.add(forked)


_IMPORT_SECONDS = 5.0
# Whatever an import runs happens inside: code of the imported module, and of hooks on its import. It is re-entrant, and
# a fork waits for it for a bounded time only. Nothing else of ours is done while it is held.
_importing = threading.RLock()


@contextmanager
def importing() -> Iterator[None]:
    """Around an import that a thread does late: no fork happens meanwhile.

    A child would inherit the module half loaded, with the lock of an import that no thread of its own will ever end.
    """
    with _importing:
        yield


# By the forking thread: whether it holds the lock.
_held: dict[int, bool] = {}
_process = [os.getpid()]


def is_unnoticed() -> bool:
    """Whether this is a forked child that nobody told Python of, and that has exported nothing yet."""
    return os.getpid() != _process[0]


def notice_fork() -> None:
    """Starts anew where this is a forked child that nobody told Python of, as uWSGI's workers are."""
    if is_unnoticed():
        _start_anew([forked for forked in _alive if forked not in _only_at_once])


def _before_fork() -> None:
    # With a bound: an import in the forking thread may be what the other one waits for.
    _held[get_ident()] = _importing.acquire(timeout=_IMPORT_SECONDS)


def _after_fork_in_parent() -> None:
    if _held.pop(get_ident(), False):
        _importing.release()


def _after_fork_in_child() -> None:
    _start_anew(list(_alive))


def _start_anew(forked_objects: list[ForkAware]) -> None:
    global _importing  # noqa: PLW0603 - an import may be under way in the parent for ever
    # First, so that no second thread of the child does this again. Who held the lock may not exist here.
    _process[0] = os.getpid()
    _importing = threading.RLock()
    _held.clear()
    for forked in forked_objects:
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
