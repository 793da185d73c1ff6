"""Bodies of unmodified applications: under `opentelemetry-instrument`, and set up in code in every order."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.calls import Call, make_call
from support.combinations import Combination, Service
from support.expected_events import Bodies, assert_is_whole
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import APPS, ServerProcess, clean_environment, instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

SECRET = "hush-Zq7"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Server:
    """An application of `tests/apps` and the server under which it runs."""

    name: str
    module: str
    app: str
    command: tuple[str, ...]
    environment: Mapping[str, str]

    def command_line(self, port: int) -> list[str]:
        return [part.format(port=port) for part in self.command]


_DJANGO = {"DJANGO_SETTINGS_MODULE": "bodies_django_settings"}
_GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}")
_UVICORN = ("uvicorn", "--host", "127.0.0.1", "--port", "{port}")
SERVERS = {
    server.name: server
    for server in (
        Server("flask", "bodies_flask_app", "app", (*_GUNICORN, "bodies_flask_app:app"), {}),
        Server("django-wsgi", "bodies_django_app", "wsgi", (*_GUNICORN, "bodies_django_app:wsgi"), _DJANGO),
        Server(
            "django-asgi",
            "bodies_django_app",
            "asgi",
            (*_UVICORN, "bodies_django_app:asgi"),
            {**_DJANGO, "BODIES_ASYNC": "1"},
        ),
        Server("fastapi", "bodies_fastapi_app", "app", (*_UVICORN, "bodies_fastapi_app:app"), {}),
        Server("starlette", "bodies_starlette_app", "app", (*_UVICORN, "bodies_starlette_app:app"), {}),
    )
}
ALL = pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)


@contextmanager
def capturing(server: Server, **settings: str) -> Iterator[tuple[ServerProcess, LocalCollector]]:
    """A server with body capture on, and the collector it exports to."""
    with LocalCollector(APPLICATION_ID) as collector:
        settings = {"OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true", **server.environment, **settings}
        environment = exporting_to(collector, **settings)
        with serving(lambda port: instrumented(server.command_line(port)), environment) as process:
            yield process, collector


@dataclass(frozen=True)
class Running:
    """A server that several tests call."""

    name: str
    port: int
    collector: LocalCollector
    met: Path

    def event(self, path: str) -> dict[str, Any]:
        """Returns: the event of the call of this path, which must be the only one."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = [event for event in self.collector.events() if event["request"]["uri"].endswith(path)]
            if found:
                assert self.collector.invalid() == []
                assert len(found) == 1
                return found[0]
            time.sleep(0.02)
        message = f"no event of {path} arrived"
        raise TimeoutError(message)


_COMBINATIONS = {
    name: Combination(Service(name.partition("-")[0], command[0], ""), "old", captured=True)
    for name, command in ((server.name, server.command) for server in SERVERS.values())
}


@pytest.fixture(scope="module", params=SERVERS)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    met = tmp_path_factory.mktemp("caller") / "met"
    environment = {**_COMBINATIONS[request.param].environment(), "HANDSHAKE": str(met)}
    with capturing(SERVERS[request.param], **environment) as (process, collector):
        yield Running(request.param, process.port, collector, met)


def call(port: int, method: str, path: str, body: Any = None, **headers: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def one_event(collector: LocalCollector) -> dict[str, Any]:
    (event,) = collector.wait_for(1, timeout=100)
    assert collector.invalid() == []
    return event


def text(part: Mapping[str, Any]) -> str:
    assert part["transfer_encoding"] == "base64"
    return base64.b64decode(part["body"]).decode()


def test_json_bodies_arrive_as_objects_without_their_secrets(running: Running) -> None:
    sent = {"name": "é", "login": {"password": SECRET}}
    answer = call(running.port, "POST", "/echo?json", json.dumps(sent), Content_Type="application/json")
    event = running.event("/echo?json")

    assert json.loads(answer) == {"got": sent}
    assert event["request"]["body"] == {"name": "é", "login": {"password": "[REDACTED]"}}
    assert event["request"]["transfer_encoding"] == "json"
    assert event["response"]["body"] == {"got": event["request"]["body"]}
    assert SECRET not in json.dumps(event)


def test_the_whole_event_is_what_was_sent_and_answered(running: Running) -> None:
    headers = (("Content-Type", "application/json"), ("X-Dup", "1"), ("Authorization", f"Bearer {SECRET}"))
    exchange = make_call(running.port, Call("echo", "POST", "/echo?whole", 21, headers, b'{"a": 1}'))
    path = "echo" if running.name.startswith("django") else "/echo"

    assert_is_whole(
        running.event("/echo?whole"),
        _COMBINATIONS[running.name],
        exchange,
        f"POST {path}",
        Bodies({"a": 1}, {"got": {"a": 1}}),
    )


def test_an_answer_of_the_applications_own_middleware_is_captured(running: Running) -> None:
    call(running.port, "POST", "/echo?reject", "{}", X_Reject="1", Content_Type="application/json")
    event = running.event("/echo?reject")

    assert event["response"]["status"] == 401
    assert event["response"]["body"] == {"error": "rejected"}


def test_the_first_chunk_of_a_slow_stream_is_not_held_back(running: Running) -> None:
    # Flask and Django end the span before the stream: it is exported while the stream is under way.
    spans_end_first = running.name not in {"fastapi", "starlette"}
    running.met.unlink(missing_ok=True)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    connection.request("GET", "/slow")
    response = connection.getresponse()
    assert response.read1() == b"first\n"
    early = running.event("/slow") if spans_end_first else None
    running.met.touch()  # until then, the stream does not go on
    assert response.read() == b"last\n"
    connection.close()
    event = early or running.event("/slow")

    if spans_end_first:
        assert event["metadata"]["response_body"] == "incomplete"
        assert "last" not in json.dumps(event)
    else:
        assert text(event["response"]) == "first\nlast\n"


def test_an_event_stream_is_not_held_back_and_not_captured(running: Running) -> None:
    if running.name != "fastapi":
        return
    running.met.unlink(missing_ok=True)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    connection.request("GET", "/events")
    response = connection.getresponse()
    assert response.read1() == b"data: first\n\n"
    running.met.touch()  # until then, the stream does not go on
    response.read()
    connection.close()
    event = running.event("/events")

    assert "body" not in event["response"]
    assert "response_body" not in event["metadata"]


def test_forms_arrive_without_their_secrets(running: Running) -> None:
    call(running.port, "POST", "/form?secret", f"name=me&user%5Bpassword%5D={SECRET}", Content_Type=FORM)

    assert text(running.event("/form?secret")["request"]) == "name=me&user%5Bpassword%5D=[REDACTED]"


def test_uploads_arrive_as_their_fields_and_never_with_a_files_content(running: Running) -> None:
    part = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\n'
        + SECRET.encode()
        + b"\r\n--x--\r\n"
    )
    answer = call(running.port, "POST", "/form?file", part, Content_Type="multipart/form-data; boundary=x")
    event = running.event("/form?file")

    assert json.loads(answer)["names"][0] == "a"
    uploaded = {"filename": "n.txt", "content_type": "text/plain", "size": len(SECRET)}
    assert event["request"]["body"] == {"a": "value", "f": uploaded}
    assert SECRET not in json.dumps(event)


def test_a_file_is_sent_whole_and_told_by_its_size_where_the_server_sends_it(running: Running) -> None:
    assert call(running.port, "GET", "/file") == b"file" * 10
    event = running.event("/file")

    if running.name in {"fastapi", "starlette"}:  # they read it themselves, and send it as any other answer
        assert text(event["response"]) == "file" * 10
    else:
        assert "body" not in event["response"]
        assert event["metadata"]["response_body"] == "file"
        assert event["metadata"]["response_body_size"] == 40


def test_a_call_that_fails_makes_its_event(running: Running) -> None:
    call(running.port, "GET", "/boom")

    event = running.event("/boom")
    assert event["response"]["status"] == 500
    is_made_outside = running.name == "starlette"
    assert (event["metadata"].get("response_body") == "not seen") is is_made_outside
    assert ("body" in event["response"]) is not is_made_outside


@pytest.mark.parametrize("name", ["flask", "django-wsgi", "django-asgi"])
def test_a_streamed_answer_that_ends_before_its_span_is_exported_arrives(name: str) -> None:
    with capturing(SERVERS[name], OTEL_BSP_SCHEDULE_DELAY="600000") as (process, collector):
        assert call(process.port, "GET", "/stream") == b"one\ntwo\n"
        process.interrupt()  # the exit exports what waits
        event = one_event(collector)

    assert text(event["response"]) == "one\ntwo\n"
    assert "response_body" not in event["metadata"]


@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_a_call_that_is_not_sampled_makes_no_event_and_is_answered(name: str) -> None:
    with capturing(SERVERS[name], OTEL_TRACES_SAMPLER="always_off") as (process, collector):
        assert json.loads(call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json"))
        process.interrupt()
        assert collector.events() == []


@pytest.mark.parametrize(
    ("name", "own"), [("fastapi", "fastapi.telemetry"), ("starlette", "starlette.middleware.opentelemetry")]
)
def test_frameworks_with_an_instrumentation_of_their_own_have_their_bodies_captured_too(name: str, own: str) -> None:
    pytest.importorskip(own, reason="this version of the framework makes no spans itself")
    settings = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi,starlette", "BODIES_STARLETTE_OWN": "1"}
    with capturing(SERVERS[name], **settings) as (process, collector):
        call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json")
        call(process.port, "POST", "/echo", "{}", X_Reject="1", Content_Type="application/json")
        echoed, rejected = sorted(collector.wait_for(2, timeout=100), key=lambda event: event["response"]["status"])

    assert echoed["request"]["body"] == {"a": 1}
    assert echoed["response"]["body"] == {"got": {"a": 1}}
    assert rejected["response"]["body"] == {"error": "rejected"}


def test_a_mounted_application_has_its_bodies_captured_once() -> None:
    with capturing(SERVERS["fastapi"]) as (process, collector):
        call(process.port, "POST", "/mounted/echo", '{"a": 1}', Content_Type="application/json")
        event = one_event(collector)

    assert event["request"]["body"] == {"a": 1}
    assert event["response"]["body"] == {"got": {"a": 1}}


def test_djangos_middleware_lies_right_inside_opentelemetrys_wherever_that_is() -> None:
    position = {"OTEL_PYTHON_DJANGO_MIDDLEWARE_POSITION": "1"}
    with capturing(SERVERS["django-wsgi"], **position) as (process, collector):
        call(process.port, "POST", "/echo?rejected", "{}", X_Reject="1", Content_Type="application/json")
        call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json")
        event = one_event(collector)  # what is answered outside of OpenTelemetry's middleware has no span

    assert event["request"]["body"] == {"a": 1}
    assert event["response"]["body"] == {"got": {"a": 1}}


def test_nothing_is_captured_unless_it_is_asked_for() -> None:
    with capturing(SERVERS["flask"], OTEL_EXPORTER_MOESIF_CAPTURE_BODIES="false") as (process, collector):
        call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json")
        event = one_event(collector)

    assert "body" not in event["request"]
    assert "body" not in event["response"]


def test_bodies_of_failed_calls_alone_where_that_is_asked_for() -> None:
    with capturing(SERVERS["flask"], OTEL_EXPORTER_MOESIF_CAPTURE_BODIES="errors") as (process, collector):
        call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json")
        call(process.port, "POST", "/echo", '{"a": 2}', Content_Type="application/json", X_Reject="1")
        answered, rejected = sorted(collector.wait_for(2, timeout=100), key=lambda event: event["response"]["status"])

    assert "body" not in answered["request"]
    assert "body" not in answered["response"]
    # What nobody read of a request is not captured.
    assert (rejected["response"]["status"], rejected["response"]["body"]) == (401, {"error": "rejected"})


def test_the_beginning_of_a_stream_where_that_is_asked_for() -> None:
    with capturing(SERVERS["fastapi"], OTEL_EXPORTER_MOESIF_CAPTURE_STREAMS="true") as (process, collector):
        call(process.port, "GET", "/events")
        event = one_event(collector)

    assert text(event["response"]) == "data: first\n\ndata: last\n\n"
    assert event["metadata"]["response_body"] == "stream"


def test_no_body_is_in_the_output_of_another_exporter_of_the_process() -> None:
    with capturing(SERVERS["flask"], OTEL_TRACES_EXPORTER="console,moesif") as (process, collector):
        mark = "mark-4711"
        call(process.port, "POST", "/echo", json.dumps({"name": mark}), Content_Type="application/json")
        event = one_event(collector)
        process.interrupt()  # so that the other exporter has written all that it will
        output = process.output()

    assert event["request"]["body"] == {"name": mark}
    assert '"POST /echo"' in output
    assert mark not in output


ORDERS = (
    ("exporter", "framework", "bodies"),
    ("exporter", "bodies", "framework"),
    ("framework", "bodies", "exporter"),
    ("bodies", "framework", "exporter"),
)


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
@ALL
def test_exporter_framework_and_bodies_may_be_set_up_in_any_order(server: Server, order: tuple[str, ...]) -> None:
    script = str(APPS / "instrumented_in_code.py")
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **server.environment)
        command = (server.module, server.app, *order)
        with serving(lambda port: [sys.executable, script, str(port), *command], environment) as process:
            call(process.port, "POST", "/echo", '{"a": 1}', Content_Type="application/json")
            event = one_event(collector)

    assert event["request"]["body"] == {"a": 1}
    assert event["response"]["body"] == {"got": {"a": 1}}


UPLOAD_BYTES = 100 * 1024 * 1024
MAX_GROWTH_BYTES = 30 * 1024 * 1024


def chunks(size: int) -> Iterator[bytes]:
    chunk = b"x" * 65536
    for _ in range(size // len(chunk)):
        yield chunk


def memory_of(process: ServerProcess) -> int:
    """Bytes of memory that the server and its workers hold at most, since each of them started."""
    parent = psutil.Process(process.process.pid)
    return max(_peak(each.pid) for each in (parent, *parent.children(recursive=True)))


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
@pytest.mark.parametrize("name", ["flask", "django-wsgi", "fastapi", "starlette"])
def test_a_large_upload_costs_no_memory(name: str) -> None:
    with capturing(SERVERS[name]) as (process, collector):
        call(process.port, "POST", "/upload", b"small", Content_Length="5", Content_Type="application/octet-stream")
        collector.wait_for(1, timeout=100)
        before = memory_of(process)
        answer = call(
            process.port,
            "POST",
            "/upload",
            chunks(UPLOAD_BYTES),
            Content_Length=str(UPLOAD_BYTES),
            Content_Type="application/octet-stream",
        )
        event = collector.wait_for(2, timeout=100)[1]
        grown = memory_of(process) - before

    assert json.loads(answer) == {"size": UPLOAD_BYTES}
    assert event["metadata"]["request_body"] == "truncated"
    assert len(base64.b64decode(event["request"]["body"])) == 100_000
    assert grown < MAX_GROWTH_BYTES


@pytest.mark.parametrize("capture", ["true", "false"])
def test_under_opentelemetry_instrument_a_process_without_body_capture_is_left_as_it_was(capture: str) -> None:
    script = (
        "import sys, flask\n"
        "print(hasattr(flask.app.Flask.__init__, '__wrapped__'),"
        " [name for name in sys.modules if name.startswith('opentelemetry_exporter_moesif.capture.')])"
    )
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, OTEL_EXPORTER_MOESIF_CAPTURE_BODIES=capture)
        found = subprocess.run(
            instrumented([sys.executable, "-c", script]), env=environment, capture_output=True, text=True, check=True
        )

    hooked, modules = found.stdout.strip().split(" ", 1)
    assert hooked == str(capture == "true")
    if capture == "false":
        assert modules == str([f"opentelemetry_exporter_moesif.capture.{name}" for name in ("instrumentor", "opening")])


def test_the_instrumentor_imports_no_framework() -> None:
    script = (
        "import sys\n"
        "from opentelemetry_exporter_moesif.capture import MoesifBodyCapture\n"
        "MoesifBodyCapture().instrument()\n"
        "print([name for name in ('flask', 'django', 'starlette', 'fastapi', 'requests') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
