"""A deployment ends a service with SIGTERM: the calls that still wait in the processor's queue arrive all the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.calls import Call, make_call
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving
from support.versions import IS_RECENT

from opentelemetry_exporter_moesif.local_collector import LocalCollector

COMMANDS = {
    "gunicorn": "gunicorn --bind 127.0.0.1:{port} flask_app:app",
    "gunicorn preloading": "gunicorn --preload --bind 127.0.0.1:{port} flask_app:app",
    "uvicorn": "uvicorn --port {port} fastapi_app:app",
    "uvicorn with 2 workers": "uvicorn --workers 2 --port {port} fastapi_app:app",
    "hypercorn": "hypercorn --bind 127.0.0.1:{port} fastapi_app:app",
    "waitress": "waitress-serve --listen 127.0.0.1:{port} flask_app:app",
    "werkzeug": "flask --app flask_app run --port {port}",
}
if not IS_RECENT:
    # Older versions of `opentelemetry-instrument` leave alone the processes that a server starts anew.
    del COMMANDS["uvicorn with 2 workers"], COMMANDS["hypercorn"]
TEN_CALLS = tuple(Call(f"item {number}", "GET", f"/items/{number}") for number in range(10))

#: The processor's own default, longer than the service lives: nothing is exported before the end.
SETTINGS = {"OTEL_BSP_SCHEDULE_DELAY": "5000", **instrumenting_only("flask", "fastapi")}


def serve_ten_calls_and_end(command: str, environment: Mapping[str, str]) -> int:
    """The exit status of the server."""
    with serving(lambda port: instrumented(command.format(port=port).split()), environment) as server:
        for call in TEN_CALLS:
            assert make_call(server.port, call).status == 200
        return server.terminate()


@pytest.mark.parametrize("server", COMMANDS)
def test_ten_calls_before_a_sigterm_arrive_and_the_exit_status_is_as_without_us(server: str) -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **SETTINGS)
        status = serve_ten_calls_and_end(COMMANDS[server], environment)
        paths = [event["request"]["uri"].partition("/items/")[2] for event in collector.events()]

        without_us = exporting_to(collector, **SETTINGS, OTEL_TRACES_EXPORTER="none")
        assert status == serve_ten_calls_and_end(COMMANDS[server], without_us)

    assert sorted(paths) == [str(number) for number in range(10)]


def test_with_the_flush_turned_off_a_server_that_ends_at_once_loses_what_waits() -> None:
    """So it is the flush that brings the ten calls in the tests above, not the clock."""
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **SETTINGS, OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM="false")
        serve_ten_calls_and_end(COMMANDS["werkzeug"], environment)

        assert collector.events() == []
