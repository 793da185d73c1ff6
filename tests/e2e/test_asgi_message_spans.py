"""Spans of single ASGI messages are made where somebody sees them, and nowhere else."""

from __future__ import annotations

import http.client
import json

import pytest
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

APPS = ("fastapi", "starlette", "bare")
SETTING = "OTEL_EXPORTER_MOESIF_ASGI_MESSAGE_SPANS"
#: What is set, and whether the message spans are made.
SETTINGS = {
    "moesif alone": ({}, False),
    "moesif beside another": ({"OTEL_TRACES_EXPORTER": "moesif,console"}, True),
    "wanted": ({SETTING: "true"}, True),
    "not wanted beside another": ({SETTING: "false", "OTEL_TRACES_EXPORTER": "moesif,console"}, False),
}


def serve_one_call(app: str, **settings: str) -> tuple[list[list[str]], list[dict]]:
    """Kind and name of its spans, and the events."""
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **instrumenting_only("fastapi", "starlette"), **settings)
        command = f"uvicorn --port {{port}} span_names_app:{app}"
        with serving(lambda port: instrumented(command.format(port=port).split()), environment) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("POST", "/items", b"x" * 10)
            assert json.load(connection.getresponse()) == {"sent": 10}
            connection.request("GET", "/spans")
            spans = json.load(connection.getresponse())
            collector.wait_for(2, timeout=100)
        return spans, collector.events()


@pytest.mark.parametrize(
    ("app", "setting"), [("fastapi", name) for name in SETTINGS] + [(app, "moesif alone") for app in APPS[1:]]
)
def test_the_spans_of_messages_are_made_where_somebody_sees_them(app: str, setting: str) -> None:
    settings, made = SETTINGS[setting]
    spans, events = serve_one_call(app, **settings)
    assert sorted(kind for kind, _ in spans if kind == "SERVER") == ["SERVER"]
    messages = [name for kind, name in spans if kind == "INTERNAL"]
    assert bool(messages) is made, spans
    assert [event["response"]["status"] for event in events] == [200, 200]
