"""Records the corpus of real spans: `python -m support.record_spans [part of a name…]`, run in `tests/`.

Each combination of framework, server, mode and captured headers is started under `opentelemetry-instrument` with an
exporter that writes down what it is given, and is sent the calls of `support.calls`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.calls import CALLS, ODD_CALLS, make_call
from support.combinations import COMBINATIONS, RECORDED_COMBINATIONS, Combination
from support.recorded_spans import CORPUS, write_recording
from support.server_process import clean_environment, instrumented, serving
from support.span_recorder import FILE_VARIABLE

#: The recorder is no installed package: this makes its entry point known to one process tree.
_ENTRY_POINTS = "[opentelemetry_traces_exporter]\nrecorder = support.span_recorder:SpanRecorder\n"
_WAIT_SECONDS = 15.0


def record(combination: Combination, directory: Path) -> None:
    """Writes one file of the corpus into `tests/spans`."""
    metadata = directory / "span_recorder-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: span-recorder\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)
    written = directory / "spans.jsonl"
    written.touch()
    environment = clean_environment(
        OTEL_TRACES_EXPORTER="recorder",
        OTEL_METRICS_EXPORTER="none",
        OTEL_LOGS_EXPORTER="none",
        OTEL_SERVICE_NAME=combination.service.framework,
        OTEL_BSP_SCHEDULE_DELAY="50",
        **{FILE_VARIABLE: str(written)},
        **combination.environment(),
    )
    environment["PYTHONPATH"] = os.pathsep.join((environment["PYTHONPATH"], str(CORPUS.parent), str(directory)))
    with serving(lambda port: instrumented(combination.service.command(port)), environment) as server:
        calls = (*CALLS, *ODD_CALLS) if combination in RECORDED_COMBINATIONS else CALLS
        exchanges = [make_call(server.port, call) for call in calls]
        lines = _wait_for_spans(written, len(exchanges))
    path = CORPUS / f"{combination.name}.jsonl"
    spans = [line["span"] for line in lines if combination in COMBINATIONS or line["span"]["kind"] == "SERVER"]
    write_recording(path, lines[0]["resource"], exchanges, spans)


def _wait_for_spans(written: Path, servers: int) -> list[dict[str, Any]]:
    """Waits until the server spans are there, and then until nothing more comes."""
    lines: list[dict[str, Any]] = []
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        before = len(lines)
        lines = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
        if len(lines) == before and sum(line["span"]["kind"] == "SERVER" for line in lines) >= servers:
            return lines
        time.sleep(0.4)
    message = f"only {len(lines)} spans were recorded: {[line['span']['name'] for line in lines]}"
    raise TimeoutError(message)


def main(parts: list[str]) -> None:
    """Records the combinations whose name contains one of the parts; all of them where none is given."""
    every = (*COMBINATIONS, *RECORDED_COMBINATIONS)
    chosen = [one for one in every if not parts or any(part in one.name for part in parts)]
    CORPUS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        recorded = {one.name: pool.submit(record, one, Path(directory) / one.name) for one in chosen}
        for name, future in recorded.items():
            failure = future.exception()
            print(f"{name}: {failure or 'recorded'}")


if __name__ == "__main__":
    main(sys.argv[1:])
