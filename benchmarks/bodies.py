"""What bodies cost, in each framework and each client library: processor time a call, the first byte, memory.

The frameworks serve the applications of `tests/apps`, under `opentelemetry-instrument` with bodies off and on.
``python -m benchmarks.bodies --output DIRECTORY`` takes some eight minutes on two quiet cores. Each row is kept as soon as
it is known: started again, it goes on after the last one. ``python -m benchmarks.summary DIRECTORY --into docs/bodies.md``
writes the page's table.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.collector_process import collector_process
from benchmarks.machine import machine_facts
from benchmarks.report import Section, shown
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


_FIGURES = ("processor µs a call", "first byte ms", "MiB grown")
_FIRST_BYTES = 20


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: How often the calls are made.
        calls: Calls of a round.
        stream: Bytes of the upload and of the download whose memory is measured.
    """

    rounds: int = 5
    calls: int = 300
    stream: int = _GIGABYTE


_QUICK = Size(2, 50, 2**26)


def main() -> None:
    """Measures, keeps what it has, and goes on where it stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bodies", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller bodies")
    parser.add_argument(
        "--output", type=Path, default=Path("benchmarks/results/bodies"), help="directory (%(default)s)"
    )
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    machine = machine_facts()
    section = measure(quick=arguments.quick, kept=arguments.output / "rows.json")
    results = {"machine": machine, section.name: section.as_json()}
    (arguments.output / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(section.as_text())


def measure(*, quick: bool, kept: Path | None = None) -> Section:
    """Measures every framework and every client.

    Args:
        quick: Whether a small size will do.
        kept: A file that each row is kept in; those that are there already are not measured again.
    """
    size = _QUICK if quick else Size()
    rows: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept and kept.exists() else {}
    for name in (*_SERVERS, *_CLIENTS):
        if name in rows:
            continue
        rows[name] = _row(name, _drive_server(name, size) if name in _SERVERS else _drive_client(name, size))
        print("  ", *(f"{title} {shown(value)}" for title, value in rows[name].items()), flush=True)
        if kept:
            kept.write_text(json.dumps(rows, indent=1) + "\n")
    notes = [
        (
            f"{size.rounds} rounds of {size.calls} calls with bodies of {len(CALL)} bytes in both directions; of a framework"
            " off and on by turns."
        ),
        (
            f"First byte: the quickest of {_FIRST_BYTES}. Memory: what the process grew by over an upload and a download of"
            f" {size.stream / 2**20:.0f} MiB."
        ),
    ]
    return Section("bodies", "What do bodies cost?", list(rows.values()), notes)


def _row(name: str, found: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    figures = {f"{figure}, {way}": Spread.of(found[way][figure]).as_json() for figure in _FIGURES for way in _WAYS}
    return {"": name, **figures}


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


def _drive_server(name: str, size: Size) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {way: {figure: [] for figure in _FIGURES} for way in _WAYS}
    with ExitStack() as stack:
        collector = stack.enter_context(collector_process())
        servers = {
            way: stack.enter_context(_served(name, _environment(collector.url, capture)))
            for way, capture in _WAYS.items()
        }
        for number in range(-1, size.rounds):
            for way, (port, server) in servers.items():
                began = _processor_seconds(server)
                _calls(port, size.calls)
                if number >= 0:
                    taken = _processor_seconds(server) - began
                    found[way]["processor µs a call"].append(taken / size.calls * 1e6)
        for way, (port, server) in servers.items():
            found[way]["first byte ms"].append(min(_first_byte(port) for _ in range(_FIRST_BYTES)))
            found[way]["MiB grown"].append(_growth(port, server, size.stream) / 2**20)
    return found


def _growth(port: int, server: psutil.Process, size: int) -> float:
    before = _resident(server)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    _request(connection, "POST", "/upload", pieces(size), {"Content-Length": str(size)})
    connection.close()
    _download(port, size)
    return _resident(server) - before


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


def _calls(port: int, calls: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for _ in range(calls):
        _request(connection, "POST", "/echo", CALL, {"Content-Type": "application/json"})
    connection.close()


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


def _drive_client(name: str, size: Size) -> dict[str, dict[str, list[float]]]:
    """The client calls a bare ASGI application; it measures itself."""
    found = {}
    with collector_process() as collector, _served("asgi", _environment(collector.url, "false")) as (port, _):
        for way, capture in _WAYS.items():
            done = subprocess.run(
                [*_CLIENT, name, f"http://127.0.0.1:{port}", *map(str, (size.rounds, size.calls, size.stream))],
                env=_environment(collector.url, capture),
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            found[way] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
