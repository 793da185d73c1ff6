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
        exporters = {
            "an INTERNAL span with two attributes": peers.this_exporter(collector.url),
            "the same, without the compiled renderer": peers.mapping_alone(collector.url),
        }
        actions = {name: peers.exporting(exporter, batches) for name, exporter in exporters.items()}
        timings = interleaved(actions, 15 if quick else 61)
        for exporter in exporters.values():
            exporter.shutdown()
        posts = collector.counters()["posts"]
    a_span = 1e6 / len(spans)
    aims = ("0.2 at most", "")
    rows: list[dict[str, Any]] = [
        {
            "": name,
            "µs (quartiles)": Spread.of(timing.wall).scaled(a_span).as_json(),
            "aimed at": aim,
            "POSTs made": posts,
        }
        for (name, timing), aim in zip(timings.items(), aims, strict=True)
    ]
    return Section("passed_over", "What does a span cost that is passed over?", rows)
