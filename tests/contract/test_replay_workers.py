"""Several workers give what one gives, also when one of them dies; what is finished stays finished."""

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager

import psutil
import pytest
from support.archive import make_archive
from support.command_line import APPLICATION_ID, COMMAND, environment, run
from support.recorded_calls import write_otlp

from opentelemetry_exporter_moesif.local_collector import LocalCollector

ID = {"OTEL_EXPORTER_MOESIF_APPLICATION_ID": APPLICATION_ID}


@pytest.fixture
def collector():
    with LocalCollector(APPLICATION_ID) as running:
        yield running


def sent(collector):
    return sorted(json.dumps(event, sort_keys=True) for event in collector.events())


def workers_of(process):
    return [each for each in psutil.Process(process.pid).children() if "spawn_main" in " ".join(each.cmdline())]


@contextmanager
def in_the_middle(collector, directory, rate):
    """A run with two workers that has sent some of it."""
    arguments = ["replay", "--json", "--workers", "2", "--rate", rate, "--endpoint", collector.url, directory]
    with subprocess.Popen(
        [COMMAND, *arguments], env=environment(**ID), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        end = time.monotonic() + 60
        while collector.taken < 2000 and time.monotonic() < end:
            time.sleep(0.02)
        yield process


def test_an_archive_gives_the_same_events_to_the_letter_with_one_worker_and_with_two(tmp_path):
    count = make_archive(tmp_path)
    found, summaries = [], []
    for workers in ("1", "2"):
        with LocalCollector(APPLICATION_ID) as collector:
            said = run(
                "replay", "--json", "--any-age", "--workers", workers, "--endpoint", collector.url, tmp_path, **ID
            )
            found.append(sent(collector))
            summaries.append(
                {name: said.json()[name] for name in ("files", "events", "sent", "joined", "passed_over", "bad_kinds")}
            )

    assert found[0] == found[1]
    assert summaries[0] == summaries[1]
    assert (summaries[0]["files"], summaries[0]["joined"] > 0, len(found[0]) > 150) == (count, True, True)


def test_a_worker_that_is_killed_costs_no_event_and_none_counts_twice(tmp_path, collector):
    count = sum(write_otlp(tmp_path / f"{number}.jsonl", lines=60, first=number * 3000) for number in range(4))
    with in_the_middle(collector, tmp_path, "2500") as process:
        workers = workers_of(process)
        os.kill(workers[0].pid, signal.SIGKILL)
        out, err = process.communicate(timeout=100)

    assert process.returncode == 0, err
    assert b"its worker died (signal 9), and it is read again" in err
    assert len(collector.events()) == count
    assert json.loads(out)["unread"] == []


def test_ctrl_c_ends_all_workers_and_says_what_was_sent(tmp_path, collector):
    for number in range(4):
        write_otlp(tmp_path / f"{number}.jsonl", lines=200, first=number * 10_000)
    with in_the_middle(collector, tmp_path, "3000") as process:
        workers = workers_of(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert b"Traceback" not in err
    assert json.loads(out)["ended_early"].startswith("interrupted: ")
    assert psutil.wait_procs(workers, timeout=100)[1] == []


def test_a_second_run_goes_on_where_the_first_ended(tmp_path, collector):
    files, state = tmp_path / "files", tmp_path / "state"
    files.mkdir()
    for number in range(2):
        write_otlp(files / f"{number}.jsonl", lines=1, first=number * 100)
    arguments = ["replay", "--json", "--state", state, "--endpoint", collector.url, files]

    assert run(*arguments, **ID).json()["sent"] == 100
    write_otlp(files / "2.jsonl", lines=1, first=200)
    with state.open("ab") as file:
        file.write(b'{"cut off')
    second = run(*arguments, **ID).json()
    elsewhere = run(*arguments[:-3], "--any-age", *arguments[-3:], **ID).json()

    assert (second["sent"], second["finished_before"]) == (50, 2)
    assert (elsewhere["sent"], elsewhere["finished_before"]) == (150, 0)


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGTERM, "1"), (signal.SIGKILL, "2")])
def test_whatever_ends_a_run_the_next_one_sends_the_rest(tmp_path, collector, number, workers):
    files, state = tmp_path / "files", tmp_path / "state"
    files.mkdir()
    count = sum(write_otlp(files / f"{each}.jsonl", lines=4, first=each * 200) for each in range(30))
    arguments = ["replay", "--json", "--state", state, "--workers", workers, "--endpoint", collector.url, files]
    with subprocess.Popen(
        [COMMAND, *map(str, arguments), "--rate", "400"], env=environment(**ID), stdout=subprocess.DEVNULL
    ) as process:
        end = time.monotonic() + 60
        while not (state.exists() and state.read_bytes().count(b"\n") >= 2) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(number)
    assert process.returncode == -number

    second, third = (run(*arguments, **ID).json() for _ in range(2))

    assert 2 <= second["finished_before"] < 30
    assert (second["sent"], third["sent"], third["finished_before"]) == (count - 200 * second["finished_before"], 0, 30)
    assert len(collector.events()) == count


@pytest.mark.parametrize(
    "damage", [b'{"cut off', b"\x00\xff", b'{"a":' + b"[" * 50_000, b'{"a":' + b"7" * 5_000 + b"}"]
)
def test_what_is_finished_is_remembered_behind_whatever_a_state_file_holds(tmp_path, collector, damage):
    state, path = tmp_path / "state", tmp_path / "spans.jsonl"
    write_otlp(path, lines=1)
    state.write_bytes(damage)
    arguments = ["replay", "--json", "--state", state, "--endpoint", collector.url, path]

    first, second = (run(*arguments, **ID).json() for _ in range(2))

    assert (first["sent"], second["sent"], second["finished_before"]) == (50, 0, 1)


def test_what_was_not_sent_is_not_remembered_as_finished(tmp_path, collector):
    state, path = tmp_path / "state", tmp_path / "spans.jsonl"
    write_otlp(path, lines=1)
    arguments = ["replay", "--json", "--state", state, "--endpoint", collector.url]

    run(*arguments, "--application-id", "wrong", path)
    collector.misbehave("503")
    run(*arguments, "--give-up-after", "0.2", path, **ID)
    collector.misbehave("")

    assert run(*arguments, path, **ID).json()["sent"] == 50


def test_the_rate_bounds_all_workers_together(tmp_path, collector):
    for number in range(2):
        write_otlp(tmp_path / f"{number}.jsonl", lines=40, first=number * 10_000)

    said = run("replay", "--json", "--workers", "2", "--rate", "2000", "--endpoint", collector.url, tmp_path, **ID)

    assert (said.code, said.json()["sent"]) == (0, 4000)
    assert said.json()["seconds"] > 0.9
