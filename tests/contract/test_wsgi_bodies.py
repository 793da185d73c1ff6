"""Bodies of plain WSGI applications, under a real server and OpenTelemetry's real middlewares."""

from __future__ import annotations

import http.client
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import setup_testing_defaults

import falcon
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.falcon import FalconInstrumentor
from opentelemetry.instrumentation.pyramid import PyramidInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, Sampler, SamplingResult
from pyramid.config import Configurator
from support.bodies import TakingExporter, open_store, tracing

from opentelemetry_exporter_moesif.capture import WsgiBodyCapture


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(app: Callable) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def call(port: int, method: str = "GET", path: str = "/", body: bytes | None = None, **headers: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def into(stream: io.BufferedIOBase, size: int) -> bytes:
    buffer = bytearray(size)
    return bytes(buffer[: stream.readinto(buffer)])


def echo(environ: dict, start_response: Callable) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "around"])
def test_both_bodies_are_captured_inside_and_around_opentelemetrys_middleware(inside: bool) -> None:
    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        if inside:
            app = OpenTelemetryMiddleware(WsgiBodyCapture(echo), tracer_provider=provider)
        else:
            app = WsgiBodyCapture(OpenTelemetryMiddleware(echo, tracer_provider=provider))
        with serving(app) as port:
            answer = call(port, "POST", body=b'{"a": 1}', Content_Type="application/json; charset=utf-8")
        capture = exporter.one()

    assert answer == b'{"a": 1}'
    assert capture.request.content == b'{"a": 1}'
    assert capture.request.content_type == "application/json; charset=utf-8"
    assert not capture.request.truncated
    if inside:
        assert capture.response.content == b'{"a": 1}'
        assert capture.response.content_type == "application/json"
        assert not capture.response.incomplete


def test_a_streamed_answer_is_captured_and_its_first_chunk_is_not_held_back() -> None:
    received_first = threading.Event()

    def stream(environ: dict, start_response: Callable) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first,"
        assert received_first.wait(10)
        yield b"second"

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(stream), tracer_provider=provider)
        with serving(app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            received = b""
            while b"first," not in received:
                received += connection.recv(4096)
            # The second chunk is made only now: the first one was on the wire without it.
            received_first.set()
            while chunk := connection.recv(4096):
                received += chunk
        capture = exporter.one()

    assert received.endswith(b"first,second")
    assert capture.response.content == b"first,second"
    assert not capture.response.incomplete


def test_a_stream_that_breaks_is_said_to_be_incomplete() -> None:
    def stream(environ: dict, start_response: Callable) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        message = "boom"
        raise RuntimeError(message)

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(stream), tracer_provider=provider)
        environ: dict = {}
        setup_testing_defaults(environ)
        chunks = iter(app(environ, lambda *_: lambda _: None))
        assert next(chunks) == b"first"
        with pytest.raises(RuntimeError):
            next(chunks)
        chunks.close()

    assert exporter.one().response.incomplete


def test_what_is_written_instead_of_returned_is_captured_too() -> None:
    def writer(environ: dict, start_response: Callable) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])(b"written")
        return [b" and returned"]

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(writer), tracer_provider=provider)
        with serving(app) as port:
            assert call(port) == b"written and returned"

    assert exporter.one().response.content == b"written and returned"


@pytest.mark.parametrize(
    "read",
    [
        lambda stream, size: stream.read(size),
        lambda stream, size: b"".join(stream.readline() for _ in range(2)),
        lambda stream, size: b"".join(stream.readlines(size - 1)),
        lambda stream, size: b"".join([next(iter(stream)), stream.readline()]),
        into,
    ],
    ids=["read", "readline", "readlines", "iterated", "readinto"],
)
def test_a_request_is_captured_however_it_is_read(read: Callable) -> None:
    def reader(environ: dict, start_response: Callable) -> list[bytes]:
        body = read(environ["wsgi.input"], int(environ["CONTENT_LENGTH"]))
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(reader), tracer_provider=provider)
        with serving(app) as port:
            assert call(port, "POST", body=b"one\ntwo\n", Content_Type="text/plain") == b"one\ntwo\n"

    assert exporter.one().request.content == b"one\ntwo\n"


def test_an_upload_of_files_passes_untouched() -> None:
    seen = []

    def app(environ: dict, start_response: Callable) -> list[bytes]:
        seen.append(type(environ["wsgi.input"]).__name__)
        return echo(environ, start_response)

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        whole = OpenTelemetryMiddleware(WsgiBodyCapture(app), tracer_provider=provider)
        with serving(whole) as port:
            call(port, "POST", body=b"--x--", Content_Type="multipart/form-data; boundary=x")

    assert seen == ["BufferedReader"]
    assert exporter.one().request is None


def test_a_call_that_is_not_sampled_captures_nothing() -> None:
    exporter = TakingExporter()
    with open_store() as opened, tracing(exporter, ALWAYS_OFF) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(echo), tracer_provider=provider)
        with serving(app) as port:
            assert call(port, "POST", body=b"hello") == b"hello"

        assert len(opened) == 0


class RecordOnly(Sampler):
    """Spans that processors see, and that no batch processor exports."""

    def should_sample(self, *_: object, **__: object) -> SamplingResult:
        return SamplingResult(Decision.RECORD_ONLY)

    def get_description(self) -> str:
        return "RecordOnly"


def test_a_call_that_is_recorded_but_not_sampled_captures_nothing() -> None:
    with open_store() as opened, tracing(TakingExporter(), RecordOnly()) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(echo), tracer_provider=provider)
        with serving(app) as port:
            assert call(port, "POST", body=b"hello") == b"hello"

        assert len(opened) == 0


def test_a_call_without_a_span_captures_nothing() -> None:
    with open_store() as opened, serving(WsgiBodyCapture(echo)) as port:
        assert call(port, "POST", body=b"hello") == b"hello"
        assert len(opened) == 0


@pytest.mark.parametrize(
    "headers",
    [
        [(b"Content-Type", 5), ("Content-Length", None)],
        [("one",)],
        None,
        iter([("Content-Type", "text/plain")]),
    ],
    ids=["odd types", "no pair", "none", "an iterator"],
)
def test_odd_headers_reach_the_server_as_they_are_and_disturb_nothing(headers: object) -> None:
    given = []

    def app(environ: dict, start_response: Callable) -> list[object]:
        start_response("200 OK", headers)
        return [b"answer", 7]

    with open_store(), tracing(TakingExporter()) as provider:
        environ: dict = {"CONTENT_TYPE": None, "CONTENT_LENGTH": "9" * 5000}
        setup_testing_defaults(environ)
        with provider.get_tracer("test").start_as_current_span("call", kind=trace.SpanKind.SERVER):
            answer = WsgiBodyCapture(app)(environ, lambda *arguments: given.append(arguments))

    assert answer == [b"answer", 7]
    assert given == [("200 OK", headers)]


def test_without_an_exporter_the_application_is_called_as_if_nothing_were_there() -> None:
    given = []

    def app(environ: dict, start_response: Callable) -> list[bytes]:
        given.append((environ["wsgi.input"], start_response))
        return []

    stream = io.BytesIO()
    start_response = object()
    WsgiBodyCapture(app)({"wsgi.input": stream}, start_response)

    assert [(stream, start_response)] == given


def test_a_file_that_the_server_sends_itself_is_left_to_it() -> None:
    class FileWrapper:
        def __init__(self, file: io.BytesIO) -> None:
            self.file = file

        def __iter__(self) -> Iterator[bytes]:
            return iter(self.file)

    def app(environ: dict, start_response: Callable) -> FileWrapper:
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](io.BytesIO(b"file"))

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider, provider.get_tracer("test").start_as_current_span("x"):
        environ = {"wsgi.input": io.BytesIO(), "wsgi.file_wrapper": FileWrapper}
        answer = WsgiBodyCapture(app)(environ, lambda *_: None)

    assert isinstance(answer, FileWrapper)


class Things:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = request.media


def test_a_wrapper_around_an_instrumented_falcon_application_finds_its_span() -> None:
    exporter = TakingExporter(at_once=False)
    with open_store(), tracing(exporter) as provider:
        FalconInstrumentor().instrument(tracer_provider=provider)
        try:
            app = falcon.App()
            app.add_route("/", Things())
            with serving(WsgiBodyCapture(app)) as port:
                answer = call(port, "POST", body=b'{"a":1}', Content_Type="application/json")
        finally:
            FalconInstrumentor().uninstrument()
        capture = exporter.one()

    assert answer == capture.response.content
    assert capture.request.content == b'{"a":1}'


# Of the second one nothing is read while its span is current, and the span ends before its answer.
@pytest.mark.parametrize(("method", "body"), [("POST", b'{"a":1}'), ("GET", None)])
def test_a_wrapper_around_an_instrumented_pyramid_application_finds_its_span(
    method: str, body: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = TakingExporter(at_once=False)
    with open_store(), tracing(exporter) as provider:
        # Pyramid's instrumentation takes the global provider only, which is set once and for all in a process.
        monkeypatch.setattr(trace, "get_tracer", lambda *_, **__: provider.get_tracer("pyramid"))
        config = Configurator()
        PyramidInstrumentor().instrument_config(config)
        config.add_route("things", "/")
        config.add_view(lambda request: {"got": request.body.decode()}, route_name="things", renderer="json")
        with serving(WsgiBodyCapture(config.make_wsgi_app())) as port:
            answer = call(port, method, body=body, Content_Type="application/json")
        capture = exporter.one()

    assert json.loads(answer) == {"got": (body or b"").decode()}
    assert answer == capture.response.content
    assert (capture.request.content if capture.request else None) == body
