"""Every server that the documentation speaks of, ended at once after ten calls: with the exporter as without it.

`nox -s servers` brings what they need. Where one of them is not installed, its test is skipped, and fails with CI set.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import ServerProcess, serving
from support.servers import COMMON, FURTHER, Server

from opentelemetry_exporter_moesif.local_collector import LocalCollector

#: A small one, nested ones, and one that comes in several pieces.
BODIES = (
    {"name": "café"},
    {"order": {"lines": [{"sku": "a", "count": 2}], "note": None}},
    {"text": "x" * 60_000},
    {"numbers": list(range(100))},
    {"empty": {}},
)
CALLS: tuple[tuple[str, str, bytes | None], ...] = (
    *(("POST", f"/items/{number}", json.dumps(body).encode()) for number, body in enumerate(BODIES)),
    ("GET", "/items/7?q=a%20b", None),
    ("GET", "/missing", None),
    ("GET", "/boom", None),
    ("GET", "/stream", None),
    ("GET", "/handshake", None),
)
_SETTINGS = {
    # Longer than the service lives: nothing is exported before the end.
    "OTEL_BSP_SCHEDULE_DELAY": "60000",
    "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ".*",
}


@dataclass(frozen=True)
class Answer:
    """What a caller sees. The handshake's body says whether its first byte came before its last."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def call(port: int, verb: str, path: str, body: bytes | None, met: Path) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection.request(verb, path, body, headers)
    response = connection.getresponse()
    first = b""
    if path == "/handshake":
        first = response.readline()
        met.touch()
    answer = Answer(response.status, _without_times(response), first + response.read())
    connection.close()
    met.unlink(missing_ok=True)
    return answer


def _without_times(response: http.client.HTTPResponse) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in response.getheaders() if name.lower() != "date")


def serve_and_end(server: Server, environment: Mapping[str, str], met: Path) -> tuple[list[Answer], int, ServerProcess]:
    with serving(server.command, {**environment, "HANDSHAKE": str(met)}) as process:
        process.wait_until(server.has_started)
        answers = [call(process.port, *each, met) for each in CALLS]
        return answers, process.terminate(), process.output()


@pytest.mark.parametrize("server", COMMON + FURTHER, ids=lambda server: server.name)
def test_ten_calls_arrive_and_neither_caller_nor_supervisor_can_tell(server: Server, tmp_path: Path) -> None:
    if not server.is_installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{server.name} is not installed: nox -s servers")
    met = tmp_path / "met"
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **_SETTINGS, **server.settings())
        without = serve_and_end(server, environment | {"OTEL_TRACES_EXPORTER": "none"}, met)
        answers, status, output = serve_and_end(server, environment, met)
        events, invalid = collector.events(), collector.invalid()

    assert answers == without[0]
    assert status == without[1]
    assert "Moesif exporter" not in output
    assert invalid == []
    assert sorted(_path(event) for event in events) == sorted(path.partition("?")[0] for _, path, _ in CALLS), output
    posted = {_path(event): event["request"].get("body") for event in events if event["request"]["verb"] == "POST"}
    assert posted == {f"/items/{number}": body for number, body in enumerate(BODIES)}


def _path(event: Mapping[str, Mapping[str, str]]) -> str:
    return "/" + event["request"]["uri"].partition("?")[0].split("/", 3)[3]
