"""Times as Moesif takes them: ISO 8601 in UTC, milliseconds, ``Z``."""

from __future__ import annotations

from datetime import datetime, timezone

from opentelemetry_exporter_moesif.remembered import Remembered

_NANOSECONDS_IN_A_MILLISECOND = 1_000_000
_MILLISECONDS = tuple(f".{millisecond:03d}Z" for millisecond in range(1000))


class _Seconds(Remembered[int, str]):
    """Times to the second, as text: calls come many a second."""

    def find(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


_seconds = _Seconds()


def iso_time(nanoseconds: int) -> str:
    """The time of a span, which is in nanoseconds since the epoch; what is below a millisecond is cut off.

    Raises:
        ValueError: It is beyond the years 1 to 9999.
    """
    milliseconds = nanoseconds // _NANOSECONDS_IN_A_MILLISECOND
    return _seconds[milliseconds // 1000] + _MILLISECONDS[milliseconds % 1000]
