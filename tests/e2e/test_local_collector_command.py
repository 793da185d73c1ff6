"""`moesif-otel collector`, as people start it."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from support.moesif_events import HEADERS, make_event
from support.server_process import SCRIPTS, clean_environment

from opentelemetry_exporter_moesif.local_collector import LocalCollector

COMMAND = str(SCRIPTS / "moesif-otel")


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str], str]]:
    """The command, from its greeting to its end: its address, its process and the greeting."""
    process = subprocess.Popen(
        [COMMAND, "collector", "--port", "0", *arguments],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting = "".join(iter(process.stdout.readline, "Stop              Ctrl-C\n"))
        yield re.findall(r"http://\S+", greeting)[0], process, greeting
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def post(url: str, event: object, **headers: str) -> int:
    return requests.post(f"{url}/v1/events", json=event, headers=HEADERS | headers, timeout=60).status_code


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "collector", *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_takes_calls_shows_them_and_ends_well_at_ctrl_c_with_a_page_open():
    with running() as (url, process, greeting):
        assert post(url, make_event()) == 201
        assert "/items/7" in requests.get(url, timeout=60).text
        stream = requests.get(f"{url}/live", stream=True, timeout=60)
        assert next(stream.iter_lines()) == b"event: changed"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "OTEL_EXPORTER_MOESIF_ENDPOINT=" + url in greeting
    assert errors == ""


def test_its_options_are_heeded(tmp_path: Path):
    database, rates = tmp_path / "calls.sqlite", tmp_path / "rates.json"
    rates.write_text(json.dumps({"sample_rate": 5}))
    event = make_event()
    arguments = [
        "--application-id",
        HEADERS["X-Moesif-Application-Id"],
        "--database",
        str(database),
        "--sampling",
        str(rates),
    ]
    with running(*arguments, "--allow-host", "collector.test") as (url, process, greeting):
        assert post(url, event) == 201
        assert post(url, event, **{"X-Moesif-Application-Id": "other"}) == 401
        assert requests.get(f"{url}/v1/config", headers=HEADERS, timeout=60).json()["sample_rate"] == 5
        assert requests.get(url, headers={"Host": "collector.test"}, timeout=60).ok
        assert not requests.get(url, headers={"Host": "other.test"}, timeout=60).ok
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert HEADERS["X-Moesif-Application-Id"] not in greeting + output + errors
    with LocalCollector(database=database) as collector:
        assert collector.events() == [event]


def test_it_misbehaves_on_demand():
    with running("--fail", "503", "--delay", "0.01") as (url, _, _):
        assert post(url, make_event()) == 503


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fail", "sometimes"], "'sometimes' is no fault"),
        (["--fail", "503:0.7,hang:0.7"], "sum up to more than 1"),
        (["--delay", "soon"], "'soon' is no delay"),
        (["--sampling", "{rates}"], "sample_rate must be a number from 0 to 100"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments: list[str], words: str, tmp_path: Path):
    rates = tmp_path / "rates.json"
    rates.write_text('{"sample_rate": 101}')
    done = run("--port", "0", *(argument.format(rates=rates) for argument in arguments))
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--sampling", "/no/such/file"], "/no/such/file"),
        (["--database", "/no/such/folder/calls.sqlite"], "/no/such/folder"),
        (["--database", __file__], "test_local_collector_command.py: file is not a database"),
        (["--host", "203.0.113.1"], "203.0.113.1"),
        (["--host", "nowhere.invalid"], "nowhere.invalid is no address and no name that leads to one"),
    ],
)
def test_what_it_cannot_use_is_said_in_one_line(arguments: list[str], words: str):
    done = run("--port", "0", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_said_with_what_to_do():
    with running() as (url, _, _):
        done = run("--port", url.rpartition(":")[2])
    assert done.returncode == 1
    assert "is taken: name another with --port" in done.stderr


def test_its_help_has_an_example():
    done = run("--help")
    assert done.returncode == 0
    assert "moesif-otel collector --open" in done.stdout


def test_a_collector_that_other_machines_can_reach_says_so():
    with running("--host", "0.0.0.0") as (url, _, greeting):  # the point of the test
        assert post(f"http://127.0.0.1:{url.rpartition(':')[2]}", make_event()) == 201
    assert "anybody who reaches this address can read the calls" in greeting
