"""Calls that a program makes, with each client library: `Outgoing` events, and the exporter's own POST never."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import APPS, instrumented

from opentelemetry_exporter_moesif.local_collector import LocalCollector

LIBRARIES = ["aiohttp", "httpx", "httpx-async", "requests", "urllib3"]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def called() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def call_out(collector: LocalCollector, url: str, **settings: str) -> None:
    command = instrumented([sys.executable, str(APPS / "calls_out.py"), url])
    environment = exporting_to(collector, **settings)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mode", ["", "http", "http/dup"])
def test_the_calls_of_every_client_library_arrive_as_outgoing_and_the_exporters_own_do_not(
    mode: str, called: str
) -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        # Small batches: the exporter has posted some calls while the others are being made.
        settings = {"OTEL_SEMCONV_STABILITY_OPT_IN": mode, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}
        call_out(collector, called, OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING="true", **settings)
        events, invalid = collector.events(), collector.invalid()

    assert invalid == []
    by_path = {event["request"]["uri"].removeprefix(called): event for event in events}
    paths = sorted(f"/{library}?token=REDACTED" for library in LIBRARIES)
    # `requests` calls through urllib3: both libraries are instrumented, and one of them may keep quiet.
    assert sorted(by_path) == paths
    for event in events:
        assert event["direction"] == "Outgoing"
        assert event["request"]["verb"] == "GET"
        assert event["response"]["status"] == 200
    assert "hush" not in json.dumps(events)
    assert collector.url not in json.dumps(events)


def test_outgoing_calls_make_no_events_unless_they_are_asked_for(called: str) -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        call_out(collector, called)
        assert collector.events() == []
