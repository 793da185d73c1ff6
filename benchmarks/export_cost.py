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
MAPPED = "this exporter, without the compiled renderer"
ZLIB = "this exporter, zlib instead of isal"
OTLP = "OTLP/HTTP protobuf, gzip"
MOESIFAPI = "moesifapi create_events_batch"
FLOOR = "floor: ready events, orjson, gzip 1, POST"
BARE_FLOOR = "bare floor: the same, without the environment's proxies"


def measure(*, quick: bool) -> Section:
    batches = list(workload.batches(workload.server_spans(workload.SPANS)))
    with collector_process() as collector:
        timings = _rounds(collector, batches, rounds=7 if quick else 31)
    mine = timings[THIS]
    rows = [_row(name, timing, mine) for name, timing in timings.items()]
    ratios = [_ratios(name, timings) for name in (THIS, MAPPED, ZLIB)]
    return Section(
        "export_cost",
        "What does one call cost to export?",
        rows,
        more={"ratios": ratios, "export_aims": _aims(timings)},
    )


def _rounds(collector: CollectorProcess, batches: list[Any], rounds: int) -> dict[str, Timing]:
    mine, otlp = peers.this_exporter(collector.url), peers.otlp_exporter(collector.url)
    mapped = peers.mapping_alone(collector.url)
    events = [orjson.loads(ready_events(batch)) for batch in batches]
    export = peers.exporting_to_new_clients(mine, batches)
    actions = {
        THIS: export,
        MAPPED: peers.exporting_to_new_clients(mapped, batches),
        ZLIB: lambda: peers.with_zlib(export),
        OTLP: peers.exporting(otlp, batches),
        MOESIFAPI: peers.moesif_client(collector.url, events),
        FLOOR: peers.posting_ready_events(collector.url, events),
        BARE_FLOOR: peers.posting_ready_events(collector.url, events, trust_env=False),
    }
    timings = interleaved(actions, rounds)
    mine.shutdown()
    mapped.shutdown()
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


def _ratios(name: str, timings: dict[str, Timing]) -> dict[str, Any]:
    mine = timings[name].wall
    return {
        "": name,
        "OTLP takes … times as long": ratio(timings[OTLP].wall, mine).as_json(),
        "moesifapi takes … times as long": ratio(timings[MOESIFAPI].wall, mine).as_json(),
        "it takes … times the floor": ratio(mine, timings[FLOOR].wall).as_json(),
        "… the bare floor": ratio(mine, timings[BARE_FLOOR].wall).as_json(),
    }


def _aims(timings: dict[str, Timing]) -> list[dict[str, Any]]:
    mine = timings[THIS].wall
    found = {
        "OTLP takes … times as long": (ratio(timings[OTLP].wall, mine), "18 at least"),
        "moesifapi takes … times as long": (ratio(timings[MOESIFAPI].wall, mine), "7 at least"),
        "this exporter takes … times the floor": (ratio(mine, timings[FLOOR].wall), "1.1 at most"),
    }
    return [{"": name, "measured": spread.as_json(), "aimed at": aim} for name, (spread, aim) in found.items()]
