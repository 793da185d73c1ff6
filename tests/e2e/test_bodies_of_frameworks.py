"""Bodies under every framework of the table, with no code: a real server, real calls, the whole event compared."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from support.calls import Call, make_call
from support.combinations import TORNADO_HEADERS, Combination, Service
from support.expected_events import Bodies, assert_is_whole
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

#: With threads: one call releases another.
COMMANDS: dict[str, tuple[str, ...]] = {
    "gunicorn": ("gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "{module}:app"),
    "waitress": ("waitress-serve", "--threads", "4", "--listen", "127.0.0.1:{port}", "{module}:app"),
    "uvicorn": ("uvicorn", "--host", "127.0.0.1", "--port", "{port}", "{module}:app"),
    "itself": ("python", "-m", "{module}", "{port}"),
}
SERVICES = {
    framework: Service(
        framework, server, f"bodies_{framework}_app", headers=TORNADO_HEADERS if framework == "tornado" else ".*"
    )
    for framework, server in {
        "falcon": "gunicorn",
        "pyramid": "waitress",
        "aiohttp": "itself",
        "tornado": "itself",
        "litestar": "uvicorn",
        "quart": "uvicorn",
        "wsgi": "gunicorn",
        "asgi": "uvicorn",
    }.items()
}
SECRET = "hush-Zq7"
SENT = {"name": "é", "login": {"password": SECRET}}
UPLOAD = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"hush-Zq7\r\n--x--\r\n"
)


@dataclass(frozen=True)
class Service:
    """A server that is called; once it has ended, the events by the last part of their path, and by their trace."""

    port: int
    events: dict[str, dict[str, Any]]

    def call(self, method: str, path: str, body: Any = None, content_type: str = "") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Content-Type": content_type} if content_type else {})
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def stream(self, path: str) -> list[bytes]:
        """Returns: the lines of a stream whose second one is made only after this has read the first."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        response = connection.getresponse()
        first = response.readline()
        self.call("GET", "/release")
        lines = [first, *response]
        connection.close()
        return lines


@contextmanager
def running(framework: str, **settings: str) -> Iterator[Service]:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(
            collector,
            OTEL_EXPORTER_MOESIF_CAPTURE_BODIES="true",
            OTEL_BSP_SCHEDULE_DELAY="600000",
            OTEL_EXPORTER_MOESIF_EXCLUDED_URLS="/settled$",
            **Combination(SERVICES[framework], "old", captured=True).environment(),
            **settings,
        )
        service = SERVICES[framework]
        line = [part.format(module=service.module, port="{port}") for part in COMMANDS[service.server]]
        with serving(lambda port: instrumented([part.format(port=port) for part in line]), environment) as server:
            service = Service(server.port, {})
            yield service
            service.call("GET", "/settled")  # what answers this has ended the spans of the calls before
            server.interrupt()  # the exit exports what waits
        assert collector.invalid() == []
        service.events.update({event["request"]["uri"].rpartition("/")[2]: event for event in collector.events()})
        service.events.update({event["trace_id"]: event for event in collector.events()})


def essence(event: dict[str, Any]) -> dict[str, Any]:
    """All of an event that does not differ from call to call, and from one instrumentation to the other."""
    request, response = event["request"], event["response"]
    metadata = {name: value for name, value in event["metadata"].items() if "_body" in name}
    return {
        "direction": event["direction"],
        "verb": request["verb"],
        "status": response["status"],
        "asked": shown(request),
        "answered": shown(response),
        "metadata": metadata,
    }


def shown(part: dict[str, Any]) -> Any:
    body = part.get("body")
    return base64.b64decode(body).decode() if part.get("transfer_encoding") == "base64" else body


def call_of(verb: str, asked: Any, answered: Any, status: int = 200, **metadata: Any) -> dict[str, Any]:
    return {
        "direction": "Incoming",
        "verb": verb,
        "status": status,
        "asked": asked,
        "answered": answered,
        "metadata": metadata,
    }


CALLS = (
    Call("echo", "POST", "/echo", 21, (("Content-Type", "application/json"),), json.dumps(SENT).encode()),
    Call("upload", "POST", "/upload", 22, (("Content-Type", "multipart/form-data; boundary=x"),), UPLOAD),
    Call("stream", "GET", "/stream?again", 23),
    Call("release", "GET", "/release?again", 24),
)
MASKED = {"name": "é", "login": {"password": "[REDACTED]"}}
BODIES = {
    "echo": Bodies(MASKED, {"got": MASKED}),
    "upload": Bodies(
        {"a": "value", "f": {"filename": "n.txt", "content_type": "text/plain", "size": len(SECRET)}},
        {"size": len(UPLOAD)},
    ),
    "stream": Bodies(None, "first\nsecond\n"),
    "release": Bodies(None, {}),
}


@pytest.mark.parametrize("framework", SERVICES)
def test_each_event_is_whole_and_the_first_chunk_of_a_stream_is_not_held_back(framework: str) -> None:
    with running(framework) as service:
        assert service.stream("/stream") == [b"first\n", b"second\n"]
        exchanges = [make_call(service.port, call) for call in CALLS]

    assert SECRET not in json.dumps(service.events)
    assert len({event["trace_id"] for event in service.events.values()}) == len(exchanges) + 2
    assert essence(service.events["stream"]) == call_of("GET", None, "first\nsecond\n")
    for exchange in exchanges:
        path = exchange.call.target.partition("?")[0]
        assert_is_whole(
            service.events[exchange.trace_id],
            Combination(SERVICES[framework], "old", captured=True),
            exchange,
            path if framework == "pyramid" else f"{exchange.call.verb} {path}",
            BODIES[exchange.call.name],
        )


def test_an_upload_that_aiohttp_takes_apart_itself_arrives_once() -> None:
    """It gives back what it has read beyond the end of a part, and reads that once more."""
    content = b"x" * 100_000
    sent = UPLOAD.replace(b"hush-Zq7", content)
    with running("aiohttp") as service:
        assert json.loads(service.call("POST", "/form", sent, "multipart/form-data; boundary=x")) == ["a", "f"]

    uploaded = {"a": "value", "f": {"filename": "n.txt", "content_type": "text/plain", "size": len(content)}}
    assert service.events["form"]["request"]["body"] == uploaded


def test_answers_of_aiohttp_that_are_no_plain_ones_arrive() -> None:
    with running("aiohttp") as service:
        assert service.stream("/generated") == [b"first\n", b"second\n"]
        assert json.loads(service.call("GET", "/refused")) == {"error": "refused"}
        size = len(service.call("GET", "/file"))
    events = service.events

    assert essence(events["generated"]) == call_of("GET", None, "first\nsecond\n")
    assert essence(events["refused"]) == call_of("GET", None, {"error": "refused"}, 403)
    assert essence(events["file"]) == call_of("GET", None, None, response_body="file", response_body_size=size)


def test_answers_of_pyramid_that_are_no_plain_ones_arrive() -> None:
    with running("pyramid") as service:
        assert service.call("HEAD", "/stream?again") == b""
        size = len(service.call("GET", "/file"))
        service.call("GET", "/broken")
    events = service.events

    assert essence(events["stream?again"]) == call_of("HEAD", None, None)
    assert essence(events["file"]) == call_of("GET", None, None, response_body="file", response_body_size=size)
    assert essence(events["broken"]) == call_of("GET", None, None, 500, response_body="not seen")


def test_an_answer_of_tornado_whose_client_went_away_is_aborted() -> None:
    with running("tornado") as service:
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
            connection.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            while b"first" not in connection.recv(65536):
                pass
        service.call("GET", "/release")
        service.call("GET", "/left/settled")

    assert service.events["stream"]["metadata"]["response_body"] == "aborted"
