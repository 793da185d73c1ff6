"""What a span costs that is no API call: most spans of most services are."""

from __future__ import annotations

from typing import Any

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread, interleaved


def measure(*, quick: bool) -> Section:
    spans = workload.internal_spans()
    batches = list(workload.batches(spans))
    with collector_process() as collector:
        exporter = peers.this_exporter(collector.url)
        timing = interleaved({"passed over": peers.exporting(exporter, batches)}, 15 if quick else 61)["passed over"]
        exporter.shutdown()
        posts = collector.counters()["posts"]
    a_span = 1e6 / len(spans)
    row: dict[str, Any] = {
        "": "an INTERNAL span with two attributes",
        "µs (quartiles)": Spread.of(timing.wall).scaled(a_span).as_json(),
        "POSTs made": posts,
    }
    return Section("passed_over", "What does a span cost that is passed over?", [row])
