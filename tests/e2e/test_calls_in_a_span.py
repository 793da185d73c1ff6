"""A call is one event although a span stands around the server, or the one of the former call does."""

from __future__ import annotations

import http.client
from collections.abc import Sequence

import pytest
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import APPS, instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

CALLS = 10
COMMANDS = {
    "python -m uvicorn": ("python", "-m", "uvicorn", "fastapi_app:app", "--port", "{port}"),
    "fastapi run": ("fastapi", "run", "{apps}/fastapi_app.py", "--port", "{port}", "--host", "127.0.0.1"),
    "litestar run": ("litestar", "--app", "litestar_app:app", "run", "--port", "{port}"),
    "a program of click": ("python", "-m", "command_app", "serve", "--port", "{port}"),
}
MOUNTS = {
    "FastAPI in FastAPI": ("uvicorn", "mounts_app:fastapi", "--port", "{port}"),
    "Flask in Starlette": ("uvicorn", "mounts_app:starlette", "--port", "{port}"),
    "Flask in FastAPI, by a2wsgi": ("uvicorn", "mounts_app:a2wsgi", "--port", "{port}"),
    "Flask in Flask, by Werkzeug": ("waitress-serve", "--listen", "127.0.0.1:{port}", "mounts_app:dispatcher"),
}


def call_on_one_connection(port: int, path: str) -> list[int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statuses = []
    for number in range(CALLS):
        connection.request("GET", f"{path}/items/{number}")
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    return statuses


def served(command: Sequence[str], path: str, *frameworks: str) -> list[str]:
    """The targets of the events that ten calls became, of a server that is ended at once after the last of them."""

    def command_line(port: int) -> list[str]:
        return instrumented([part.format(port=port, apps=APPS) for part in command])

    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **instrumenting_only(*frameworks))
        with serving(command_line, environment) as server:
            assert call_on_one_connection(server.port, path) == [200] * CALLS
            server.terminate()
        return sorted(event["request"]["uri"].partition(str(server.port))[2] for event in collector.events())


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_each_call_of_a_server_that_a_command_starts_is_one_event(command: Sequence[str]) -> None:
    assert served(command, "", "fastapi", "click") == [f"/items/{number}" for number in range(CALLS)]


@pytest.mark.parametrize("command", MOUNTS.values(), ids=MOUNTS)
def test_each_call_of_an_application_that_is_mounted_in_another_is_one_event(command: Sequence[str]) -> None:
    assert served(command, "/inner", "fastapi", "flask", "starlette") == [
        f"/inner/items/{number}" for number in range(CALLS)
    ]
