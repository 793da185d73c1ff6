"""What waits for the collector, in memory and bounded by bytes; `spool` keeps the same in files."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry_exporter_moesif.delivery.batching import Batcher, Payload

_OBJECT_BYTES = 200
"""What Python needs for a waiting payload beside its bytes: many small ones count with it."""


@dataclass(frozen=True)
class Claim:
    """A payload taken out to be sent.

    Attributes:
        payload: what to send.
        settle: call it with what is left to send first (in order), and what is left to send after everything else.
        renew: call it before each POST.
        stays: whether other processes find it should this one end meanwhile.
    """

    payload: Payload
    settle: Callable[[Sequence[Payload], Sequence[Payload]], None] = field(repr=False)
    renew: Callable[[], None] = field(repr=False, default=lambda: None)
    stays: bool = False


class Backlog(Protocol):
    """Where payloads wait. The oldest leaves first."""

    lasting: bool
    """Whether what waits survives the process."""

    def put(self, payload: Payload) -> None:
        """Takes a payload in, after all others."""

    def take(self) -> Claim | None:
        """The oldest payload, or None where there is nothing to take just now."""

    def due(self) -> float | None:
        """Seconds until something can be taken, None where nothing waits at all."""

    def close(self) -> tuple[int, int]:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Gives up what only this process has: the number of events that stay for others, and of those lost."""

    def after_fork(self) -> None:
        """In a forked child: the parent keeps what it had."""


class MemoryBacklog:
    """Waits in memory.

    Args:
        max_bytes: the most compressed bytes held; the oldest payloads make room.
        batcher: joins small payloads when they are taken (a SimpleSpanProcessor exports one event at a time).
        lost: told how many events were dropped, and why.
    """

    lasting = False

    def __init__(self, max_bytes: int, batcher: Batcher, lost: Callable[[int, str], None]) -> None:
        self._max_bytes = max_bytes
        self._batcher = batcher
        self._lost = lost
        self.after_fork()

    def put(self, payload: Payload) -> None:
        """Takes a payload in, after all others; the oldest are dropped where there is no room."""
        self._insert((payload,), at_front=False)

    def take(self) -> Claim | None:
        """The oldest payload, small ones joined to one."""
        with self._lock:
            if not self._waiting:
                return None
            taken = [self._pop()]
            room = self._batcher.merge_bytes - taken[0].size
            while self._waiting and _joinable(taken[0], self._waiting[0]) and self._waiting[0].size <= room:
                taken.append(self._pop())
                room -= taken[-1].size
        return Claim(self._batcher.merged(taken), self._settle)

    def due(self) -> float | None:
        """0 where something waits."""
        return 0.0 if self._waiting else None

    def close(self) -> tuple[int, int]:
        """Gives everything up."""
        with self._lock:
            lost = sum(payload.count for payload in self._waiting)
            self._waiting.clear()
            self._bytes = 0
        return 0, lost

    def after_fork(self) -> None:
        """In a forked child: empty; the parent still owns what it held."""
        self._lock = threading.RLock()
        self._waiting: deque[Payload] = deque()
        self._bytes = 0

    def _settle(self, first: Sequence[Payload], last: Sequence[Payload]) -> None:
        self._insert(tuple(reversed(first)), at_front=True)
        self._insert(last, at_front=False)

    def _insert(self, payloads: Iterable[Payload], *, at_front: bool) -> None:
        dropped = 0
        with self._lock:
            for payload in payloads:
                small = payload.as_gzip()
                (self._waiting.appendleft if at_front else self._waiting.append)(small)
                self._bytes += _size(small)
            while self._bytes > self._max_bytes and self._waiting:
                dropped += self._pop().count
        self._lost(dropped, "backlog_full")

    def _pop(self) -> Payload:
        payload = self._waiting.popleft()
        self._bytes -= _size(payload)
        return payload


def _joinable(one: Payload, other: Payload) -> bool:
    """What was taken apart stays so: joined again, it would only be refused again."""
    return not (one.apart or other.apart)


def _size(payload: Payload) -> int:
    return len(payload.body) + _OBJECT_BYTES
