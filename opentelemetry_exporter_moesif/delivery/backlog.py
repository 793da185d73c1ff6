"""What waits for the collector, in memory and bounded by bytes; `spool.backlog` keeps the same in files."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from opentelemetry_exporter_moesif.delivery.payload import joined
from opentelemetry_exporter_moesif.delivery.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry

MANY = 64
"""As many small ones as are worth joining while they wait: a SimpleSpanProcessor exports one event at a time."""


@dataclass(frozen=True)
class Claim:
    """A payload taken out to be sent. Whoever has it renews it before each POST, and settles it at last.

    Attributes:
        payload: What to send.
        settle: Called with what is left to send first (in order), and what is left to send after everything else.
        renew: Called before each POST.
        stays: Whether other processes find it should this one end meanwhile.
    """

    payload: Payload
    settle: Callable[[Sequence[Payload], Sequence[Payload]], None] = field(repr=False)
    renew: Callable[[], None] = field(repr=False, default=lambda: None)
    stays: bool = False


class Backlog(Protocol):
    """Where payloads wait. The oldest leaves first. It counts what it drops, hands over and takes over."""

    @property
    def lasting(self) -> bool:
        """Whether what waits survives the process."""

    @property
    def in_the_way(self) -> bool:
        """Whether something waits that is to leave before anything new."""

    @property
    def unseen(self) -> bool:
        """Whether something may wait that only a `look` can tell."""

    @property
    def looked_through(self) -> bool:
        """Whether another thread is having a `look`, after which more may wait than is known now."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits at all, as far as the last `look` tells."""

    @property
    def unreadable(self) -> bool:
        """Whether it cannot be told what waits."""

    def due(self) -> float | None:
        """Seconds until something may be taken, None where nothing waits."""

    def put(self, payload: Payload) -> None:
        """Takes a payload in, after all others. Never waits for another thread."""

    def reserve(self, payload: Payload) -> Claim:
        """The claim of a payload that is sent at once, without waiting."""

    def take(self) -> Claim | None:
        """What leaves next, or None where there is nothing to take just now."""

    def look(self) -> None:
        """Sees to what waits: what other processes left, what can be joined. It takes its time; never raises."""

    def look_again(self) -> None:
        """Makes the next `look` due now."""

    def close(self) -> int:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Counts what only this process has as lost, and returns the number of events that stay for others."""

    def after_fork(self) -> None:
        """In a forked child: the parent keeps what it had."""


class MemoryBacklog:
    """Waits in memory.

    Args:
        max_bytes: The most compressed bytes held; the oldest payloads make room.
        batcher: Says how much is worth joining.
        telemetry: Told what was dropped.
    """

    lasting = False
    unseen = False
    looked_through = False
    unreadable = False

    def __init__(self, max_bytes: int, batcher: Batcher, telemetry: Telemetry) -> None:
        self._max_bytes = max_bytes
        self._room = batcher.merge_bytes
        self._telemetry = telemetry
        self.after_fork()

    def after_fork(self) -> None:
        """In a forked child: empty; the parent still owns what it held."""
        self._line: WaitingLine[Payload] = WaitingLine()
        self._join_at = MANY

    @property
    def in_the_way(self) -> bool:
        """See `Backlog`."""
        return self._line.in_the_way

    @property
    def is_empty(self) -> bool:
        """See `Backlog`."""
        return not len(self._line)

    def due(self) -> float | None:
        """See `Backlog`."""
        return self._line.due()

    def put(self, payload: Payload) -> None:
        """Takes a payload in, after all others; the oldest are dropped where there is no room."""
        _pack(payload)
        self._line.add(payload)
        if len(self._line) > self._join_at:
            self._join()
        self._bound()

    def reserve(self, payload: Payload) -> Claim:
        """See `Backlog`."""
        return Claim(payload, self._settle)

    def take(self) -> Claim | None:
        """The oldest payload, small ones joined to one."""
        taken = self._line.take(self._room)
        if not taken:
            return None
        try:
            return Claim(joined(taken), self._settle)
        except BaseException:
            self._line.put_back(taken, ())
            raise

    def look(self) -> None:
        """See `Backlog`: there is nobody else's here."""

    def look_again(self) -> None:
        """See `Backlog`."""

    def close(self) -> int:
        """Counts everything as lost."""
        self._telemetry.lost(sum(payload.count for payload in self._line.clear()), "shutdown")
        return 0

    def _settle(self, first: Sequence[Payload], last: Sequence[Payload]) -> None:
        for payload in (*first, *last):
            _pack(payload)
        self._line.put_back(first, last)
        self._bound()

    def _bound(self) -> None:
        dropped = self._line.drop_beyond(self._max_bytes)
        self._telemetry.lost(sum(payload.count for payload in dropped), "backlog_full")

    def _join(self) -> None:
        run = self._line.run(MANY // 2, self._room)
        if run:
            with suppress(MemoryError):
                whole = joined(run)
                whole.packed()
                self._line.replace(run, whole)
        self._join_at = len(self._line) + MANY


def _pack(payload: Payload) -> None:
    with suppress(MemoryError):  # then it waits as it is
        payload.packed()
