"""Figures of many calls: percentiles and distributions of durations, shares, and the span of time of a chart."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .filters import Filter

LATENCY_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Milliseconds."""
_MAX_BUCKETS = 60
_DAY = 86_400
_BUCKET_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, _DAY)
_LEAST_SHOWN = 60_000  # milliseconds: a single call stands in the middle of a minute


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of durations in milliseconds, None where none is known."""

    p50: float | None
    p95: float | None
    p99: float | None


def latency_of(durations: str | None) -> Latency:
    """Percentiles by nearest rank, of what SQLite's group_concat joined: a tenth of the time of as many rows."""
    ordered = sorted(map(float, durations.split(","))) if durations else []
    if not ordered:
        return Latency(None, None, None)
    return Latency(*(ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 95, 99)))


def distribution_of(durations: str | None) -> tuple[int, ...]:
    """How many of them took less than each of LATENCY_STEPS, and how many longer than all."""
    counts = [0] * (len(LATENCY_STEPS) + 1)
    for duration in durations.split(",") if durations else ():
        counts[bisect_right(LATENCY_STEPS, float(duration))] += 1
    return tuple(counts)


def share(part: float, whole: float) -> float:
    """A part of a whole from 0 to 1, 0 of nothing."""
    return part / whole if whole else 0.0


def shown_span(shown: Filter, first: int, last: int) -> tuple[int, int]:
    """The span of time of a chart in milliseconds: the chosen one, else that of the calls and a minute at least."""
    missing = max(0, _LEAST_SHOWN - (last - first)) // 2
    start = first - missing if shown.since is None else shown.since
    end = last + missing if shown.until is None else shown.until - 1
    return start, max(start, end)


def bucket_width(milliseconds: int) -> int:
    """The width of a bucket in seconds that shows a span of time in sixty of them at most."""
    least = milliseconds / 1_000 / _MAX_BUCKETS
    fitting = next((width for width in _BUCKET_SECONDS if width >= least), None)
    return fitting or (int(least) // _DAY + 1) * _DAY
