"""What bodies cost, in each framework and each client library: processor time a call, the first byte, memory.

The frameworks serve the applications of `tests/apps`, under `opentelemetry-instrument` with bodies off and on.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread

_SCRIPTS = Path(sys.executable).parent
_APPS = Path(__file__).parents[1] / "tests" / "apps"
_GUNICORN = ("gunicorn", "--threads=4", "--log-level=error", "--bind=127.0.0.1:{port}")
_UVICORN = ("uvicorn", "--log-level=error", "--no-access-log", "--host=127.0.0.1", "--port={port}")
_SERVERS = {
    "flask": (*_GUNICORN, "bodies_flask_app:app"),
    "django": (*_GUNICORN, "bodies_django_app:wsgi"),
    "fastapi": (*_UVICORN, "bodies_fastapi_app:app"),
    "starlette": (*_UVICORN, "bodies_starlette_app:app"),
    "falcon": (*_GUNICORN, "bodies_falcon_app:app"),
    "pyramid": (*_GUNICORN, "bodies_pyramid_app:app"),
    "aiohttp": ("python", "-m", "bodies_aiohttp_app", "{port}"),
    "tornado": ("python", "-m", "bodies_tornado_app", "{port}"),
    "litestar": (*_UVICORN, "bodies_litestar_app:app"),
    "quart": (*_UVICORN, "bodies_quart_app:app"),
    "wsgi": (*_GUNICORN, "bodies_wsgi_app:app"),
    "asgi": (*_UVICORN, "bodies_asgi_app:app"),
}
_CLIENT = ("opentelemetry-instrument", "python", "-m", "benchmarks.bodies_client")
_CLIENTS = ("requests", "urllib3", "httpx", "httpx-async", "aiohttp-client")
CALL = json.dumps({"items": [{"id": number, "name": "blue shoes", "price": 59.9} for number in range(40)]}).encode()
PIECE = b"0123456789abcdef" * 4096
_GIGABYTE = 2**30
_WAYS = {"off": "false", "on": "true"}


def measure(*, quick: bool) -> Section:
    rounds, calls, size = (1, 100, 2**26) if quick else (3, 1000, _GIGABYTE)
    rows = []
    for name in (*_SERVERS, *_CLIENTS):
        drive = _drive_server if name in _SERVERS else _drive_client
        results: dict[str, list[dict[str, float]]] = {way: [] for way in _WAYS}
        for _ in range(rounds):
            for way, found in results.items():
                found.append(drive(name, _WAYS[way], calls, size))
        rows.append(_row(name, results))
    notes = [
        f"{rounds} rounds, off and on by turns; {calls} calls with bodies of {len(CALL)} bytes in both directions.",
        f"Memory: what the process grew by over an upload and a download of {size / 2**20:.0f} MiB.",
    ]
    return Section("bodies", "What do bodies cost?", rows, notes)


def _row(name: str, results: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    row: dict[str, Any] = {"": name}
    for column in ("processor µs a call", "first byte ms", "MiB grown"):
        for way, found in results.items():
            values = [result[column] for result in found if column in result]
            row[f"{column}, {way}"] = Spread.of(values).as_json() if values else "-"
    return row


def _environment(collector_url: str, capture: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "MOESIF_"))}
    return kept | {
        "PYTHONPATH": os.pathsep.join((str(_APPS), str(Path(__file__).parents[1]))),
        "DJANGO_SETTINGS_MODULE": "bodies_django_settings",
        "OTEL_TRACES_EXPORTER": "moesif",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_EXPORTER_MOESIF_APPLICATION_ID": "benchmark-application-id",
        "OTEL_EXPORTER_MOESIF_ENDPOINT": collector_url,
        "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": capture,
        "OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING": "true",
        # Whatever was meant for another machine ends here.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "PATH": f"{_SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def _drive_server(name: str, capture: str, calls: int, size: int) -> dict[str, float]:
    with collector_process() as collector, _served(name, _environment(collector.url, capture)) as (port, server):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        _calls(connection, calls // 10)
        began = _processor_seconds(server)
        _calls(connection, calls)
        processor = _processor_seconds(server) - began
        first_byte = min(_first_byte(port) for _ in range(20))
        before = _resident(server)
        _request(connection, "POST", "/upload", pieces(size), {"Content-Length": str(size)})
        grown = _resident(server) - before
        _download(port, size)
        grown = max(grown, _resident(server) - before)
    return {"processor µs a call": processor / calls * 1e6, "first byte ms": first_byte, "MiB grown": grown / 2**20}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _served(name: str, environment: dict[str, str]) -> Iterator[tuple[int, psutil.Process]]:
    port = _free_port()
    command = [part.format(port=port) for part in _SERVERS[name]]
    process = subprocess.Popen(
        ["opentelemetry-instrument", *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            return _request(connection, "GET", "/release")
        except OSError:  # noqa: PERF203 - a wait
            time.sleep(0.05)
    message = "the application did not start"
    raise TimeoutError(message)


def _calls(connection: http.client.HTTPConnection, calls: int) -> None:
    for _ in range(calls):
        _request(connection, "POST", "/echo", CALL, {"Content-Type": "application/json"})


def _request(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, headers: Any = ()
) -> None:
    connection.request(method, path, body, dict(headers))
    connection.getresponse().read()


def _first_byte(port: int) -> float:
    """Milliseconds from the call of a stream to its first line."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", "/stream")
    response = connection.getresponse()
    response.readline()
    took = time.perf_counter() - began
    response.read()
    connection.close()
    return took * 1e3


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // len(PIECE)):
        yield PIECE


def _download(port: int, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", f"/download?{size // len(PIECE)}")
    response = connection.getresponse()
    while response.read(2**20):
        pass
    connection.close()


def _processes(server: psutil.Process) -> list[psutil.Process]:
    return [server, *server.children(recursive=True)]


def _processor_seconds(server: psutil.Process) -> float:
    times = [process.cpu_times() for process in _processes(server)]
    return sum(each.user + each.system for each in times)


def _resident(server: psutil.Process) -> float:
    """The most that the server and its workers ever held."""
    return sum(peak(process.pid) for process in _processes(server))


def peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _drive_client(name: str, capture: str, calls: int, size: int) -> dict[str, float]:
    """The client calls a bare ASGI application; it measures itself."""
    with collector_process() as collector, _served("asgi", _environment(collector.url, "false")) as (port, _):
        done = subprocess.run(
            [*_CLIENT, name, f"http://127.0.0.1:{port}", str(calls), str(size)],
            env=_environment(collector.url, capture),
            check=True,
            capture_output=True,
            text=True,
        )
        found: dict[str, float] = json.loads(done.stdout)
        return found
