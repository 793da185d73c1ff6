"""Wrong values of `moesif-otel replay` are refused in one line that names the option and what is right."""

import json
from pathlib import Path

import pytest
from support.command_line import call

COMBINED = Path(__file__).parents[1] / "replay_files" / "nginx-combined.log"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is no time like 2026-11-01, 2026-11-01T12:00:00Z"),
        (["--since", "20261101"], "--since: '20261101' is no time like"),
        (["--until", "2026-02-30"], "--until: '2026-02-30' is no time like"),
        (["--until", "2026-11-01T12:00:00+99:00"], "is no time like"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "--since is later than --until"),
        (["--rate", "0"], "--rate: '0' is no number of events a second above 0"),
        (["--rate", "many"], "--rate: 'many' is no number of events a second above 0"),
        (["--workers", "0"], "--workers: '0' is no number of 1 or more"),
        (["--base-url", "api.example.com"], "--base-url: 'api.example.com' is no URL like https://api.example.com"),
        (["--base-url", "http://x:99999"], "is no URL like https://api.example.com"),
        (["--base-url", "http://a b"], "is no URL like https://api.example.com"),
        (["--log-format", '%h %t "%r" %>s'], "--log-format: there is no $variable in it: Apache's %h"),
        (["--log-format", "$a$request"], "--log-format: nothing tells where $a ends"),
        (["--log-format", "$request $request"], "--log-format: $request is in it twice"),
        (["--log-format", "[$time_local] $status"], "--log-format: no $request in it, nor $request_method"),
        (["--log-format", "$request", "--format", "har"], "--format har reads none"),
        (["--service", ""], "--service: the name is empty"),
        (["--spans", "inner"], "--spans: invalid choice: 'inner'"),
        (["--cluster", "auto", "-"], "--cluster: a cluster cannot read the standard input"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(capfd, arguments, said):
    answer = call(capfd, "replay", "--dry-run", *arguments, str(COMBINED))

    assert answer.code == 2
    assert said in answer.err.splitlines()[-1]


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-25T09:46:40Z",
        "2026-11-25T10:46:40+01:00",
        "2026-11-25T10:46:40+0100",
        "2026-11-25 09:46:40",
        "2026-11-25T09:46:40.000000Z",
        "1795600000",
        "1795600000000",
    ],
)
def test_a_call_that_began_at_the_very_moment_is_after_since_and_before_until(capfd, time):
    """The call began at 09:46:40: in each notation the border belongs to what is asked for."""
    for option in ("--since", "--until"):
        answer = call(capfd, "replay", "--dry-run", "--json", "--any-age", str(COMBINED), option, time)
        assert (answer.code, answer.json()["events"]) == (0, 1)


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        ("2026-11-25", "2026-11-26", 1),
        ("2026-11-26", "2026-11-27", 0),
        ("2026-11-24", "2026-11-25", 0),
        ("2026-11-25T09:46", "2026-11-25T09:47", 1),
        ("2026-11-25T09:46:40.001Z", "2026-11-26", 0),
    ],
)
def test_a_date_is_its_first_moment(capfd, since, until, count):
    answer = call(
        capfd, "replay", "--dry-run", "--json", "--any-age", str(COMBINED), "--since", since, "--until", until
    )

    assert (answer.code, answer.json()["events"]) == (0, count)


def test_a_call_counts_by_its_beginning_however_late_it_ended(capfd, tmp_path):
    path = tmp_path / "slow.json"
    entry = {
        "start_time": "2026-11-25T09:46:40Z",
        "method": "GET",
        "path": "/a",
        "response_code": 200,
        "duration": 60_000,
        "response_flags": "-",
        "authority": "shop.example.com",
    }
    path.write_text(json.dumps(entry) + "\n")

    def events(*arguments):
        return call(capfd, "replay", "--dry-run", "--json", "--any-age", str(path), *arguments).json()["events"]

    assert events("--until", "2026-11-25T09:46:50Z") == 1
    assert events("--since", "2026-11-25T09:46:50Z") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["{log}", "--rate", "500", "{other}"],
        ["--rate", "500", "{log}", "{other}"],
        ["{log}", "{other}", "--rate", "500"],
        ["--rate", "500", "--", "{log}", "-other.log"],
    ],
)
def test_options_stand_before_behind_and_between_files(capfd, tmp_path, monkeypatch, arguments):
    other = tmp_path / "-other.log"
    other.write_bytes(COMBINED.read_bytes())
    monkeypatch.chdir(tmp_path)
    filled = [each.format(log=COMBINED, other=other) for each in arguments]

    answer = call(capfd, "replay", "--dry-run", "--json", "--any-age", *filled)

    assert (answer.code, answer.json()["files"]) == (0, 2)
