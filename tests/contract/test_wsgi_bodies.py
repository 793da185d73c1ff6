"""Bodies of plain WSGI applications, under a real server and OpenTelemetry's real middlewares."""

from __future__ import annotations

import copy
import functools
import gc
import http.client
import io
import json
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import setup_testing_defaults

import falcon
import flask
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.falcon import FalconInstrumentor
from opentelemetry.instrumentation.pyramid import PyramidInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, Sampler, SamplingResult
from pyramid.config import Configurator
from support.bodies import TakingExporter, a_call, open_store, tracing
from support.wsgi_input import OnlyWhatPep3333Asks

from opentelemetry_exporter_moesif.capture import AsgiBodyCapture, WsgiBodyCapture


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
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
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
    assert capture.request.cut is None
    if inside:
        assert capture.response.content == b'{"a": 1}'
        assert capture.response.content_type == "application/json"
        assert capture.response.cut is None


def test_a_streamed_answer_is_captured_and_its_first_chunk_is_not_held_back() -> None:
    received_first = threading.Event()

    def stream(environ: dict, start_response: Callable) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first,"
        assert received_first.wait(60)
        yield b"second"

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        app = OpenTelemetryMiddleware(WsgiBodyCapture(stream), tracer_provider=provider)
        with serving(app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
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
    assert capture.response.cut is None


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

    assert exporter.one().response.cut == "incomplete"


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


def test_of_what_is_no_form_and_has_parts_nothing_is_looked_at() -> None:
    seen = []

    def app(environ: dict, start_response: Callable) -> list[bytes]:
        seen.append(type(environ["wsgi.input"]).__name__)
        return echo(environ, start_response)

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        whole = OpenTelemetryMiddleware(WsgiBodyCapture(app), tracer_provider=provider)
        with serving(whole) as port:
            call(port, "POST", body=b"--x--", Content_Type="multipart/mixed; boundary=x")

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


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b'{"a": "1"}', "application/json"), (b"a=1", "application/x-www-form-urlencoded")],
    ids=["JSON", "form"],
)
def test_flask_reads_its_request_from_a_server_that_gives_no_more_than_pep_3333_asks(
    content: bytes, content_type: str
) -> None:
    flask_app = flask.Flask("plain")
    flask_app.post("/")(lambda: flask.request.get_json(silent=True) or dict(flask.request.form))

    def app(environ: dict, start_response: Callable) -> object:
        environ["wsgi.input"] = OnlyWhatPep3333Asks(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        return whole(environ, start_response)

    exporter = TakingExporter()
    with open_store(), tracing(exporter) as provider:
        whole = OpenTelemetryMiddleware(WsgiBodyCapture(flask_app), tracer_provider=provider)
        with serving(app) as port:
            assert json.loads(call(port, "POST", body=content, Content_Type=content_type)) == {"a": "1"}

    assert exporter.one().request.content == content


def serve_once(app: Callable, environ: dict) -> tuple[object, TakingExporter]:
    exporter = TakingExporter()
    setup_testing_defaults(environ)
    with open_store(), tracing(exporter) as provider, a_call(provider):
        answer = WsgiBodyCapture(app)(environ, lambda *_, **__: lambda _: None)
        for _ in answer if isinstance(answer, Iterator) else ():
            break
        if hasattr(answer, "close"):
            answer.close()
    return answer, exporter


def test_the_file_of_a_server_whose_file_wrapper_is_a_function_is_left_to_it() -> None:
    """uWSGI's gives the file back, and looks whether the answer is that very object."""
    file = io.BytesIO(b"file")

    def app(environ: dict, start_response: Callable) -> object:
        start_response("200 OK", [("Content-Length", "4")])
        return environ["wsgi.file_wrapper"](file, 4096)

    answer, exporter = serve_once(app, {"wsgi.file_wrapper": lambda filelike, _block_size: filelike})

    assert answer is file
    assert (exporter.one().response.cut, exporter.one().response.size) == ("file", 4)


def test_an_answer_whose_client_went_away_is_aborted() -> None:
    def app(environ: dict, start_response: Callable) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        yield b"second"

    _, exporter = serve_once(app, {})

    assert exporter.one().response.content == b"first"
    assert exporter.one().response.cut == "aborted"


def test_an_upload_whose_client_went_away_is_aborted() -> None:
    def app(environ: dict, start_response: Callable) -> list[bytes]:
        environ["wsgi.input"].read(10)
        environ["wsgi.input"].read(10)
        start_response("200 OK", [])
        return []

    _, exporter = serve_once(
        app, {"CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "10", "wsgi.input": io.BytesIO(b"half")}
    )

    assert (exporter.one().request.content, exporter.one().request.cut) == (b"half", "aborted")


def test_a_request_that_is_read_twice_is_captured_once() -> None:
    def app(environ: dict, start_response: Callable) -> list[bytes]:
        stream = environ["wsgi.input"]
        twice = stream.read(4)
        stream.seek(0)
        twice += stream.read()
        start_response("200 OK", [])
        return [twice]

    answer, exporter = serve_once(
        app, {"CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "8", "wsgi.input": io.BytesIO(b"one, two")}
    )

    assert answer == [b"one,one, two"]
    assert exporter.one().request.content == b"one, two"


class Sized:
    """An answer whose length PEP 3333 lets the server ask for."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"whole"])

    def __len__(self) -> int:
        return 1


def test_a_server_that_asks_for_the_number_of_chunks_learns_it() -> None:
    def app(environ: dict, start_response: Callable) -> Sized:
        start_response("200 OK", [])
        return Sized()

    answer, _ = serve_once(app, {})

    assert len(answer) == 1
    assert not hasattr(answer, "close")
    assert not hasattr(answer, "__next__")


class Held:
    """Anything that a server puts into the environ."""


def test_nothing_of_a_call_waits_for_the_next_garbage_collection() -> None:
    gc.collect()
    gc.disable()
    try:
        held = Held()
        gone = weakref.ref(held)
        app = WsgiBodyCapture(echo)
        with open_store(), tracing(TakingExporter()) as provider, a_call(provider):
            environ: dict = {"held": held, "CONTENT_LENGTH": "5", "wsgi.input": io.BytesIO(b"hello")}
            assert app(environ, lambda *_: None) == [b"hello"]
            recording = environ["opentelemetry_exporter_moesif.recording"]
        del held, environ
        assert (recording.entry.request.content, recording.entry.response.content) == (b"", b"")
        del recording
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("wrapper", [WsgiBodyCapture, AsgiBodyCapture])
def test_a_wrapper_can_be_copied_and_has_what_the_application_has(wrapper: type) -> None:
    app = functools.partial(echo)
    app.title = "teas"

    assert copy.copy(wrapper(app)).title == "teas"
