"""Real applications are the same with the exporter, each of their calls is one event, and no event holds a secret.

`nox -s applications` runs them, with all the instrumentations that `opentelemetry-bootstrap` proposes for each.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pytest
from real_applications import APPLICATIONS
from scripts_of_use import SECRETS, Application, Request
from support import server_process
from support.exporting import APPLICATION_ID, destination
from support.server_process import clean_environment, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "sources"
server_process.START_SECONDS = 300.0  # some load a gigabyte before they listen
# What is another one each time.
_CHANGING = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f-]{27}|(?:chatcmpl-|nonce-|csrf)[\w-]+|[0-9a-f]{32,}|\b1[0-9]{9,12}(?:\.\d+)?\b"
    rb"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|(?<=:)\d{5}\b"
)

pytestmark = pytest.mark.timeout(1200)


@dataclass
class Answer:
    """An answer to a request of the script.

    Attributes:
        request: The request.
        path: As it was sent.
        status: That of the answer.
        body: That of the answer.
    """

    request: Request
    path: str
    status: int
    body: bytes

    @property
    def as_told(self) -> tuple[str, str, int]:
        return self.request.method, self.path, self.status


@dataclass
class Run:
    """What a run of a script brought.

    Attributes:
        answers: To each request.
        exit_status: Of the server, after SIGTERM.
        megabytes: What its processes held before that.
        log: What they wrote.
    """

    answers: list[Answer]
    exit_status: int
    megabytes: int
    log: str


@pytest.fixture(params=APPLICATIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def application(name: str) -> Application:
    return APPLICATIONS[name]


@pytest.fixture
def scripts(name: str, application: Application) -> Path:
    """Where the commands of an environment of its own are: two applications seldom agree on what they need."""
    environment = ROOT / ".nox" / "applications" / re.sub(r"\W", "-", name)
    scripts = environment / "bin"
    if not (scripts / "complete").exists():
        _install(environment, *application.requirements, "-e", f"{ROOT}[uploads,zero-code]")
        proposed = subprocess.run(
            [scripts / "opentelemetry-bootstrap", "-a", "requirements"], check=True, capture_output=True, text=True
        ).stdout.split()
        # Without its versions: a mirror may lag behind with one of them.
        _install(environment, *(requirement.partition("==")[0] for requirement in proposed))
        (scripts / "complete").touch()
    return scripts


@pytest.fixture
def directory(tmp_path: Path, application: Application, scripts: Path) -> Path:
    if application.sources:
        shutil.copytree(SOURCES / application.sources, tmp_path, dirs_exist_ok=True)
    for file, content in application.files.items():
        (tmp_path / file).write_text(content)
    for command in application.preparation:
        subprocess.run(
            [scripts / command[0], *command[1:]], cwd=tmp_path, env=_environment(application, scripts), check=True
        )
    return tmp_path


def _install(environment: Path, *requirements: str) -> None:
    uv = shutil.which("uv")
    if not environment.exists():
        subprocess.run(
            [uv, "venv", "-q", "-p", sys.executable, environment]
            if uv
            else [sys.executable, "-m", "venv", environment],
            check=True,
        )
    python = environment / "bin" / "python"
    pip = [uv, "pip", "install", "-q", "-p", python] if uv else [python, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *requirements], check=True)


def _environment(application: Application, scripts: Path, **settings: str) -> dict[str, str]:
    own = {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}
    return clean_environment(**{**settings, **application.settings}) | own


def run(application: Application, scripts: Path, directory: Path, settings: dict[str, str] | None) -> Run:
    """Runs the script once, instrumented where there are settings."""
    for file in application.kept:
        shutil.rmtree(directory / file, ignore_errors=True)
        (directory / file).unlink(missing_ok=True)
    instrumented = [] if settings is None else [str(scripts / "opentelemetry-instrument"), "--"]

    def command(port: int) -> list[str]:
        program, *arguments = (part.format(port=port) for part in application.command)
        # Not through `env --chdir`, which is not everywhere.
        return [*_in(directory), *instrumented, str(scripts / program), *arguments]

    with serving(command, _environment(application, scripts, **(settings or {}))) as server:
        with _socket(server.port, application.socket):
            answers = list(_answers(server.port, application.script))
        megabytes = sum(process.memory_info().rss for process in _tree(server.process.pid)) // 2**20
        exit_status = server.terminate(300)
        return Run(answers, exit_status, megabytes, server.output())


def _in(directory: Path) -> list[str]:
    return ["sh", "-c", 'cd "$0" && exec "$@"', str(directory)]


def _tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _answers(port: int, script: tuple[Request, ...]) -> Iterator[Answer]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    told: dict[str, str] = {}
    for request in script:
        target = request.target.format(**told)
        try:
            response = _response(connection, request, target)
        except ConnectionError:  # the server had closed the connection after the answer before
            connection.close()
            response = _response(connection, request, target)
        answer = Answer(request, target.partition("?")[0], response.status, response.read())
        if request.tells:
            told[request.tells] = json.loads(answer.body)[request.tells]
        yield answer
    connection.close()


def _response(connection: http.client.HTTPConnection, request: Request, target: str) -> http.client.HTTPResponse:
    connection.request(request.method, target, request.body, dict(request.headers))
    return connection.getresponse()


@contextlib.contextmanager
def _socket(port: int, path: str) -> Iterator[None]:
    """A WebSocket that is open until the block ends, where there is a path."""
    if not path:
        yield
        return
    key = base64.b64encode(bytes(16)).decode()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": key}
        connection.request("GET", path, headers={**upgrade, "Sec-WebSocket-Version": "13"})
        assert connection.getresponse().status == HTTPStatus.SWITCHING_PROTOCOLS
        yield


def _as_told(event: dict[str, Any]) -> tuple[str, str, int]:
    target = re.sub(r"^https?://[^/]*", "", event["request"]["uri"])
    return event["request"]["verb"], target.partition("?")[0], event["response"]["status"]


def _text_of(event: dict[str, Any]) -> str:
    """All that an event says, with what its bodies say in Base64."""
    sides = (event["request"], event["response"])
    hidden = [side["body"] for side in sides if side.get("transfer_encoding") == "base64"]
    return json.dumps(event) + "".join(base64.b64decode(body).decode("latin-1") for body in hidden)


def _lines_of_the_exporter(log: str) -> list[str]:
    return [line for line in log.splitlines() if "Moesif exporter" in line and "stands around" not in line]


def test_an_application_is_the_same_with_the_exporter_and_each_of_its_calls_is_one_event(
    name: str, application: Application, scripts: Path, directory: Path
) -> None:
    before = run(application, scripts, directory, None)
    with LocalCollector(APPLICATION_ID) as collector:
        exporting = {
            "OTEL_TRACES_EXPORTER": "moesif",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true",
            "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
            "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ".*",
        }
        after = run(application, scripts, directory, exporting | destination(collector))
        events = collector.events()
        invalid = collector.invalid()

    report = (
        f"{name}: {len(application.script)} calls, {len(events)} events, {before.megabytes} MB -> {after.megabytes} MB"
    )
    with (ROOT / ".nox" / "applications" / "report.txt").open("a") as file:
        file.write(f"{report}, exit status {before.exit_status} -> {after.exit_status}\n")
    assert [answer.status for answer in after.answers] == [answer.status for answer in before.answers]
    for one, other in zip(before.answers, after.answers, strict=True):
        if one.request.is_same_each_time:
            assert _CHANGING.sub(b"_", other.body) == _CHANGING.sub(b"_", one.body), one.request.target
    told = [call for call in map(_as_told, events) if call[:2] not in application.asks_itself]
    assert sorted(told) == sorted(answer.as_told for answer in after.answers), after.log[-4000:]
    assert invalid == []
    assert [event["request"] for event in events if any(secret in _text_of(event) for secret in SECRETS)] == []
    assert _lines_of_the_exporter(after.log) == []
    assert after.exit_status == before.exit_status, after.log[-4000:]
