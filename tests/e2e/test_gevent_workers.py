"""gunicorn's gevent workers replace threads and sockets under everybody's feet: calls arrive all the same."""

from __future__ import annotations

import gzip
import http.server
import json
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from opentelemetry.instrumentation import environment_variables
from support.calls import Call, make_call
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import clean_environment, instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

CALLS = tuple(Call(f"item {number}", "GET", f"/items/{number}") for number in range(100))
#: gevent has to patch before OpenTelemetry starts its threads. Without this, no exporter works under its workers.
PATCH_FIRST = "OTEL_PYTHON_AUTO_INSTRUMENTATION_EXPERIMENTAL_GEVENT_PATCH"
COMMAND = "gunicorn --worker-class gevent --bind 127.0.0.1:{port} flask_app:app"

SEND_ONE_CALL_UNDER_GEVENT = """if True:
    from gevent import monkey; monkey.patch_all()
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind
    from opentelemetry_exporter_moesif import MoesifSpanExporter
    exporter = MoesifSpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    attributes = {"http.request.method": "GET", "url.path": "/", "http.response.status_code": 200}
    with provider.get_tracer("test").start_as_current_span("GET /", kind=SpanKind.SERVER, attributes=attributes):
        pass
    print(provider.force_flush(), exporter.force_flush(10_000))
"""

needs_patching_first = pytest.mark.skipif(
    not hasattr(environment_variables, PATCH_FIRST),
    reason="this version of OpenTelemetry cannot have gevent patch first",
)


@needs_patching_first
@pytest.mark.parametrize("options", ["--workers 2", "--workers 2 --preload"])
def test_a_hundred_calls_arrive_although_the_collector_is_slow_and_fails(options: str) -> None:
    command = f"{COMMAND} {options}"
    with LocalCollector(APPLICATION_ID, delay=0.2, fail="503:0.3") as collector:
        environment = exporting_to(
            collector, **{PATCH_FIRST: "patch_all"}, OTEL_BSP_SCHEDULE_DELAY="200", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10"
        )
        with (
            serving(lambda port: instrumented(command.format(port=port).split()), environment) as server,
            ThreadPoolExecutor(20) as clients,
        ):
            statuses = [answer.status for answer in clients.map(lambda call: make_call(server.port, call), CALLS)]
            collector.misbehave()
            events = collector.wait_for(len(CALLS), timeout=60)
    assert statuses == [200] * len(CALLS)
    assert sorted(int(event["request"]["uri"].rpartition("/")[2]) for event in events) == list(range(100))


@needs_patching_first
def test_calls_that_wait_when_a_worker_is_ended_arrive() -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **{PATCH_FIRST: "patch_all"}, OTEL_BSP_SCHEDULE_DELAY="60000")
        with serving(lambda port: instrumented(COMMAND.format(port=port).split()), environment) as server:
            for call in CALLS[:10]:
                assert make_call(server.port, call).status == 200
            assert server.terminate() == 0
        assert len(collector.events()) == 10


class _TakingEverything(http.server.BaseHTTPRequestHandler):
    events: list[dict]

    def do_POST(self) -> None:
        self.events += json.loads(gzip.decompress(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_a_call_arrives_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    handler = type("Handler", (_TakingEverything,), {"events": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = clean_environment(
            OTEL_EXPORTER_MOESIF_APPLICATION_ID="id",
            OTEL_EXPORTER_MOESIF_ENDPOINT=f"https://localhost:{server.server_port}",
            OTEL_EXPORTER_MOESIF_CERTIFICATE=str(tmp_path / "ca.pem"),
        )
        done = subprocess.run(
            [sys.executable, "-c", SEND_ONE_CALL_UNDER_GEVENT],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        server.shutdown()
    assert done.stdout.split() == ["True", "True"], done.stderr
    assert [event["request"]["verb"] for event in handler.events] == ["GET"]
