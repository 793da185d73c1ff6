"""How many bytes a call takes on the wire."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.events import ready_events
from benchmarks.report import Section
from opentelemetry_exporter_moesif.delivery.compression import gzip

# What the API had when it was first published; and what makes the event one of this span.
_FIRST = ("request", "response", "user_id", "transaction_id")
_BARE = (*_FIRST, "trace_id", "span")


def measure(*, quick: bool) -> Section:
    calls = 2 * workload.BATCH if quick else workload.SPANS
    rows = [
        *_rows("", list(workload.batches(workload.server_spans(calls))), calls),
        *_rows(", clients alike", list(workload.batches(workload.server_spans(calls, alike=True))), calls),
    ]
    return Section("wire", "How many bytes does a call take on the wire?", rows)


def _rows(suffix: str, batches: list[Any], calls: int) -> list[dict[str, Any]]:
    payloads = [ready_events(batch) for batch in batches]
    rows = [
        _row("this exporter", calls, *_sent(peers.this_exporter, batches)),
        _row(
            "this exporter, zlib instead of isal", calls, *peers.with_zlib(lambda: _sent(peers.this_exporter, batches))
        ),
        _row("of it without metadata, action, direction", calls, *_compressed(payloads, _BARE)),
        _row("of it request, response, user, transaction id alone", calls, *_compressed(payloads, _FIRST)),
        _row("OTLP/HTTP protobuf, gzip", calls, *_sent(peers.otlp_exporter, batches)),
        _row("this exporter, not compressed", calls, sum(map(len, payloads)), 0),
    ]
    return [{**row, "": row[""] + suffix} for row in rows]


def _sent(make_exporter: Any, batches: list[Any]) -> tuple[int, int]:
    with collector_process() as collector:
        exporter = make_exporter(collector.url)
        peers.exporting(exporter, batches)()
        counters = collector.counters()
        exporter.shutdown()
    return counters["body_bytes"], counters["head_bytes"]


def _compressed(payloads: list[bytes], fields: tuple[str, ...]) -> tuple[int, int]:
    """The bytes of events that have these fields only."""
    reduced = (
        [{name: event[name] for name in event if name in fields} for event in orjson.loads(payload)]
        for payload in payloads
    )
    return sum(len(gzip(b",\n".join(map(orjson.dumps, events)))) for events in reduced), 0


def _row(name: str, calls: int, body_bytes: int, head_bytes: int) -> dict[str, Any]:
    return {"": name, "bytes a call": round(body_bytes / calls, 1), "and HTTP's head": round(head_bytes / calls, 1)}
