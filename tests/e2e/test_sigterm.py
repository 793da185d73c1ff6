"""A deployment ends a service with SIGTERM: the calls that still wait in the processor's queue arrive all the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.calls import Call, make_call
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import serving
from support.servers import COMMON, Server

from opentelemetry_exporter_moesif.local_collector import LocalCollector

TEN_CALLS = tuple(Call(f"item {number}", "GET", f"/items/{number}") for number in range(10))

#: Longer than the service lives: nothing is exported before the end.
SETTINGS = {"OTEL_BSP_SCHEDULE_DELAY": "60000"}
SERVERS = [server for server in COMMON if server.is_installed()]
FLASK_RUN = next(server for server in COMMON if server.name == "flask run")


def serve_ten_calls_and_end(server: Server, environment: Mapping[str, str]) -> int:
    """The exit status of the server."""
    with serving(server.command, environment) as process:
        process.wait_until(server.has_started)
        for call in TEN_CALLS:
            assert make_call(process.port, call).status == 200
        return process.terminate()


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_ten_calls_before_a_sigterm_arrive_and_the_exit_status_is_as_without_us(server: Server) -> None:
    """Servers that need installing, bodies, and all that a caller sees: tests/servers."""
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **SETTINGS, **server.settings())
        status = serve_ten_calls_and_end(server, environment)
        paths = [event["request"]["uri"].partition("/items/")[2] for event in collector.events()]
        assert status == serve_ten_calls_and_end(server, environment | {"OTEL_TRACES_EXPORTER": "none"})

    assert sorted(paths) == [str(number) for number in range(10)]


def test_with_the_flush_turned_off_a_server_that_ends_at_once_loses_what_waits() -> None:
    """So it is the flush that brings the ten calls in the tests above, not the clock."""
    with LocalCollector(APPLICATION_ID) as collector:
        settings = {**SETTINGS, **FLASK_RUN.settings(), "OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM": "false"}
        serve_ten_calls_and_end(FLASK_RUN, exporting_to(collector, **settings))

        assert collector.events() == []
