"""What users feel: requests a second and latencies of one application, watched in different ways, driven by wrk."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import psutil

from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread

_ALIKE = ("nothing", "instrumentation", "thrown-away", "this-exporter", "mapping-alone", "otlp", "moesif-middleware")
WAYS = {"flask": _ALIKE, "fastapi": (*_ALIKE, "message-spans", "message-spans-mapping-alone")}
_TITLES = {
    "nothing": "nothing",
    "instrumentation": "instrumentation alone",
    "thrown-away": "instrumentation + batch processor, spans thrown away",
    "this-exporter": "instrumentation + this exporter",
    "mapping-alone": "instrumentation + this exporter, without the compiled renderer",
    "message-spans": "instrumentation + this exporter, with asgi_message_spans",
    "message-spans-mapping-alone": "instrumentation + this exporter, with asgi_message_spans, without the renderer",
    "otlp": "instrumentation + OTLP/HTTP, gzip",
    "moesif-middleware": "moesifwsgi / moesifasgi",
}
_BASE = "instrumentation"
_COLUMNS = {
    "requests/s": "requests_a_second",
    "processor µs a request": "processor_us",
    "p50 ms": "p50_ms",
    "p99 ms": "p99_ms",
    "p50 ms, light": "light_p50_ms",
    "p99 ms, light": "light_p99_ms",
    "bytes sent a request": "sent_bytes",
}
# Eight connections that rest for so long on average make 300 to 400 requests a second: a fifth of what the server can.
_PAUSE_MS = 20
_SERVERS = {
    "flask": ["gunicorn", "--workers=1", "--threads=4", "--log-level=error", "benchmarks.served_app:flask_app()"],
    "fastapi": ["uvicorn", "--factory", "--log-level=error", "--no-access-log", "benchmarks.served_app:fastapi_app"],
}
# What is aimed at: a figure of this exporter's, beside that of another way.
_PROCESSOR_AIM = ("FastAPI: processor's time a request, of instrumentation alone", 1.05)
_P99_AIM = ("Flask: p99 at a light load, of spans thrown away", 1.3)
# The slowest of a hundred are ten of the thousand calls of 3 s, and differ by a half from one time to the next. So what
# is aimed at has rounds of its own, of one load: the two ways in turn.
_P99_ROUNDS, _P99_SECONDS = 7, 8
_DEAD_PROXY = "http://127.0.0.1:9"
_ENVIRONMENT = {
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ".*",
    # Whatever was meant for another machine ends here.
    "HTTP_PROXY": _DEAD_PROXY,
    "HTTPS_PROXY": _DEAD_PROXY,
    "NO_PROXY": "127.0.0.1",
}

Result = dict[str, float]


def measure(*, quick: bool) -> Section:
    if shutil.which("wrk") is None:
        return Section("serving", "What do users feel?", [], ["wrk is not installed: apt-get install wrk"])
    rounds, seconds = (2, 2) if quick else (2, 3)
    results: dict[tuple[str, str], list[Result]] = {(app, way): [] for app in _SERVERS for way in WAYS[app]}
    for _ in range(rounds):
        order = list(results)
        random.shuffle(order)
        for app, way in order:
            results[app, way].append(_drive(app, way, seconds))
    rows = [_row(app, way, results) for app, way in results]
    p99_rounds, p99_seconds = (2, 2) if quick else (_P99_ROUNDS, _P99_SECONDS)
    more = {"serving_aims": [_processor_aim(results), _p99_aim(p99_rounds, p99_seconds)]}
    notes = [
        *_notes(results, rounds, seconds),
        f"The p99 that is aimed at: {p99_rounds} rounds of {p99_seconds} s at the light load alone.",
    ]
    return Section("serving", "What do users feel?", rows, notes, more=more)


def _drive(app: str, way: str, seconds: int) -> Result:
    with collector_process() as collector:
        with _served(app, way, collector.url) as (url, server):
            warm_up = _wrk(url, 1)
            light = _wrk(url, seconds, pause_ms=_PAUSE_MS)
            began = _processor_seconds(server)
            full = _wrk(url, seconds)
            processor = _processor_seconds(server) - began
        sent = collector.counters()["body_bytes"]  # with all that the server sent at its end
    return {
        **full,
        "processor_us": processor / full["requests"] * 1e6,
        "sent_bytes": sent / sum(phase["requests"] for phase in (warm_up, light, full)),
        **{f"light_{name}": value for name, value in light.items()},
    }


def _processor_seconds(server: psutil.Process) -> float:
    """What the server and its workers have used; an export of the batch that is still waiting comes a little later."""
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return sum(each.user + each.system for each in times)


@contextmanager
def _served(app: str, way: str, collector_url: str) -> Iterator[tuple[str, psutil.Process]]:
    port = _free_port()
    command, *arguments = _SERVERS[app]
    bind = [f"--bind=127.0.0.1:{port}"] if command == "gunicorn" else [f"--port={port}"]
    environment = {**os.environ, **_ENVIRONMENT, "WATCHED_BY": way, "COLLECTOR": collector_url}
    process = subprocess.Popen(
        [sys.executable, "-m", command, *bind, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait_for(url)
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wrk(url: str, seconds: int, pause_ms: int = 0) -> Result:
    script = Path(__file__).with_name("wrk.lua")
    command = ["wrk", "--threads=1", "--connections=8", f"--duration={seconds}s", f"--script={script}", url]
    environment = {**os.environ, "PAUSE_MS": str(pause_ms)}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    result = json.loads(output.rpartition("RESULT ")[2])
    if result.pop("failed"):
        message = f"requests failed: {output}"
        raise RuntimeError(message)
    return result


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(url: str) -> None:
    """Until it answers: gunicorn listens before its worker has imported the application."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with build_opener(ProxyHandler({})).open(f"{url}items/1", timeout=30):
                return
        except OSError:  # noqa: PERF203 - a wait
            time.sleep(0.05)
    message = "the application did not start"
    raise TimeoutError(message)


def _row(app: str, way: str, results: dict[tuple[str, str], list[Result]]) -> dict[str, Any]:
    mine, base = results[app, way], results[app, _BASE]
    of_base = [a["requests_a_second"] / b["requests_a_second"] for a, b in zip(mine, base, strict=True)]
    columns = {column: Spread.of([result[name] for result in mine]).as_json() for column, name in _COLUMNS.items()}
    return {
        "": f"{app}: {_TITLES[way]}",
        "requests/s": columns.pop("requests/s"),
        "of instrumentation alone": Spread.of(of_base).as_json(),
        **columns,
    }


def _processor_aim(results: dict[tuple[str, str], list[Result]]) -> dict[str, Any]:
    rounds = zip(results["fastapi", "this-exporter"], results["fastapi", "instrumentation"], strict=True)
    return _aim(*_PROCESSOR_AIM, [mine["processor_us"] / other["processor_us"] for mine, other in rounds])


def _p99_aim(rounds: int, seconds: int) -> dict[str, Any]:
    ways = ["this-exporter", "thrown-away"]
    slowest: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        random.shuffle(ways)
        for way in ways:
            slowest[way].append(_drive_lightly("flask", way, seconds)["p99_ms"])
    pairs = zip(slowest["this-exporter"], slowest["thrown-away"], strict=True)
    return _aim(*_P99_AIM, [mine / other for mine, other in pairs])


def _drive_lightly(app: str, way: str, seconds: int) -> Result:
    with collector_process() as collector, _served(app, way, collector.url) as (url, _):
        _wrk(url, 1)
        return _wrk(url, seconds, pause_ms=_PAUSE_MS)


def _aim(title: str, most: float, ratios: list[float]) -> dict[str, Any]:
    return {"": title, "measured": Spread.of(ratios).as_json(), "aimed at": f"{most} at most"}


def _notes(results: dict[tuple[str, str], list[Result]], rounds: int, seconds: int) -> list[str]:
    noise = []
    for app in _SERVERS:
        spread = Spread.of([result["requests_a_second"] for result in results[app, _BASE]])
        noise.append(f"{app} {(spread.high - spread.low) / 2 / spread.median:.1%}")
    return [
        f"{rounds} rounds of {seconds} s, each in a process of its own, in an order drawn anew; 8 connections.",
        "light: each connection rests before its next call, so that the server has four fifths of its time for itself.",
        f"Noise (half the distance of the quartiles of instrumentation alone): {', '.join(noise)}.",
    ]
