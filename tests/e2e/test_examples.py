"""Each example starts with its one command, and its calls arrive as a user would expect them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from support.server_process import clean_environment, free_port
from support.versions import IS_RECENT, NEEDS_CONFIGURATION_FILES

from opentelemetry_exporter_moesif import environment_variables
from opentelemetry_exporter_moesif.local_collector import LocalCollector

EXAMPLES = Path(__file__).parents[2] / "examples"
COMPOSE = yaml.safe_load((EXAMPLES / "docker-compose" / "compose.yaml").read_text())
SERVERS = ["flask", "django", "fastapi", "starlette", "aiohttp", "programmatic", "config-file"]
IDENTIFYING = {"django", "fastapi", "starlette", "programmatic"}
NEEDS = {
    "config-file": NEEDS_CONFIGURATION_FILES,
    "aiohttp": pytest.mark.skipif(
        not IS_RECENT, reason="its old instrumentation captured no header, and wrote the query twice"
    ),
}
START_SECONDS = 60


@contextlib.contextmanager
def _running(example: str, collector: LocalCollector, output: Path) -> Iterator[str]:
    port = free_port()
    environment = clean_environment(OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url, PORT=str(port))
    del environment["PYTHONPATH"]
    with output.open("wb") as log:
        process = subprocess.Popen(
            [EXAMPLES / example / "run"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_it_serves(process, port)
            yield f"http://127.0.0.1:{port}"
            process.terminate()
            process.wait(30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_it_serves(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the example ended by itself"
        assert time.monotonic() < deadline, "the example listens nowhere"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)


def _call(url: str, **settings: object) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **settings), timeout=START_SECONDS) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("example", [pytest.param(name, marks=NEEDS.get(name, ())) for name in SERVERS])
def test_the_calls_of_an_example_arrive(example: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with LocalCollector(application_id="local") as collector:
        with _running(example, collector, log) as base:
            statuses = [
                _call(f"{base}/items/7?q=a%20b&token=secret", headers={"X-User": "ann", "Cookie": "session=secret"}),
                _call(f"{base}/items", data=b'{"name": "lamp"}', headers={"Content-Type": "application/json"}),
                _call(f"{base}/nothing-here"),
            ]
        assert statuses == [200, 201, 404], log.read_text()
        events = sorted(collector.wait_for(3, timeout=100), key=lambda event: event["request"]["time"])
        assert collector.invalid() == []
    assert [(event["request"]["verb"], event["request"]["uri"], event["response"]["status"]) for event in events] == [
        ("GET", f"{base}/items/7?q=a%20b&token=REDACTED", 200),
        ("POST", f"{base}/items", 201),
        ("GET", f"{base}/nothing-here", 404),
    ]
    assert events[0]["request"]["headers"]["Cookie"] == "[REDACTED]"
    assert events[0].get("user_id") == ("ann" if example in IDENTIFYING else None)
    assert {event["metadata"]["resource"]["service.name"] for event in events} == {f"{example}-example"}
    assert "Traceback" not in log.read_text()


def test_the_hooks_of_the_programmatic_example_skip_probes_and_mask_a_header(tmp_path: Path) -> None:
    with LocalCollector() as collector:
        with _running("programmatic", collector, tmp_path / "log") as base:
            assert _call(f"{base}/health", headers={"User-Agent": "kube-probe/1.33"}) == 200
            assert _call(f"{base}/items/7", headers={"X-User": "ann"}) == 200
        (event,) = collector.wait_for(1, timeout=100)
    assert event["request"]["uri"] == f"{base}/items/7"
    assert "X-User" not in event["request"]["headers"]


def test_the_call_of_the_lambda_example_has_arrived_when_the_function_ends() -> None:
    with LocalCollector(application_id="local") as collector:
        environment = clean_environment(OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url)
        done = subprocess.run(
            [EXAMPLES / "aws-lambda" / "run"], env=environment, check=True, capture_output=True, text=True
        )
        (event,) = collector.events()
    assert json.loads(done.stdout)["statusCode"] == 200
    assert event["request"]["verb"] == "GET"
    assert event["request"]["uri"] == "https://api.example.com/items/7?q=a%20b&token=REDACTED"
    assert event["response"]["status"] == 200


def test_the_containers_of_the_compose_example_are_built_and_started_from_files_that_are_there() -> None:
    dockerfile = (EXAMPLES / "Dockerfile").read_text()
    for service in COMPOSE["services"].values():
        assert (EXAMPLES / "docker-compose" / service["build"] / "Dockerfile").is_file()
        assert service["init"] is True
    for copied in re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE):
        assert (EXAMPLES / copied).exists()
    assert (EXAMPLES / "flask" / "app.py").is_file()
    assert COMPOSE["services"]["shop"]["working_dir"] == "/examples/flask"


def test_the_compose_example_sets_nothing_that_the_exporter_does_not_know() -> None:
    settings = COMPOSE["services"]["shop"]["environment"]
    known = {name for name in vars(environment_variables) if name.startswith("OTEL_")}
    assert {name for name in settings if name.startswith("OTEL_EXPORTER_MOESIF_")} <= known
    assert settings["OTEL_TRACES_EXPORTER"] == "moesif"


def test_the_template_of_the_lambda_example_names_the_handler_that_is_there() -> None:
    text = (EXAMPLES / "aws-lambda" / "template.yaml").read_text()
    module, _, function = re.search(r"Handler: (\S+)", text)[1].rpartition(".")
    assert f"\ndef {function}(" in (EXAMPLES / "aws-lambda" / f"{module}.py").read_text()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/requirements.txt")), ids=lambda path: path.parent.name)
def test_the_requirements_of_an_example_name_extras_that_exist(path: Path) -> None:
    pyproject = (EXAMPLES.parent / "pyproject.toml").read_text()
    ours = next(
        each for each in map(Requirement, path.read_text().splitlines()) if each.name == "opentelemetry-exporter-moesif"
    )
    assert all(f"\n{extra} = [" in pyproject for extra in ours.extras)


@pytest.mark.parametrize("name", [*SERVERS, "aws-lambda", "docker-compose"])
def test_the_list_of_examples_names_each_with_its_command(name: str) -> None:
    assert f"]({name})" in (EXAMPLES / "README.md").read_text()
    assert f"`cd {name} && " in (EXAMPLES / "README.md").read_text()
