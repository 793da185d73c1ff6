"""Sampling end to end: rates that Moesif gives, and samplers of the application's own provider."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Tracer
from support.server_process import clean_environment

from opentelemetry_exporter_moesif import MoesifSpanExporter, identify
from opentelemetry_exporter_moesif.local_collector import LocalCollector


@contextmanager
def sampling(collector: LocalCollector) -> Iterator[Tracer]:
    exporter = MoesifSpanExporter(application_id="test-id", endpoint=collector.url, dynamic_sampling=True)
    provider = TracerProvider(sampler=ALWAYS_ON)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield provider.get_tracer("test")
    finally:
        provider.shutdown()


def serve(tracer: Tracer, path: str, user: str | None = None) -> None:
    attributes = {"http.request.method": "GET", "url.path": path, "http.response.status_code": 200}
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes=attributes):
        identify(user_id=user)


def test_the_rates_that_moesif_gives_hold_from_the_first_answer_on() -> None:
    rates = {
        "sample_rate": 50,
        "user_sample_rate": {"vip": 100},
        "regex_config": [{"conditions": [{"path": "request.route", "value": "^/health"}], "sample_rate": 0}],
    }
    with LocalCollector("test-id", sampling=rates) as collector, sampling(collector) as tracer:
        serve(tracer, "/first")  # nothing is known yet: it is kept
        for number in range(60):
            serve(tracer, f"/calls/{number}")
            serve(tracer, f"/vip/{number}", "vip")
            serve(tracer, f"/health/{number}", "vip")
        events = collector.events()

    kept = [event for event in events if "/calls/" in event["request"]["uri"]]
    assert len([event for event in events if event.get("user_id") == "vip"]) == 60
    assert not [event for event in events if "/health" in event["request"]["uri"]]
    assert {event["weight"] for event in kept} == {2}
    assert all("weight" not in event for event in events if event not in kept)
    # Seven standard deviations of sixty tosses.
    assert abs(len(kept) - 30) < 28


def test_a_new_rate_holds_at_once_because_the_answers_to_posts_announce_it() -> None:
    with LocalCollector("test-id", sampling={"sample_rate": 100}) as collector, sampling(collector) as tracer:
        serve(tracer, "/before")
        collector.set_sampling({"sample_rate": 0})
        serve(tracer, "/announces it")
        for number in range(20):
            serve(tracer, f"/after/{number}")
        paths = [event["request"]["uri"].partition("localhost")[2] for event in collector.events()]

    assert paths == ["/before", "/announces%20it"]


def test_a_collector_without_a_configuration_loses_nothing() -> None:
    with LocalCollector("test-id", sampling={}) as collector, sampling(collector) as tracer:
        for number in range(20):
            serve(tracer, f"/{number}")
        assert len(collector.events()) == 20


class Failing(BaseHTTPRequestHandler):
    """Answers no POST well, and counts who asks for the configuration."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_while_events_wait_nobody_asks_for_the_rates() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        exporter = MoesifSpanExporter(
            application_id="test-id",
            endpoint=f"http://127.0.0.1:{server.server_port}/v1",
            dynamic_sampling=True,
            shutdown_timeout=0,
        )
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        for number in range(3):
            serve(provider.get_tracer("test"), f"/{number}")
        provider.shutdown()
        server.shutdown()

    assert Failing.asked == []


def test_without_dynamic_sampling_its_module_is_not_even_imported() -> None:
    script = (
        "import sys, opentelemetry_exporter_moesif as moesif\n"
        "moesif.MoesifSpanExporter(application_id='x')\n"
        "names = ('sampling', 'capture', 'capture.opening', 'local_collector', 'cli')\n"
        "print([name for name in names if f'opentelemetry_exporter_moesif.{name}' in sys.modules])"
    )
    assert run(script) == "[]"


SERVE_UNDER_THE_PROVIDER = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.local_collector import LocalCollector

SAMPLER, GLOBAL, REMOTE = json.loads(sys.argv[1])
provider = TracerProvider(sampler=eval(SAMPLER, vars(sampling)))
if GLOBAL:
    trace.set_tracer_provider(provider if GLOBAL == "this one" else TracerProvider(sampler=eval(GLOBAL, vars(sampling))))
parent = set_span_in_context(NonRecordingSpan(SpanContext(1 << 100, 2, True, TraceFlags(1)))) if REMOTE else None
with LocalCollector("test-id") as collector:
    exporter = MoesifSpanExporter(application_id="test-id", endpoint=collector.url)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for number in range(400):
        attributes = {"http.request.method": "GET", "http.response.status_code": 200}
        tracer.start_span("GET /", parent, SpanKind.SERVER, attributes).end()
    provider.shutdown()
    print(json.dumps([event.get("weight") for event in collector.events()]))
"""


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    found = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.mark.parametrize(
    ("sampler", "global_provider", "remote", "weights"),
    [
        ("TraceIdRatioBased(0.5)", "this one", False, {2}),
        ("ParentBased(TraceIdRatioBased(0.4))", "this one", False, {2, 3}),
        ("ParentBased(TraceIdRatioBased(0.5))", "this one", True, {None}),
        ("ALWAYS_ON", "this one", False, {None}),
        ("DEFAULT_ON", "this one", False, {None}),
        # Of a provider that is not the global one an exporter knows nothing: no weight is better than a wrong one.
        ("TraceIdRatioBased(0.5)", None, False, {None}),
        ("ALWAYS_ON", "TraceIdRatioBased(0.5)", False, {None}),
    ],
)
def test_the_sampler_of_the_applications_provider_gives_the_weight(
    sampler: str, global_provider: str | None, remote: bool, weights: set[int | None]
) -> None:
    found = json.loads(run(SERVE_UNDER_THE_PROVIDER, json.dumps([sampler, global_provider, remote])))

    assert set(found) == weights
    total = sum(weight or 1 for weight in found)
    # Six standard deviations of four hundred calls, or what was kept where there is no weight.
    assert abs(total - 400) < 6 * (400 * 1.5) ** 0.5 or weights == {None}
