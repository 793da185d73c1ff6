"""What is no HTTP call makes no event, and a call that is instrumented twice makes two, as the documentation says."""

from __future__ import annotations

import socket

import pytest
from support.calls import Call, make_call
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving
from support.versions import IS_RECENT

from opentelemetry_exporter_moesif.local_collector import LocalCollector

CALL = Call("item", "GET", "/items/7")
LAST = Call("item", "GET", "/items/8")
HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def uvicorn(app: str, port: int) -> list[str]:
    return instrumented(["uvicorn", "--ws", "wsproto", "--port", str(port), app])


def talk_over_a_web_socket(port: int) -> bytes:
    """All that the server sends, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(HANDSHAKE)
        received = b""
        while b"hello" not in received and (more := connection.recv(4096)):
            received += more
        return received


@pytest.mark.parametrize("framework", ["fastapi", "tornado", "aiohttp"])
def test_a_web_socket_makes_no_event_and_the_call_after_it_does(framework: str) -> None:
    def command(port: int) -> list[str]:
        if framework == "fastapi":
            return uvicorn("fastapi_app:app", port)
        return instrumented(["python", "-m", f"{framework}_app", str(port)])

    with LocalCollector(APPLICATION_ID) as collector:
        with serving(command, exporting_to(collector, **instrumenting_only(framework))) as server:
            assert talk_over_a_web_socket(server.port).startswith(b"HTTP/1.1 101 ")
            make_call(server.port, CALL)
            make_call(server.port, LAST)  # when it is answered, the one before it has ended in the server, too
            server.interrupt()
        paths = [event["request"]["uri"].partition(str(server.port))[2] for event in collector.events()]

    assert [path for path in paths if path != LAST.target] == [CALL.target]


@pytest.mark.skipif(not IS_RECENT, reason="older FastAPI has no instrumentation of its own")
@pytest.mark.parametrize(("app", "events"), [("both", 2), ("one", 1)])
def test_fastapis_own_instrumentation_beside_opentelemetrys_doubles_the_events_until_it_is_turned_off(
    app: str, events: int
) -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **instrumenting_only())
        with serving(lambda port: uvicorn(f"fastapi_wrapped_app:{app}", port), environment) as server:
            make_call(server.port, CALL)
            server.interrupt()

        assert len(collector.events()) == events


def test_a_tornado_handler_that_raises_after_it_has_answered_makes_one_event() -> None:
    """OpenTelemetry makes a second SERVER span of it. Those of Derived are instrumented twice, when Base was as well."""
    paths = ["/finished", "/finished", "/derived", "/base", "/derived", "/plain", "/finished"]
    with LocalCollector(APPLICATION_ID) as collector:
        with serving(
            lambda port: instrumented(["python", "-m", "tornado_twice_app", str(port)]),
            exporting_to(collector, **instrumenting_only("tornado")),
        ) as server:
            statuses = [make_call(server.port, Call(path, "GET", path)).status for path in paths]
            # A handler has not ended when its answer is there, and a signal would come in between.
            collector.wait_for(len(paths), timeout=100)
            server.interrupt()
        events = sorted(collector.events(), key=lambda event: event["request"]["time"])

    told = [(event["request"]["uri"].partition(str(server.port))[2], event["response"]["status"]) for event in events]
    assert statuses == [410, 410, 404, 404, 404, 200, 410]
    assert told == list(zip(paths, statuses, strict=True))
