"""Times as Moesif takes them: ISO 8601 in UTC, milliseconds, ``Z``."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache

_NANOSECONDS_IN_A_MILLISECOND = 1_000_000
_MILLISECONDS = tuple(f".{millisecond:03d}Z" for millisecond in range(1000))


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


def iso_time(nanoseconds: int) -> str:
    """The time of a span, which is in nanoseconds since the epoch; what is below a millisecond is cut off.

    Raises:
        ValueError: It is beyond the years 1 to 9999.
    """
    seconds, milliseconds = divmod(nanoseconds // _NANOSECONDS_IN_A_MILLISECOND, 1000)
    return _second(seconds) + _MILLISECONDS[milliseconds]
