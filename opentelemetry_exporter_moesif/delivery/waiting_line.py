"""What waits, in the order in which it leaves, and how it fared: payloads in memory, or the names of files.

Nothing that an export does here (`add`, `drop_beyond`, `run`, `replace`) waits for a lock: garbage collection may end a
span in the middle of one and export it, which adds again in the same thread. What comes while the line is being worked
on is taken in by whoever works on it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_LOCK_SECONDS, _NOT_AT_ALL = 0.5, 0.0


@dataclass(slots=True)
class Trouble:
    """What became of a payload so far that was tried and not taken, though not refused either.

    Attributes:
        since: Monotonic seconds of the first failure.
        passed: How many payloads the collector had taken when this one failed last.
        tries: How often it failed alone while others were taken.
        not_before: Monotonic seconds of its next try.
        suspected: Whether others were taken while it failed.
    """

    since: float
    passed: int
    tries: int = 0
    not_before: float = 0.0
    suspected: bool = False


class Tried:
    """What waits and may have been tried: a payload, or the file of one."""

    __slots__ = ()

    trouble: Trouble | None
    apart: bool

    @property
    def kin(self) -> int | None:
        """What is equal for payloads that may be joined: that they failed in the same outage, or never failed.

        None for one that is to stay alone, since it is under suspicion or a part of what was refused. One that fails by
        itself would otherwise take others with it again and again.
        """
        if self.apart:
            return None
        trouble = self.trouble
        if trouble is None:
            return -1
        return None if trouble.not_before else trouble.passed

    @property
    def not_before(self) -> float:
        """Monotonic seconds from which on it may be sent."""
        return self.trouble.not_before if self.trouble else 0.0


class Item(Protocol):
    """What can wait."""

    count: int
    """The events in it."""

    @property
    def size(self) -> int:
        """What it adds to whatever it is joined with."""

    @property
    def weight(self) -> int:
        """Bytes that it occupies while it waits."""

    @property
    def kin(self) -> int | None:
        """What is equal for items that may be joined; None where it is to stay alone."""

    @property
    def not_before(self) -> float:
        """Monotonic seconds from which on it may leave."""


T = TypeVar("T", bound=Item)


class WaitingLine(Generic[T]):
    """Items, oldest first.

    Attributes:
        weight: Bytes that all of them occupy.
    """

    def __init__(self) -> None:
        # While it is held, only the statements of this module run, and what the interpreter puts between any two:
        # garbage collection with the finalizers of others, and signal handlers. Both may add to the line, which tries
        # for the lock and never waits. Nobody waits longer than half a second: a handler that waits for a thread of
        # this exporter has stopped the holder for as long. Each step below leaves an item in the line until it is
        # elsewhere, so that one that goes on without the lock finds it twice at worst.
        self._lock = threading.Lock()
        self._arrived: deque[T] = deque()
        self._items: deque[T] = deque()
        self._aside: list[T] = []
        self.weight = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._items) + len(self._arrived) + len(self._aside)

    def __iter__(self) -> Iterator[T]:
        """All of them, as they are at this moment."""
        with self._held():
            return iter((*self._items, *self._aside))

    @property
    def in_the_way(self) -> bool:
        """Whether anything but what was set aside waits."""
        return bool(self._items or self._arrived)

    def due(self) -> float | None:
        """Seconds until something may leave, None where nothing waits."""
        if self.in_the_way:
            return 0.0
        first = min((item.not_before for item in tuple(self._aside)), default=None)
        return None if first is None else max(0.0, first - time.monotonic())

    def add(self, item: T) -> None:
        """Puts an item behind all others."""
        self._arrived.append(item)
        while self._arrived and self._lock.acquire(blocking=False):
            try:
                self._take_in()
            finally:
                self._lock.release()

    def put_back(self, first: Iterable[T], last: Iterable[T]) -> None:
        """Puts items before all others, in their order, and behind them."""
        with self._held():
            for item in reversed(tuple(first)):
                self._insert(item, self._items.appendleft)
            for item in last:
                self._insert(item, self._items.append)

    def take(self, room: int) -> list[T]:
        """The item that leaves next, and as many of those behind it as may be joined with it within `room`."""
        with self._held():
            now = time.monotonic()
            due = next((item for item in self._aside if item.not_before <= now), None)
            if due is not None:
                self._aside.remove(due)
                self.weight -= due.weight
                return [due]
            if not self._items:
                return []
            taken = [self._leave()]
            room -= taken[0].size
            while self._items and _are_kin(taken[0], self._items[0]) and self._items[0].size <= room:
                taken.append(self._leave())
                room -= taken[-1].size
            return taken

    def drop_beyond(self, most: int) -> list[T]:
        """Takes out the oldest items while all occupy more than `most` bytes."""
        dropped = []
        if self.weight > most:
            with self._held(_NOT_AT_ALL) as held:
                while held and self.weight > most and self._items:
                    dropped.append(self._leave())
                while held and self.weight > most and self._aside:
                    item = self._aside.pop(0)
                    self.weight -= item.weight
                    dropped.append(item)
        return dropped

    def run(self, least: int, room: int) -> list[T]:
        """The newest neighbours that may be joined within `room`; none where they are fewer than `least`."""
        neighbours: list[T] = []
        with self._held(_NOT_AT_ALL) as held:
            for item in reversed(self._items) if held else ():
                if not _are_kin(item, self._items[-1]) or item.size > room:
                    break
                room -= item.size
                neighbours.append(item)
        return neighbours[::-1] if len(neighbours) >= least else []

    def replace(self, run: Sequence[T], by: T) -> bool:
        """Puts one item into the place of these neighbours; False where one of them has left meanwhile."""
        with self._held(_NOT_AT_ALL) as held:
            if not held or run[0] not in self._items:
                return False
            position = self._items.index(run[0])
            items = list(self._items)
            if items[position : position + len(run)] != list(run):
                return False
            self._items = deque([*items[:position], by, *items[position + len(run) :]])
            self.weight += by.weight - sum(item.weight for item in run)
            return True

    def update(self, new: Iterable[T], keep: Callable[[T], bool], age: Callable[[T], str]) -> None:
        """Puts further items to their place by age, and forgets those which are not to be kept."""
        with self._held():
            kept = [item for item in self._items if keep(item)]
            self._aside = [item for item in self._aside if keep(item)]
            self._items = deque(sorted((*kept, *new), key=age))
            self.weight = sum(item.weight for item in (*self._items, *self._aside))

    def clear(self) -> list[T]:
        """Takes everything out."""
        with self._held():
            items, self._items = self._items, deque()
            aside, self._aside = self._aside, []
            self.weight = 0
            return [*items, *aside]

    def _leave(self) -> T:
        item = self._items.popleft()
        self.weight -= item.weight
        return item

    def _insert(self, item: T, into: Callable[[T], None]) -> None:
        (self._aside.append if item.not_before > time.monotonic() else into)(item)
        self.weight += item.weight

    def _take_in(self) -> None:
        while self._arrived:
            self._insert(self._arrived[0], self._items.append)
            self._arrived.popleft()

    @contextmanager
    def _held(self, seconds: float = _LOCK_SECONDS) -> Iterator[bool]:
        held = self._lock.acquire(timeout=seconds)
        try:
            if held or seconds:
                self._take_in()
            yield held
        finally:
            if held:
                self._lock.release()


def _are_kin(one: Item, other: Item) -> bool:
    return one.kin is not None and one.kin == other.kin
