"""What one call costs to export, beside OTLP, beside Moesif's own client, and beside the floor."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks import peers, workload
from benchmarks.collector_process import CollectorProcess, collector_process
from benchmarks.events import ready_events
from benchmarks.report import Section
from benchmarks.rounds import Spread, Timing, interleaved, ratio

THIS = "this exporter"
OTLP = "OTLP/HTTP protobuf, gzip"
MOESIFAPI = "moesifapi create_events_batch"
FLOOR = "floor: ready events, orjson, gzip 1, POST"


def measure(*, quick: bool) -> Section:
    batches = list(workload.batches(workload.server_spans(workload.SPANS)))
    with collector_process() as collector:
        timings = _rounds(collector, batches, rounds=7 if quick else 31)
    mine = timings[THIS]
    rows = [_row(name, timing, mine) for name, timing in timings.items()]
    return Section("export_cost", "What does one call cost to export?", rows, _notes(timings))


def _rounds(collector: CollectorProcess, batches: list[Any], rounds: int) -> dict[str, Timing]:
    exporters = {THIS: peers.this_exporter(collector.url), OTLP: peers.otlp_exporter(collector.url)}
    events = [orjson.loads(ready_events(batch)) for batch in batches]
    actions = {name: peers.exporting(exporter, batches) for name, exporter in exporters.items()}
    actions[MOESIFAPI] = peers.moesif_client(collector.url, events)
    actions[FLOOR] = peers.posting_ready_events(collector.url, events)
    timings = interleaved(actions, rounds)
    for exporter in exporters.values():
        exporter.shutdown()
    return timings


def _row(name: str, timing: Timing, mine: Timing) -> dict[str, Any]:
    a_call = 1e6 / workload.SPANS
    return {
        "": name,
        "µs a call (quartiles)": Spread.of(timing.wall).scaled(a_call).as_json(),
        "of it processor": round(Spread.of(timing.processor).scaled(a_call).median, 2),
        "times this exporter": ratio(timing.wall, mine.wall).as_json(),
    }


def _notes(timings: dict[str, Timing]) -> list[str]:
    of_floor = ratio(timings[THIS].wall, timings[FLOOR].wall)
    return [f"This exporter takes {of_floor.median:.2f} ({of_floor.low:.2f} to {of_floor.high:.2f}) times the floor."]
