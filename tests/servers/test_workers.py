"""Processes that serve no HTTP, under `opentelemetry-instrument`: what they did last arrives."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.faulty_server import FaultyServer
from support.server_process import APPS, instrumented, serving
from support.servers import FURTHER, Server

from opentelemetry_exporter_moesif.local_collector import LocalCollector

_CALLS = 5


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_send_their_calls(method: str) -> None:
    with FaultyServer() as server, LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, OTEL_BSP_SCHEDULE_DELAY="60000", **instrumenting_only())
        command = ["python", str(APPS / "forked_calls.py"), method, "child", server.url]
        done = subprocess.run(instrumented(command), env=environment, capture_output=True, text=True, check=False)
        assert done.stdout.split() == ["7", "done"], done.stderr
        assert len(collector.events()) == 6


_UWSGI = [server for server in FURTHER if server.module == "pyuwsgi"]


@pytest.mark.parametrize("server", _UWSGI, ids=lambda server: server.name)
def test_a_worker_of_uwsgi_that_is_answering_sends_what_waits_before_it_is_ended(
    server: Server, tmp_path: Path
) -> None:
    """uWSGI runs nothing of Python's at the end of a worker that is busy."""
    _need(server)
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, OTEL_BSP_SCHEDULE_DELAY="60000", **server.settings())
        with serving(server.command, {**environment, "HANDSHAKE": str(tmp_path / "never")}) as process:
            process.wait_until(server.has_started)
            for number in range(_CALLS):
                with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/items/{number}", timeout=20):
                    pass
            with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/handshake", timeout=20) as answer:
                assert answer.readline() == b"first\n"  # the rest takes three seconds
                process.terminate()
        paths = sorted(event["request"]["uri"].partition("/items/")[2] for event in collector.events())
    assert [path for path in paths if path] == [str(number) for number in range(_CALLS)]


def test_a_worker_of_uwsgi_that_served_no_call_ends_at_once() -> None:
    """The SDK would wait for half a minute for a thread that its parent has."""
    server = next(server for server in _UWSGI if server.workers > 1)
    _need(server)
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, OTEL_BSP_SCHEDULE_DELAY="60000", **server.settings())
        with serving(server.command, environment) as process:
            process.wait_until(server.has_started)
            with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/items/1", timeout=20):
                pass
            assert process.terminate(timeout=25) == 0
        assert len(collector.events()) == 1


def _need(server: Server) -> None:
    if not server.is_installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{server.name} is not installed: nox -s servers")


@pytest.mark.parametrize("pool", ["prefork", "solo", "threads"])
def test_calls_of_celery_tasks_arrive_when_the_worker_is_ended(pool: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("celery") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Celery is not installed: nox -s servers")
    for name in ("queue", "control", "done"):
        (tmp_path / name).mkdir()
    with LocalCollector(APPLICATION_ID) as api, LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(
            collector,
            OTEL_BSP_SCHEDULE_DELAY="60000",
            OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING="true",
            CELERY_FILES=str(tmp_path),
            **instrumenting_only("requests"),
        )
        statuses = [
            _work(pool, api.url, environment, tmp_path),
            _work(pool, api.url, environment | {"OTEL_TRACES_EXPORTER": "none"}, tmp_path),
        ]
        events = collector.events()
    assert statuses[0] == statuses[1]
    assert sorted(event["request"]["uri"].rpartition("/")[2] for event in events) == [str(n) for n in range(_CALLS)]


def _work(pool: str, url: str, environment: dict[str, str], files: Path) -> int:
    """The worker's exit status, after a SIGTERM as soon as the tasks are done."""
    command = ["celery", "--app", "celery_app", "worker", "--pool", pool, "--concurrency", "2"]
    leave = f"from celery_app import call\nfor n in range({_CALLS}): call.delay(f'{url}/{{n}}')"
    subprocess.run([sys.executable, "-c", leave], env=environment, check=True)
    with (
        (files / "output").open("w+b") as output,
        subprocess.Popen(instrumented(command), env=environment, stdout=output, stderr=subprocess.STDOUT) as worker,
    ):
        try:
            end = time.monotonic() + 60
            while len(list((files / "done").iterdir())) < _CALLS:
                assert time.monotonic() < end, (files / "output").read_text()
                assert worker.poll() is None, (files / "output").read_text()
                time.sleep(0.05)
            worker.terminate()
            return worker.wait(30)
        finally:
            worker.kill()
            for done in (files / "done").iterdir():
                done.unlink()
