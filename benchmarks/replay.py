"""What `moesif-otel replay` costs beside the decoding of its lines alone, and that its memory stays flat.

A file a row, from 10 MB to 2 GB, made here and removed behind its row: 2 GB have to be free where temporary files go
(`TMPDIR`). Some four minutes on two cores that do nothing else.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from opentelemetry.trace import SpanKind

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section

# Of five spans, two are calls: as where a service makes spans of its queries.
_CALLS_A_LINE = 20
_INNER_A_LINE = 30
_LINES = 256
_MEGABYTE = 1024 * 1024
# 260 MB are 200,000 spans: the line that the aim is about.
_SIZES = (10, 100, 260, 1000, 2000)
_QUICK_SIZES = (10, 50)
# Of a smaller file the medians of five runs; one run of a larger one takes long enough.
_SEVERAL_BELOW, _SEVERAL = 300, 5
_LONGEST_RUN_SECONDS = 600

# A process starts with the peak of the one that it was forked from: the command's parent has to be a small one.
_MEASURE = """
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss)
"""
_DECODE = """
import sys, orjson
for line in open(sys.argv[1], "rb"):
    orjson.loads(line)
"""


def measure(*, quick: bool) -> Section:
    """A row a file size; the last column is of a run with two workers."""
    rows = []
    with tempfile.TemporaryDirectory() as directory, collector_process() as collector:
        lines = _lines(32 if quick else _LINES)
        for megabytes in _QUICK_SIZES if quick else _SIZES:
            path = Path(directory) / "spans.jsonl"
            spans = _write(path, lines, megabytes * _MEGABYTE)
            rounds = 1 if quick or megabytes > _SEVERAL_BELOW else _SEVERAL
            rows.append(_row(path, spans, collector.url, rounds))
            path.unlink()
    return Section("replay", "What does a replay cost beside the decoding of its lines?", rows)


def _row(path: Path, spans: int, url: str, rounds: int) -> dict[str, Any]:
    command = [str(Path(sys.executable).parent / "moesif-otel"), "replay", "--any-age", "--endpoint", url, str(path)]
    commands = ([sys.executable, "-c", _DECODE, str(path)], [*command, "--workers", "1"], [*command, "--workers", "2"])
    # One beside the other in each round, so that all of them have the machine's better and worse minutes.
    runs = [[_run(each) for each in commands] for _ in range(rounds)]
    decoding, one = (_medians(run[number] for run in runs) for number in (0, 1))
    return {
        "": f"{path.stat().st_size / _MEGABYTE:,.0f} MB, {spans:,} spans",
        "orjson alone, s of the processor": round(decoding.processor, 2),
        "replay, s of the processor": round(one.processor, 2),
        "times orjson": round(statistics.median(run[1].processor / run[0].processor for run in runs), 2),
        "spans a second": round(spans / one.seconds),
        "peak MB": round(one.peak / _MEGABYTE),
        "two workers, times as fast": round(statistics.median(run[1].seconds / run[2].seconds for run in runs), 2),
    }


def _medians(runs: Iterable[_Run]) -> _Run:
    return _Run(*map(statistics.median, zip(*runs, strict=True)))


class _Run(NamedTuple):
    """Seconds of the processor, seconds, and the most bytes that a process of it held."""

    processor: float
    seconds: float
    peak: int


def _run(command: list[str]) -> _Run:
    # As installed: pip compiles what it installs, and a start that has to compile it anew is no start-up of it.
    ours = ("OTEL_", "MOESIF_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment["OTEL_EXPORTER_MOESIF_APPLICATION_ID"] = peers.APPLICATION_ID
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=_LONGEST_RUN_SECONDS,
    )
    code, processor, seconds, peak = done.stdout.split()
    if code != "0":
        raise RuntimeError(done.stderr)
    return _Run(float(processor), float(seconds), int(peak) * (1 if sys.platform == "darwin" else 1024))


def _write(path: Path, lines: list[str], size: int) -> int:
    """Writes the lines over and over; each turn has traces of its own. Returns the number of spans."""
    written = turn = spans = 0
    with path.open("w") as file:
        while written < size:
            mark = f"{turn:06x}"
            for line in lines:
                written += file.write(line.replace('"traceId":"', f'"traceId":"{mark}'))
                spans += _CALLS_A_LINE + _INNER_A_LINE
            turn += 1
    return spans


def _lines(count: int) -> list[str]:
    """Lines as the Collector's file exporter writes them; six digits of each trace id are left out, see `_write`."""
    calls = workload.server_spans(count * _CALLS_A_LINE)
    resource = {"attributes": _pairs(workload.RESOURCE.attributes)}
    lines = []
    for start in range(0, len(calls), _CALLS_A_LINE):
        batch = calls[start : start + _CALLS_A_LINE]
        inner = [_inner(batch[number % len(batch)], number) for number in range(_INNER_A_LINE)]
        scopes = [
            {"scope": {"name": "opentelemetry.instrumentation.psycopg"}, "spans": inner},
            {"scope": {"name": "opentelemetry.instrumentation.flask"}, "spans": list(map(_call, batch))},
        ]
        document = {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}
        lines.append(json.dumps(document, separators=(",", ":")) + "\n")
    return lines


def _call(span: Any) -> dict[str, Any]:
    return {
        "traceId": format(span.context.trace_id, "032x")[6:],
        "spanId": format(span.context.span_id, "016x"),
        "parentSpanId": "",
        "flags": 257,
        "name": span.name,
        "kind": 2,
        # Of the last hour, as those that Moesif takes.
        "startTimeUnixNano": str(time.time_ns() - 3_600_000_000_000),
        "endTimeUnixNano": str(time.time_ns() - 3_600_000_000_000 + span.end_time - span.start_time),
        "attributes": _pairs(span.attributes),
        "status": {},
    }


def _inner(span: Any, number: int) -> dict[str, Any]:
    attributes = {
        "db.system.name": "postgresql",
        "db.namespace": "shop",
        "db.operation.name": "SELECT",
        "db.query.text": "SELECT id, name, price, stock FROM items WHERE id = $1 AND shop = $2",
        "server.address": "db.shop.example",
        "server.port": 5432,
        "network.peer.address": "10.0.4.7",
    }
    return _call(span) | {
        "spanId": f"{number + 1:016x}",
        "parentSpanId": format(span.context.span_id, "016x"),
        "name": "SELECT items",
        "kind": SpanKind.CLIENT.value + 1,
        "attributes": _pairs(attributes),
    }


def _pairs(attributes: Any) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, (tuple, list)):
        return {"arrayValue": {"values": list(map(_value, value))}}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"stringValue": value}
