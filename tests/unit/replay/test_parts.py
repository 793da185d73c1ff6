"""Large files are cut between lines, and their parts give what the whole file gives, whoever reads them."""

import gzip
import json
import os
from pathlib import Path

import pytest
from support.recorded_calls import otlp_line, otlp_span
from support.replayed import Replayed, replayed

from opentelemetry_exporter_moesif.replay import parts as room
from opentelemetry_exporter_moesif.replay.parts import Part, parts
from opentelemetry_exporter_moesif.replay.places import Place, PlaceError, places, shown

FILES = Path(__file__).parents[2] / "replay_files"
COMBINED = '203.0.113.9 - ada [25/Nov/2026:09:46:40 +0000] "GET /teas/{}?a=1 HTTP/1.1" 200 2 "-" "curl/8"\n'


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(room, "PART_BYTES", 4096)


def cut(path):
    return list(parts([Place(str(path), path.stat().st_size)]))


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    "content",
    [
        "".join(otlp_line(otlp_span(number)) + "\n" for number in range(40)),
        "".join(COMBINED.format("x" * (number % 90)) for number in range(300)),
        "".join(COMBINED.format("x" * 23) for number in range(300)),
        "".join(json.dumps({"a": number}) + "\n" for number in range(1000)),
        "".join(otlp_line(*map(otlp_span, range(number, number + 30))) + "\n" for number in range(0, 150, 30)),
    ],
    ids=["OTLP", "log lines", "lines of one length", "foreign", "lines longer than a part"],
)
def test_each_line_is_in_one_part_and_in_no_other(tmp_path, content):
    path = tmp_path / "lines"
    path.write_text(content)
    found = cut(path)

    read = [Replayed(part, any_age=True) for part in found]

    whole = replayed(path, any_age=True)
    assert len(found) >= 3
    assert sorted(uri for each in read for uri in each.uris) == sorted(whole.uris)
    assert sum(each.report.bad for each in read) == whole.report.bad


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"".join(otlp_line(otlp_span(number)).encode() for number in range(2000))),
        json.dumps([json.loads(otlp_line(otlp_span(number))) for number in range(40)]).encode(),
        otlp_line(otlp_span(1)).encode()
        + b"\n"
        + json.dumps(json.loads(otlp_line(*map(otlp_span, range(40)))), indent=1).encode(),
        (FILES / "docker-json-file.log").read_bytes() * 40,
        (FILES / "kubernetes-cri.log").read_bytes() * 40,
        b"#Fields: date time cs-method cs-uri-stem\n" + b"2026-11-25 09:46:40 GET /a\n" * 500,
        (FILES / "collector-proto").read_bytes() * 40,
        otlp_line(*map(otlp_span, range(40))).encode("utf-16"),
    ],
    ids=["gzip", "an array", "a document after a line", "Docker's", "Kubernetes'", "W3C", "messages", "UTF-16"],
)
def test_what_cannot_be_cut_between_any_two_lines_is_one_part(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert len(content) > 4096

    assert cut(path) == [Part(Place(str(path), len(content)))]


def test_a_directory_gives_its_files_in_order_and_no_hidden_ones(tmp_path):
    for name in ("b/2.jsonl", "a.jsonl", "b/.hidden", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    names = [Path(place.address).relative_to(tmp_path) for place in places(str(tmp_path))]

    assert [str(name) for name in names] == ["a.jsonl", "b/2.jsonl"]


def test_a_pattern_gives_what_matches_and_a_file_with_such_a_name_itself(tmp_path):
    for name in ("1.log", "2.log", "3.txt", "[1].log"):
        (tmp_path / name).write_text("x")

    assert [Path(place.address).name for place in places(f"{tmp_path}/*.log")] == ["1.log", "2.log", "[1].log"]
    assert [Path(place.address).name for place in places(f"{tmp_path}/[1].log")] == ["[1].log"]


def test_what_is_no_file_in_a_directory_costs_no_other_one(tmp_path):
    (tmp_path / "a.jsonl").write_text(otlp_line(otlp_span(1)))
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "gone.jsonl")
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "linked.jsonl").symlink_to(tmp_path / "a.jsonl")
    os.mkfifo(tmp_path / "pipe")

    for argument in (str(tmp_path), f"{tmp_path}/*"):
        assert [Path(place.address).name for place in places(argument)] == ["a.jsonl", "linked.jsonl"]


def test_a_file_that_is_removed_while_its_directory_is_listed_costs_no_other_one(tmp_path, monkeypatch):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("x")
    is_file = Path.is_file

    def is_file_and_then_removed(path):
        found = is_file(path)
        if path.name == "a.jsonl":
            path.unlink()
        return found

    monkeypatch.setattr(Path, "is_file", is_file_and_then_removed)

    assert [Path(place.address).name for place in places(str(tmp_path))] == ["b.jsonl"]


def test_a_file_that_is_gone_when_its_turn_comes_is_named_and_the_others_are_read(tmp_path):
    (tmp_path / "a.jsonl").write_text(otlp_line(otlp_span(1)))
    found = places(str(tmp_path))

    read = [Replayed(Part(place), any_age=True) for place in (Place(str(tmp_path / "none"), 7), *found)]

    assert [len(each.events) for each in read] == [0, 1]
    assert read[0].report.unread == [f"{tmp_path}/none: cannot be read: No such file or directory"]


CHANGES = {
    "cut off": lambda path: os.truncate(path, 10),
    "replaced": lambda path: (path.rename(f"{path}.1"), path.write_text("x" * 10_000)),
    "removed": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_while_it_was_read_is_told_and_is_not_finished(tmp_path, name):
    path = tmp_path / "access.log"
    path.write_text("".join(COMBINED.format(number) for number in range(100)))
    [place] = places(str(path))

    unchanged = Replayed(Part(place), any_age=True)
    path.open("a").write(COMBINED.format("more"))
    grown = Replayed(Part(place), any_age=True)
    CHANGES[name](path)
    changed = Replayed(Part(place), any_age=True)

    assert (unchanged.is_whole, grown.is_whole, changed.is_whole) == (True, True, False)
    assert (len(unchanged.events), len(grown.events)) == (100, 101)
    assert any("run it again, nothing counts twice" in told or "No such file" in told for told in changed.report.unread)


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("{}/missing.jsonl", "cannot be read: No such file or directory"),
        ("{}/*.log", "no file matches"),
        ("{}/empty", "no file in it"),
        ("nothing-knows-this://{}/a", "cannot be read: Protocol not known: nothing-knows-this"),
        ("file://{}/missing", "cannot be read: no such file"),
    ],
)
def test_a_place_that_is_not_there_is_named_with_the_reason(tmp_path, argument, reason):
    (tmp_path / "empty").mkdir()

    with pytest.raises(PlaceError) as raised:
        places(argument.format(tmp_path))

    assert str(raised.value) == f"{argument.format(tmp_path)}: {reason}"


def test_an_empty_name_is_no_directory():
    with pytest.raises(PlaceError, match="no name of a file"):
        places("")


def test_the_credentials_of_an_address_are_in_no_message():
    assert shown("https://ada:secret@host/a.jsonl?X-Amz-Signature=secret") == "https://host/a.jsonl"
    assert shown("s3://bucket/key") == "s3://bucket/key"
