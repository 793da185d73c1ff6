"""How long to wait before the next attempt."""

from __future__ import annotations

import math
import random
import time
from datetime import timezone

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
PROBE_SECONDS = 60.0
LONGEST_RETRY_AFTER = 600.0


class Pause:
    """A window that doubles from 0.5 s to 60 s with full jitter, so that many processes do not come back at once."""

    def __init__(self) -> None:
        self.failures = 0
        self._until = -math.inf
        self._asked_for = False

    def remaining(self) -> float:
        """Seconds until the next attempt may be made; 0 where it may be made now."""
        return max(0.0, self._until - time.monotonic())

    def succeeded(self) -> bool:
        """The last attempt was taken; True where the one before was not."""
        recovered = self.failures > 0
        self.failures = 0
        self._until = -math.inf
        return recovered

    def failed(self, retry_after: str | None = None) -> None:
        """The last attempt was not taken; `retry_after` is the header of that name."""
        window = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self.failures, 16))
        asked = retry_after_seconds(retry_after)
        self._asked_for = asked is not None
        self._wait(random.uniform(0, window) if asked is None else asked)  # noqa: S311 - jitter

    def misconfigured(self) -> None:
        """Nothing will be taken until a setting is mended: once a minute is enough to notice."""
        self._asked_for = False
        self._wait(PROBE_SECONDS)

    def cut_short(self, *, for_the_last_time: bool = False) -> None:
        """Somebody waits: try now, unless the collector asked for the pause and there will be another time."""
        if for_the_last_time or not self._asked_for:
            self._until = -math.inf

    def _wait(self, seconds: float) -> None:
        self.failures += 1
        self._until = time.monotonic() + seconds


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
