"""`moesif-otel demo`, the README's first command: what it shows, how it fails, and what it leaves behind (nothing)."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
import uuid

import psutil
import pytest
from support.command_line import CLONE, COMMAND, call, environment, run

from opentelemetry_exporter_moesif.cli.demo import command, services

# Two interpreters with all their instrumentations start here: that takes a while where the machine is busy.
pytestmark = pytest.mark.timeout(300)

# A mark in the environment, which every process that the demonstration starts inherits.
MARK = "MARK_OF_THIS_TEST"


@pytest.fixture
def mark():
    return uuid.uuid4().hex


def left_behind(mark):
    """The processes that are still there."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_it_shows_each_call_as_an_event_and_one_of_them_in_full(mark):
    said = run("demo", timeout=200, PATH="/usr/bin:/bin", **{MARK: mark})

    assert (said.code, said.err) == (0, "")
    assert "9 requests were sent, 9 events arrived:" in said.out
    rows = [
        r"shop +GET +http://127\.0\.0\.1:\d+/teas\?search=e&page=1 +200 +\d+ +- +- +127\.0\.0\.1",
        r"shop +GET +https://shop\.example\.com/teas/3\?note=a%26b&token=REDACTED +200 +\d+ +ada +- +203\.0\.113\.9",
        r"shop +POST +http://127\.0\.0\.1:\d+/orders +201 +\d+ +grace +navy +127\.0\.0\.1",
        r"shop +GET +http://127\.0\.0\.1:\d+/teas/99 +404 ",
        r"shop +GET +http://127\.0\.0\.1:\d+/reports/sales\?year=2026 +500 ",
        r"accounts +GET +http://127\.0\.0\.1:\d+/accounts/ada +200 ",
        r"accounts +POST +http://127\.0\.0\.1:\d+/sessions +201 ",
        r"accounts +GET +http://127\.0\.0\.1:\d+/accounts/nobody\?from=%C3%A9t%C3%A9 +404 ",
        r"accounts +DELETE +https://accounts\.example\.com/sessions/7 +204 +\d+ +alan +- +2001:db8::7",
    ]
    for row in rows:
        assert re.search(row, said.out), row
    full = json.loads(said.out[said.out.index("\n{\n") : said.out.index("\n}\n") + 2])
    assert full["request"]["headers"]["Authorization"] == "[REDACTED]"
    assert full["user_id"] == "ada"
    assert "a-secret" not in said.out
    assert f"pip install '{CLONE}[zero-code]'" in said.out
    assert left_behind(mark) == []


def test_the_events_as_json_are_one_document(mark):
    said = run("demo", "--json", timeout=200, **{MARK: mark})

    events = said.json()
    assert said.code == 0
    assert len(events) == 9
    assert {event["metadata"]["resource"]["service.name"] for event in events} == {"shop", "accounts"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_serve_keeps_calls_coming_until_it_is_stopped_and_leaves_nothing_behind(mark, number, code):
    with subprocess.Popen(
        [COMMAND, "demo", "--serve"],
        env=environment(**{MARK: mark}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        url = next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.:]+/", line)))
        with urllib.request.urlopen(url, timeout=60) as page:
            assert b"<html" in page.read()
        assert len(left_behind(mark)) >= 4
        time.sleep(1)
        process.send_signal(number)
        process.wait(60)

    assert process.returncode == code
    assert left_behind(mark) == []


@pytest.mark.parametrize("processes", [2, 3, 4])
def test_ctrl_c_in_the_middle_leaves_nothing_behind(mark, processes):
    with subprocess.Popen(
        [COMMAND, "demo"],
        env=environment(**{MARK: mark}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        while len(left_behind(mark)) < processes and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert b"Traceback" not in said
    assert left_behind(mark) == []


def test_where_events_are_missing_it_names_the_calls_and_gives_1(capfd, monkeypatch, mark):
    monkeypatch.setenv(MARK, mark)
    monkeypatch.setitem(services.SETTINGS, "OTEL_TRACES_EXPORTER", "none")
    monkeypatch.setattr(command, "_ARRIVAL_SECONDS", 1.0)

    said = call(capfd, "demo")

    assert said.code == 1
    assert "no event came within 1 s for\n  shop: GET /teas?search=e&page=1\n" in said.err
    assert [process for process in left_behind(mark) if process.pid != os.getpid()] == []


def test_an_application_that_does_not_start_is_named_with_what_it_wrote(capfd, monkeypatch, mark):
    monkeypatch.setenv(MARK, mark)
    monkeypatch.setitem(services.COMMANDS, services.ACCOUNTS, "uvicorn --fd {fd} no_such_module:app")

    said = call(capfd, "demo")

    assert said.code == 1
    assert "accounts did not answer GET /accounts/ada" in said.err
    assert "no_such_module" in said.err
    assert [process for process in left_behind(mark) if process.pid != os.getpid()] == []


def test_a_port_that_is_taken_is_told_and_gives_1():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = run("demo", "--port", listener.getsockname()[1])

    assert said.code == 1
    assert "already in use" in said.err
    assert "Traceback" not in said.err
