"""Bodies of plain ASGI applications, under uvicorn and OpenTelemetry's real middleware."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind
from support.bodies import TakingExporter, a_call, open_store, tracing

from opentelemetry_exporter_moesif.capture import AsgiBodyCapture


@contextmanager
def serving(app: Callable) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def call(port: int, body: bytes | None = None, **headers: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse().read()
    connection.close()
    return answer


async def whole_body(receive: Callable) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def echo(scope: dict, receive: Callable, send: Callable) -> None:
    body = await whole_body(receive)
    headers = [(b"Content-Type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "around"])
def test_both_bodies_are_captured_inside_and_around_opentelemetrys_middleware(inside: bool) -> None:
    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        if inside:
            app = OpenTelemetryMiddleware(AsgiBodyCapture(echo), tracer_provider=provider)
        else:
            app = AsgiBodyCapture(OpenTelemetryMiddleware(echo, tracer_provider=provider))
        with serving(app) as port:
            assert call(port, b'{"a": 1}', Content_Type="application/json") == b'{"a": 1}'
        capture = exporter.one()

    for body in (capture.request, capture.response):
        assert body.content == b'{"a": 1}'
        assert body.content_type == "application/json"
        assert body.cut is None
        assert body.cut is None


def test_the_first_event_of_an_event_stream_is_not_held_back_and_the_stream_is_not_captured() -> None:
    received_first = threading.Event()

    async def events(scope: dict, receive: Callable, send: Callable) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
        assert await asyncio.to_thread(received_first.wait, 10)
        await send({"type": "http.response.body", "body": b"data: second\n\n"})

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(AsgiBodyCapture(events), tracer_provider=provider)
        with serving(app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            received = b""
            while b"first" not in received:
                received += connection.recv(4096)
            # The second event is made only now: the first one was on the wire without it.
            received_first.set()
            while chunk := connection.recv(4096):
                received += chunk
        capture = exporter.one()

    assert b"second" in received
    assert capture.response is None


def test_a_stream_is_captured_up_to_the_limit() -> None:
    async def stream(scope: dict, receive: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 100, "more_body": True})
        await send({"type": "http.response.body"})

    exporter = TakingExporter()
    with open_store(body_max_bytes=1050), tracing(exporter) as provider:
        with serving(OpenTelemetryMiddleware(AsgiBodyCapture(stream), tracer_provider=provider)) as port:
            assert len(call(port)) == 10_000
        capture = exporter.one()

    assert capture.response.content == b"x" * 1050
    assert capture.response.cut == "truncated"


def test_an_application_that_raises_leaves_no_body_and_nothing_to_say_of_one() -> None:
    async def raising(scope: dict, receive: Callable, send: Callable) -> None:
        message = "boom"
        raise RuntimeError(message)

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(AsgiBodyCapture(raising), tracer_provider=provider)
        with pytest.raises(RuntimeError):
            asyncio.run(app({"type": "http", "method": "GET", "path": "/", "headers": []}, whole_body, whole_body))

    assert exporter.one().response is None


def test_an_application_that_raises_within_its_answer_leaves_an_incomplete_one() -> None:
    async def raising(scope: dict, receive: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        message = "boom"
        raise RuntimeError(message)

    async def send(_: dict) -> None:
        pass

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(AsgiBodyCapture(raising), tracer_provider=provider)
        with pytest.raises(RuntimeError):
            asyncio.run(app({"type": "http", "method": "GET", "path": "/", "headers": []}, whole_body, send))

    assert exporter.one().response.cut == "incomplete"


def test_odd_messages_reach_the_server_as_they_are_and_disturb_nothing() -> None:
    sent = []
    odd = [
        {"type": "http.response.start", "status": 200, "headers": [(1, None), ("x",)]},
        {"type": "http.response.body", "body": None},
    ]

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        for message in odd:
            await send(message)

    async def send(message: dict) -> None:
        sent.append(message)

    with open_store(), tracing(TakingExporter()) as provider:
        tracer = provider.get_tracer("test")
        with tracer.start_as_current_span("call", kind=SpanKind.SERVER):
            asyncio.run(AsgiBodyCapture(app)({"type": "http", "headers": [(None, None)]}, whole_body, send))

    assert sent == odd


def test_two_middlewares_of_one_call_capture_each_byte_once() -> None:
    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(AsgiBodyCapture(AsgiBodyCapture(echo)), tracer_provider=provider)
        with serving(app) as port:
            call(port, b"once", Content_Type="text/plain")

    assert exporter.one().request.content == b"once"


def test_a_call_that_is_not_sampled_captures_nothing() -> None:
    with open_store() as opened, tracing(TakingExporter(), ALWAYS_OFF) as provider:
        with serving(OpenTelemetryMiddleware(AsgiBodyCapture(echo), tracer_provider=provider)) as port:
            assert call(port, b"hello") == b"hello"
        assert len(opened) == 0


def test_without_an_exporter_the_application_is_called_as_if_nothing_were_there() -> None:
    given = []

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        given.append((receive, send))

    asyncio.run(AsgiBodyCapture(app)({"type": "http"}, whole_body, echo))

    assert [(whole_body, echo)] == given


def test_an_answer_whose_client_went_away_is_aborted() -> None:
    gone = threading.Event()

    async def stream(scope: dict, receive: Callable, send: Callable) -> None:
        await whole_body(receive)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(AsgiBodyCapture(stream), tracer_provider=provider)
        with serving(app) as port:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                while b"first" not in connection.recv(4096):
                    pass
            assert gone.wait(60)
            capture = exporter.one()

    assert (capture.response.content, capture.response.cut) == (b"first", "aborted")


def test_an_upload_whose_client_went_away_is_aborted() -> None:
    messages = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict:
        return next(messages)

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        await receive()
        await receive()

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider, a_call(provider):
        asyncio.run(AsgiBodyCapture(app)({"type": "http", "headers": []}, receive, whole_body))

    assert (exporter.one().request.content, exporter.one().request.cut) == (b"half", "aborted")


def test_a_file_that_the_server_sends_itself_is_named_one() -> None:
    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4711")]})
        await send({"type": "http.response.pathsend", "path": "/a/file"})

    async def send(_: dict) -> None:
        pass

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider, a_call(provider):
        asyncio.run(AsgiBodyCapture(app)({"type": "http", "headers": []}, whole_body, send))

    assert (exporter.one().response.cut, exporter.one().response.size) == ("file", 4711)


def test_send_and_receive_have_what_the_servers_have() -> None:
    given = []

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        given.extend((receive, send))

    async def of_the_server(*_: object) -> dict:
        return {"type": "http.disconnect"}

    of_the_server.timeout = 5
    with open_store(), tracing(TakingExporter()) as provider, a_call(provider):
        asyncio.run(AsgiBodyCapture(app)({"type": "http"}, of_the_server, of_the_server))

    assert [each.timeout for each in given] == [5, 5]
    assert all(asyncio.iscoroutinefunction(each) for each in given)


def test_a_client_that_goes_away_after_its_answer_has_aborted_nothing() -> None:
    async def gone(*_: object) -> dict:
        return {"type": "http.disconnect"}

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})
        await receive()

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider, a_call(provider):
        asyncio.run(AsgiBodyCapture(app)({"type": "http", "headers": [(b"content-length", b"9")]}, gone, gone))

    assert exporter.one().response.cut is None
    assert exporter.one().request is None
