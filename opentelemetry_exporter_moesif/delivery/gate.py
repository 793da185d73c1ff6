"""May a POST start now? One at a time in a process, none in a pause, and none any more after the end.

There is no lock in here that anybody waits for. Garbage may be collected at any instruction, and end a span that is
exported in this very thread; a signal handler may shut down there, or wait for another thread that does. So the turn is
only ever *tried* for, every other field is set in one step, and a wake-up is an item put into a queue of the C library,
which may be interrupted by itself.
"""

from __future__ import annotations

import math
import queue
import random
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timezone
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
PROBE_SECONDS = 60.0
LONGEST_RETRY_AFTER = 600.0
_MOST_DOUBLINGS = 16


class State(Enum):
    """The life of a sender."""

    OPEN = "open"
    CLOSING = "closing"
    """Only the thread that shuts down may POST."""
    CLOSED = "closed"


class Gate:
    """Whose turn it is to POST, and when.

    The pause is a window that doubles from 0.5 s to 60 s with full jitter, so that many processes do not come back at
    once.

    Attributes:
        state: Whether it is open, closing or closed.
        failures: How many attempts in a row were not taken.
        entries: How often a turn has begun.
    """

    def __init__(self) -> None:
        self.state = State.OPEN
        self.failures = 0
        self.entries = 0
        # Both are tried for and never waited for: whatever runs while they are held, nobody is held up by it.
        self._turn = threading.Lock()
        self._end = threading.Lock()
        self._pause_ends = -math.inf
        self._asked_for = False
        self._waiting: set[queue.SimpleQueue[None]] = set()

    # The turn

    @property
    def busy(self) -> bool:
        """Whether a POST is under way, or about to be."""
        return self._turn.locked()

    def try_enter(self, *, closing: bool = False) -> bool:
        """Takes the turn where nobody has it, and where there is none but to end the work.

        Args:
            closing: This is the thread that shuts down.
        """
        if not self._turn.acquire(blocking=False):
            return False
        self.entries += 1
        if self.state is State.OPEN or (closing and self.state is State.CLOSING):
            return True
        self.leave()
        return False

    def leave(self) -> None:
        """Gives the turn back."""
        self._turn.release()
        self.ring()

    def begin_to_close(self) -> bool:
        """Lets nobody in any more but who closes; False where another thread does so already."""
        if not self._end.acquire(blocking=False):
            return False
        self.state = State.CLOSING
        self.ring()
        return True

    def close(self) -> None:
        """Closes it for good: nothing is sent any more."""
        self.state = State.CLOSED
        self._end.acquire(blocking=False)
        self.ring()

    # Waiting

    @contextmanager
    def listening(self) -> Iterator[Bell]:
        """A bell that rings whenever whoever waits may have reason to look again, from now on."""
        rung: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._waiting.add(rung)
        try:
            yield Bell(rung)
        finally:
            self._waiting.discard(rung)

    def ring(self, *, by: Bell | None = None) -> None:
        """Wakes all who wait; not whoever rings, if `by` is what that one waits at."""
        for rung in tuple(self._waiting):
            if by is None or not by.is_rung_by(rung):
                rung.put(None)

    # The pause

    @property
    def pause(self) -> float:
        """Seconds until the next attempt may be made; 0 where it may be made now."""
        return max(0.0, self._pause_ends - time.monotonic())

    def taken(self) -> None:
        """Notes that the last attempt was taken."""
        self.failures = 0
        self._pause_ends = -math.inf

    def failed(self, retry_after: str | None = None) -> None:
        """Notes that the last attempt was not taken; `retry_after` is the header of that name."""
        window = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self.failures, _MOST_DOUBLINGS))
        asked = retry_after_seconds(retry_after)
        self._asked_for = asked is not None
        self._wait(random.uniform(0, window) if asked is None else asked)  # noqa: S311 - jitter

    def misconfigured(self) -> None:
        """Notes that nothing will be taken until a setting is fixed: once a minute is enough to see it."""
        self._asked_for = False
        self._wait(PROBE_SECONDS)

    def hurry(self, *, for_the_last_time: bool = False) -> None:
        """Ends the pause, since somebody waits, unless the collector asked for it and there will be another time."""
        if for_the_last_time or not self._asked_for:
            self._pause_ends = -math.inf
        self.ring()

    def _wait(self, seconds: float) -> None:
        self.failures += 1
        self._pause_ends = time.monotonic() + seconds


class Bell:
    """What a thread waits at."""

    def __init__(self, rung: queue.SimpleQueue[None]) -> None:
        self._rung = rung

    def is_rung_by(self, rung: queue.SimpleQueue[None]) -> bool:
        """Whether it is this bell that `rung` rings."""
        return rung is self._rung

    def wait(self, seconds: float | None) -> None:
        """Waits until the bell rings, or has rung since the last wait, or the time is up (None: it never is)."""
        with suppress(queue.Empty):
            self._rung.get(timeout=None if seconds is None else min(max(seconds, 0.0), threading.TIMEOUT_MAX))
            while True:
                self._rung.get_nowait()


def retry_after_seconds(value: str | None) -> float | None:
    """`Retry-After` (RFC 9110, 10.2.3) as seconds from now: 0 to 600; None where it is missing or means nothing."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value)
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if math.isfinite(seconds) else None


def _until(date: str) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 3 ms, which few processes ever need

    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp() - time.time()
