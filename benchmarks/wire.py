"""How many bytes a call takes on the wire."""

from __future__ import annotations

import gzip
from typing import Any

import orjson

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.events import ready_events
from benchmarks.report import Section

_BARE = ("request", "response", "transaction_id", "trace_id", "span")


def measure(*, quick: bool) -> Section:
    calls = 2 * workload.BATCH if quick else workload.SPANS
    rows = [
        *_rows("", list(workload.batches(workload.server_spans(calls))), calls),
        *_rows(", clients alike", list(workload.batches(workload.server_spans(calls, alike=True))), calls),
    ]
    return Section("wire", "How many bytes does a call take on the wire?", rows)


def _rows(suffix: str, batches: list[Any], calls: int) -> list[dict[str, Any]]:
    payloads = [ready_events(batch) for batch in batches]
    bare = [orjson.dumps([_bare(event) for event in orjson.loads(payload)]) for payload in payloads]
    rows = [
        _row("this exporter", calls, *_sent_compressed_by("zlib", batches)),
        _row("this exporter, extra fast (isal)", calls, *_sent_compressed_by("isal", batches)),
        _row("the same without metadata, action, direction", calls, *_compressed(bare)),
        _row("OTLP/HTTP protobuf, gzip", calls, *_sent(peers.otlp_exporter, batches)),
        _row("this exporter, not compressed", calls, sum(map(len, payloads)), 0),
    ]
    return [{**row, "": row[""] + suffix} for row in rows]


def _bare(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in event if name in _BARE}


def _sent_compressed_by(library: str, batches: list[Any]) -> tuple[int, int]:
    return peers.with_compression(library, lambda: _sent(peers.this_exporter, batches))


def _sent(make_exporter: Any, batches: list[Any]) -> tuple[int, int]:
    with collector_process() as collector:
        exporter = make_exporter(collector.url)
        peers.exporting(exporter, batches)()
        counters = collector.counters()
        exporter.shutdown()
    return counters["body_bytes"], counters["head_bytes"]


def _compressed(payloads: list[bytes]) -> tuple[int, int]:
    return sum(len(gzip.compress(payload, 1, mtime=0)) for payload in payloads), 0


def _row(name: str, calls: int, body_bytes: int, head_bytes: int) -> dict[str, Any]:
    return {"": name, "bytes a call": round(body_bytes / calls, 1), "and HTTP's head": round(head_bytes / calls, 1)}
