"""A deployment ends a service while the collector is down: soon, and with a spool without loss."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.calls import Call, make_call
from support.faulty_server import FaultyServer
from support.server_process import clean_environment, instrumented, serving

from opentelemetry_exporter_moesif.delivery.spool.applications import waiting

COMMANDS = {
    "gunicorn preloading": "gunicorn --preload --graceful-timeout 600 --bind 127.0.0.1:{port} flask_app:app",
    "uvicorn": "uvicorn --port {port} fastapi_app:app",
    "werkzeug": "flask --app flask_app run --port {port}",
}
# Far more than an end may take, for a busy machine, and less than the collector hangs and anybody's timeout.
_LONGEST_SECONDS = 200.0
CALLS = tuple(Call(f"item {number}", "GET", f"/items/{number}") for number in range(5))


def _environment(server: FaultyServer, **settings: str) -> dict[str, str]:
    return clean_environment(
        OTEL_TRACES_EXPORTER="moesif",
        OTEL_METRICS_EXPORTER="none",
        OTEL_LOGS_EXPORTER="none",
        OTEL_EXPORTER_MOESIF_APPLICATION_ID="an-id",
        OTEL_EXPORTER_MOESIF_ENDPOINT=server.url,
        **settings,
    )


def _serve_and_end(command: str, environment: dict[str, str]) -> None:
    with serving(lambda port: instrumented(command.format(port=port).split()), environment) as server:
        for call in CALLS:
            assert make_call(server.port, call).status == 200
        server.terminate(_LONGEST_SECONDS)


@pytest.mark.parametrize("server", COMMANDS)
def test_a_hanging_collector_holds_up_no_server(server: str) -> None:
    with FaultyServer(["hang before reading"] * 99) as collector:
        settings = {"OTEL_EXPORTER_MOESIF_TIMEOUT": "300", "OTEL_EXPORTER_MOESIF_SHUTDOWN_TIMEOUT": "3"}
        _serve_and_end(COMMANDS[server], _environment(collector, **settings))


@pytest.mark.parametrize("server", COMMANDS)
def test_with_a_spool_the_calls_wait_for_the_next_start(server: str, tmp_path: Path) -> None:
    with FaultyServer([503] * 99) as collector:
        environment = _environment(collector, OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY=str(tmp_path))
        _serve_and_end(COMMANDS[server], environment)
        assert sum(line.events for line in waiting(tmp_path)) == len(CALLS)
        collector.script.clear()
        _serve_and_end(COMMANDS[server], environment | {"OTEL_BSP_SCHEDULE_DELAY": "100"})
        assert len(collector.arrived) == 2 * len(CALLS)
        assert set(collector.arrived.values()) == {1}
    assert waiting(tmp_path) == []
