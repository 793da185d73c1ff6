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
ZLIB = "this exporter, zlib instead of isal"
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
    mine, otlp = peers.this_exporter(collector.url), peers.otlp_exporter(collector.url)
    events = [orjson.loads(ready_events(batch)) for batch in batches]
    export = peers.exporting(mine, batches)
    actions = {
        THIS: export,
        ZLIB: lambda: peers.with_zlib(export),
        OTLP: peers.exporting(otlp, batches),
        MOESIFAPI: peers.moesif_client(collector.url, events),
        FLOOR: peers.posting_ready_events(collector.url, events),
    }
    timings = interleaved(actions, rounds)
    mine.shutdown()
    otlp.shutdown()
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
    notes = []
    for name in (THIS, ZLIB):
        otlp, moesifapi = (ratio(timings[peer].wall, timings[name].wall) for peer in (OTLP, MOESIFAPI))
        floor = ratio(timings[name].wall, timings[FLOOR].wall)
        notes.append(
            f"{name}: OTLP takes {_shown(otlp)} times as long, moesifapi {_shown(moesifapi)};"
            f" it takes {_shown(floor)} times the floor."
        )
    return notes


def _shown(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f})"
