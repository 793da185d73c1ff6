"""What a span costs that is no API call: most spans of most services are."""

from __future__ import annotations

import gc
from typing import Any

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread, interleaved

_CACHES_BYTES = 1 << 27  # more than a processor's caches hold


def measure(*, quick: bool) -> Section:
    spans = workload.internal_spans()
    batches = list(workload.batches(spans))
    rounds = 15 if quick else 61
    with collector_process() as collector:
        rendering, mapping = peers.this_exporter(collector.url), peers.mapping_alone(collector.url)
        timings = interleaved(
            {
                "an INTERNAL span with two attributes": peers.exporting(rendering, batches),
                "the same, without the compiled renderer": peers.exporting(mapping, batches),
            },
            rounds,
        )
        timings |= interleaved(
            {"the same, not in the processor's caches any more": peers.exporting(rendering, batches)},
            rounds,
            prepare=_empty_caches,
        )
        for exporter in (rendering, mapping):
            exporter.shutdown()
        posts = collector.counters()["posts"]
    a_span = 1e6 / len(spans)
    aims = ("0.2 at most", "", "")
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


def _empty_caches() -> None:
    """A service does much between a span's end and its export, 5 s at most."""
    gc.collect()
    bytearray(b"\x01") * _CACHES_BYTES
