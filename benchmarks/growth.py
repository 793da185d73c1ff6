"""How the cost grows with what there is to do: straight lines, or something is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread, interleaved

BATCH_SIZES = (1, 4, 16, 64, 256, 512, 1_024, 2_048, 3_072, 4_096)
ATTRIBUTES = (5, 10, 20, 40, 64, 96, 128)
BODY_BYTES = (0, 1_000, 10_000, 25_000, 50_000, 75_000, 100_000)
PASSED_OVER_SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)


def measure(*, quick: bool) -> Section:
    rounds = 5 if quick else 21
    curves = {
        "spans a batch → ms a batch": _curve(BATCH_SIZES, _batch_of, rounds, per_span=False),
        "attributes a span → µs a span": _curve(ATTRIBUTES, _with_attributes, rounds),
        "body, kB → µs a span": _curve(BODY_BYTES, _with_body, rounds, scale=1e-3),
        "body with a secret, kB → µs a span": _curve(BODY_BYTES, _with_secret_body, rounds, scale=1e-3),
        "share passed over → µs a span": _curve(PASSED_OVER_SHARES, _mixed, rounds),
    }
    rows = [_row(name, points) for name, points in curves.items()]
    return Section("growth", "How does the cost grow?", rows, curves=curves)


def _curve(
    values: Sequence[float],
    batch_of: Callable[[Any], list[ReadableSpan]],
    rounds: int,
    *,
    per_span: bool = True,
    scale: float = 1,
) -> list[tuple[float, float]]:
    batches = {str(value): batch_of(value) for value in values}
    with collector_process() as collector:
        exporter = peers.this_exporter(collector.url)
        actions = {name: peers.exporting(exporter, [batch]) for name, batch in batches.items()}
        timings = interleaved(actions, rounds)
        exporter.shutdown()
    factors = {name: 1e6 / len(batch) if per_span else 1e3 for name, batch in batches.items()}
    return [(value * scale, Spread.of(timings[str(value)].wall).median * factors[str(value)]) for value in values]


def _batch_of(size: int) -> list[ReadableSpan]:
    return workload.server_spans(size)


def _with_attributes(count: int) -> list[ReadableSpan]:
    return workload.server_spans(workload.BATCH, attributes=count)


def _with_body(size: int) -> list[ReadableSpan]:
    return workload.server_spans(64, body_bytes=size)


def _with_secret_body(size: int) -> list[ReadableSpan]:
    return workload.server_spans(64, body_bytes=size, secret=True)


def _mixed(share: float) -> list[ReadableSpan]:
    passed_over = round(workload.BATCH * share)
    spans = workload.internal_spans(passed_over) + workload.server_spans(workload.BATCH - passed_over)
    random.Random(7).shuffle(spans)
    return spans


def _row(name: str, points: list[tuple[float, float]]) -> dict[str, Any]:
    """The straight line through the points, and how far the worst point is from it."""
    count = len(points)
    mean_x, mean_y = (sum(point[axis] for point in points) / count for axis in (0, 1))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    start = mean_y - slope * mean_x
    highest = max(y for _, y in points)
    off = max(abs(start + slope * x - y) for x, y in points) / highest
    return {"": name, "at the start": points[0][1], "at the end": points[-1][1], "furthest from a line": f"{off:.0%}"}
