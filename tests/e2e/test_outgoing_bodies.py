"""Bodies of calls that a program makes: captured with no code, and nothing differs for the program or for the server."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from support.called_server import CalledServer, called_server
from support.combinations import instrumenting_only
from support.expected_events import (
    CLOCK_SECONDS,
    Bodies,
    expected_outgoing_event,
    moment,
    sides,
    with_bodies,
    with_lower_case_headers,
)
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import APPS, clean_environment, instrumented
from support.versions import IS_RECENT

from opentelemetry_exporter_moesif.local_collector import LocalCollector

SECRET = "hush-Zq7"
CLIENTS = ("requests", "urllib3", "httpx", "httpx-async", "aiohttp")
CAPTURING = {"OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING": "true", "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true"}


HEADERS = {f"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_{side}": ".*" for side in ("REQUEST", "RESPONSE")}


@dataclass(frozen=True)
class Run:
    """What the program saw, what the server saw, and what arrived."""

    seen: list[Any]
    served: list[dict[str, Any]]
    events: dict[str, dict[str, Any]]
    called: CalledServer


def run(*, capturing: bool) -> Run:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = clean_environment()
        if capturing:
            # One batch, at the exit: what a call's answer shows does not depend on when it happened to be exported.
            environment = exporting_to(
                collector,
                OTEL_BSP_SCHEDULE_DELAY="600000",
                **CAPTURING,
                **HEADERS,
                **instrumenting_only("requests", "urllib3", "httpx", "aiohttp's client"),
            )
        with called_server() as called:
            command = [sys.executable, str(APPS / "makes_calls.py"), called.url]
            command = instrumented(command) if capturing else command
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        assert collector.invalid() == []
        events = {event["request"]["uri"].removeprefix(called.url): event for event in collector.events()}
        assert len(events) == len(collector.events()), "each call is made once"
    served = sorted(map(without_boundary, called.log), key=lambda request: request["call"])
    return Run([json.loads(line) for line in done.stdout.splitlines()], served, events, called)


def without_boundary(request: dict[str, Any]) -> dict[str, Any]:
    """Each upload draws a boundary of its own."""
    _, _, boundary = request["headers"].get("content-type", "").partition("boundary=")
    return json.loads(json.dumps(request).replace(boundary, "boundary")) if boundary else request


def shown(part: dict[str, Any]) -> Any:
    """A body as a person reads it in Moesif."""
    body = part.get("body")
    return base64.b64decode(body).decode() if part.get("transfer_encoding") == "base64" else body


STREAMED = "first\nsecond\n"
UPLOADED = {"filename": "blue.png", "content_type": "image/png", "size": 13}
MASKED = {"answer": 42, "password": "[REDACTED]"}
EACH_CHAIN = {"requests", "aiohttp"}
"""Whose span stands for a call and all that it is redirected to; the others' stand for each request."""
ALL = set(CLIENTS)
# Who makes the call, its bodies as they must arrive, and what the metadata say of them.
CALLS: dict[str, tuple[Any, ...]] = {
    "JSON": (ALL, "/echo?json", {"a": "é", "password": "[REDACTED]"}, "a size"),
    "bytes": (ALL, "/echo?bytes", "plain", {"size": 5}),
    "text": ({"requests"}, "/echo?text", "plain text", {"size": 10}),
    "a form": ({"requests"}, "/echo?form", "a=1&password=[REDACTED]", {"size": 21}),
    "a generator": (ALL, "/echo?generator", "one,two,three", {"size": 13}),
    "a file": (ALL - {"httpx-async"}, "/echo?file", "of a file", {"size": 9}),
    "a file in memory": ({"requests"}, "/echo?memory", "in memory", {"size": 9}),
    "an upload": (ALL - {"urllib3", "httpx-async"}, "/echo?upload", {"title": "shoes", "photo": UPLOADED}, "a size"),
    "a chain of redirects": (EACH_CHAIN, "/kept", "twice sent", {"size": 10}),
    "the first of a chain": (ALL - EACH_CHAIN, "/kept", "twice sent", None),
    "the second of a chain": (ALL - EACH_CHAIN, "/echo?again", "twice sent", {"size": 10}),
    "a file that is redirected": ({"requests"}, "/kept?file", "of a file", {"size": 9}),
    "a changed redirect": (EACH_CHAIN, "/changed", "moved", MASKED),
    "a retried upload": ({"urllib3"}, "/flaky?file", "of a file", {"status": 200}),
    "a retry": ({"requests", "urllib3"}, "/flaky", None, {"status": 200}),
    "a gzipped answer": (ALL, "/gzip", None, {"packed": True}),
    "a gzipped answer, read as it is": ({"requests", "urllib3"}, "/gzip?raw", None, {"packed": True}),
    "no content": (ALL - {"httpx-async"}, "/nothing", None, None),
    "only headers": ({"requests"}, "/text?head", None, None),
    "an error": (ALL - {"httpx-async"}, "/missing", None, {"error": "missing"}),
    "an answer read late": (ALL - {"httpx-async"}, "/json?late", None, MASKED),
    "an answer never read": (ALL, "/text?never", None, None),
    "an answer read in part": (
        {"requests", "urllib3", "aiohttp"},
        "/text?partly",
        None,
        "0123456789" * 100,
        {"response_body": "incomplete"},
    ),
    "an answer read in pieces": ({"urllib3"}, "/text?in-pieces", None, "0123456789" * 3000),
    "an answer read in chunks": ({"aiohttp"}, "/text?in-chunks", None, "0123456789" * 3000),
    "an answer read in a buffer": ({"urllib3"}, "/json?into", None, MASKED),
    "a stream": (ALL, "/stream", None, STREAMED),
    "a stream in HTTP's chunks": ({"aiohttp"}, "/stream?in-http-chunks", None, STREAMED),
    "an upload that fails": (ALL, "/echo?failing", "one,", None, {"request_body": "incomplete"}),
    "an answer that breaks off": ({"httpx", "httpx-async"}, "/cut", None, "half", {"response_body": "aborted"}),
    "an answer that never comes": (ALL, "/hang", None, None),
    "a call that is cancelled": ({"httpx-async", "aiohttp"}, "/hang?cancelled", None, None),
    "an answer that is cancelled": (
        {"httpx-async"},
        "/stream?cancelled",
        None,
        "first\n",
        {"response_body": "incomplete"},
    ),
}


def test_bodies_arrive_and_nothing_differs_for_the_program_or_for_the_server() -> None:
    """Answers, exceptions, what was sent, in which order, and on connections new or used; then each call's event."""
    without, within = run(capturing=False), run(capturing=True)

    assert within.seen == without.seen
    assert within.served == without.served
    assert SECRET not in json.dumps(within.events)
    for client, name in product(CLIENTS, CALLS):
        assert_arrived(client, name, within.events)
    for client in CLIENTS:
        for target, bodies in WHOLE.items():
            assert_whole(client, target, bodies, within)


#: Calls of every client, and the whole of their bodies.
WHOLE = {
    "POST /echo?bytes": Bodies("plain", {"size": 5}),
    "POST /echo?generator": Bodies("one,two,three", {"size": 13}),
    "GET /stream": Bodies(None, STREAMED),
}


def assert_whole(client: str, call: str, bodies: Bodies, run: Run) -> None:
    verb, _, target = call.partition(" ")
    event = run.events[f"/{client}{target}"]
    exchange = run.called.exchanges[f"{verb} /{client}{target}"]
    expected = with_bodies(expected_outgoing_event(client, run.called.url, exchange, event), bodies)
    arrived = with_lower_case_headers(event)
    if IS_RECENT:
        assert arrived == expected, (client, call)
    else:
        assert sides(arrived) == sides(expected), (client, call)
    started, ended = (moment(event[side]["time"]) for side in ("request", "response"))
    assert started <= exchange.began + CLOCK_SECONDS
    assert started <= ended


def assert_arrived(client: str, name: str, events: dict[str, dict[str, Any]]) -> None:
    clients, target, request_body, response_body, *notes = CALLS[name]
    if client not in clients:
        return
    event = events[f"/{client}{target}"]
    assert event["direction"] == "Outgoing"
    assert shown(event["request"]) == request_body, (client, name)
    answered = shown(event.get("response", {}))
    if response_body == "a size":
        assert answered.keys() == {"size"}, (client, name)
    else:
        assert answered == response_body, (client, name)
    told = {name: value for name, value in event["metadata"].items() if name.endswith("_body")}
    assert told == (notes[0] if notes else {}), (client, name)


@pytest.mark.parametrize("off", CAPTURING)
def test_no_body_of_a_call_is_captured_unless_both_settings_say_so(off: str) -> None:
    script = (
        "import sys, requests, httpx, urllib3\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry_exporter_moesif.capture.')"
        " and name.endswith('client')], hasattr(urllib3.HTTPConnectionPool.urlopen, '__wrapped__'))"
    )
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(
            collector, **{**CAPTURING, off: "false"}, OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="urllib3"
        )
        command = instrumented([sys.executable, "-c", script])
        found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[] False"
