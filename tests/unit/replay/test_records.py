"""Any file of JSON becomes a stream of records; what is bad is named by its line and costs only itself."""

import gzip
import io
import json
import random

import pytest

from opentelemetry_exporter_moesif.replay import json_documents
from opentelemetry_exporter_moesif.replay import records as room
from opentelemetry_exporter_moesif.replay.records import BadRecord, Record, Source


def read(tmp_path, content, name="calls.jsonl"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(Source(str(path)).records())


def values(records):
    return [record.value for record in records if isinstance(record, Record)]


def bad(records):
    return [(record.line, record.reason) for record in records if isinstance(record, BadRecord)]


def test_each_line_is_a_record_with_its_number(tmp_path):
    records = read(tmp_path, '{"a": 1}\n\n{"a": 2}\r\n{"a": 3}')

    assert [(record.line, record.value["a"]) for record in records] == [(1, 1), (3, 2), (4, 3)]


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path):
    records = read(tmp_path, '{"a": 1}\n{"a": oops}\n{"a": 3}\n')

    assert values(records) == [{"a": 1}, {"a": 3}]
    [(line, reason)] = bad(records)
    assert line == 2
    assert reason.startswith("not JSON: ")
    assert "oops" not in reason
    assert str(next(record for record in records if isinstance(record, BadRecord))).startswith(
        f"{tmp_path}/calls.jsonl:2: not JSON"
    )


def test_a_bad_first_line_does_not_hide_the_others(tmp_path):
    assert values(read(tmp_path, 'garbage\n{"a": 2}\n')) == [{"a": 2}]
    assert values(read(tmp_path, '{"a": "cut\n{"a": 2}\n')) == [{"a": 2}]


def test_bytes_that_are_not_utf8_cost_their_line(tmp_path):
    records = read(tmp_path, b'{"a": "\xff\xfe"}\n{"a": 2}\n')

    assert values(records) == [{"a": 2}]
    assert [line for line, _ in bad(records)] == [1]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    assert values(read(tmp_path, b'\xef\xbb\xbf{"a": 1}\n')) == [{"a": 1}]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_gives_its_elements(tmp_path, indent):
    events = [{"number": number, "text": "é\n]"} for number in range(5)]

    assert values(read(tmp_path, json.dumps(events, indent=indent))) == events


def test_a_large_array_on_one_line_gives_its_elements(tmp_path):
    events = [{"number": number, "text": "x" * 1000, "more": [[1], {"deep": "[{"}]} for number in range(3000)]

    assert values(read(tmp_path, json.dumps(events))) == events


def test_one_array_a_line_gives_the_elements_of_all(tmp_path):
    assert values(read(tmp_path, '[{"a": 1}, {"a": 2}]\n[]\n[{"a": 3}]\n')) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_pretty_printed_objects_are_read_one_after_the_other(tmp_path):
    text = "\n".join(json.dumps({"a": number, "b": [{"c": 1}]}, indent=4) for number in range(3))

    assert values(read(tmp_path, text)) == [{"a": number, "b": [{"c": 1}]} for number in range(3)]


def test_a_bad_element_of_a_large_array_is_named_by_its_line_and_costs_only_itself(tmp_path):
    lines = [json.dumps({"number": number, "text": "x" * 1000}) for number in range(3000)]
    lines[1500] = '{"number": oops}'

    records = read(tmp_path, "[\n" + ",\n".join(lines) + "\n]\n")

    assert [value["number"] for value in values(records)] == [number for number in range(3000) if number != 1500]
    assert [line for line, _ in bad(records)] == [1502]


def test_a_bad_element_among_pretty_printed_ones_is_one_bad_record(tmp_path):
    events = [json.dumps({"request": {"verb": "GET", "number": number}}, indent=2) for number in range(3)]
    events[1] = events[1].replace('"GET"', "GET")

    records = read(tmp_path, "[\n" + ",\n".join(events) + "\n]\n")

    assert [value["request"]["number"] for value in values(records)] == [0, 2]
    assert len(bad(records)) == 1


def test_an_array_that_is_cut_off_gives_what_is_whole_and_one_bad_record(tmp_path):
    text = json.dumps([{"number": number, "text": "x" * 1000} for number in range(200)])

    for cut in (text[:-1], text[:-50], text[:-1020]):
        records = read(tmp_path, cut)
        assert len(values(records)) >= 198
        assert len(bad(records)) == 1


def test_gzip_is_known_by_its_bytes_and_not_by_the_name(tmp_path):
    content = gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"a": 2}\n')

    assert values(read(tmp_path, content, name="calls.txt")) == [{"a": 1}, {"a": 2}]


def test_gzip_that_is_cut_off_gives_its_whole_lines_and_one_bad_record(tmp_path):
    lines = b"".join(b'{"a": %d}\n' % random.randrange(10**12) for _ in range(100_000))
    records = read(tmp_path, gzip.compress(lines)[:-2000])

    assert len(values(records)) > 50_000
    [(line, reason)] = bad(records)
    assert line > 50_000
    assert reason == "the gzip data ends too early or is damaged"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, "compressed with zstd: unpack it first"),
        ((50).to_bytes(4, "big") + b"\n" * 50, "binary, as the Collector's file exporter writes"),
    ],
)
def test_a_form_that_cannot_be_read_is_told_once_and_not_line_by_line(tmp_path, content, reason):
    [record] = read(tmp_path, content)

    assert record.reason.startswith(reason)
    assert record.line == 0


def test_a_file_that_is_not_there_or_a_directory_is_one_bad_record(tmp_path):
    [missing] = Source(str(tmp_path / "missing.jsonl")).records()
    [directory] = Source(str(tmp_path)).records()

    assert str(missing) == f"{tmp_path}/missing.jsonl: cannot be read: No such file or directory"
    assert str(directory) == f"{tmp_path}: cannot be read: Is a directory"


def test_an_empty_file_holds_nothing(tmp_path):
    assert read(tmp_path, b"") == []
    assert read(tmp_path, b"\n\n  \n") == []


def test_a_line_beyond_the_limit_is_bad_and_the_next_one_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "RECORD_MAX_BYTES", 3 * 1024 * 1024)
    records = read(tmp_path, '{"a": 1}\n{"a": "' + "x" * 5_000_000 + '"}\n{"a": 3}\n')

    assert values(records) == [{"a": 1}, {"a": 3}]
    assert bad(records) == [(2, "longer than 3 MiB")]


def test_an_element_beyond_the_limit_is_bad_and_the_next_one_is_read():
    stream = io.BytesIO(b'[{"a": 1},\n{"a": "' + b"x" * 5_000_000 + b'"},\n{"a": 3}\n]')

    found = list(json_documents.documents(stream, b"", 3 * 1024 * 1024))

    assert found == [(1, {"a": 1}, None), (2, None, "longer than 3 MiB"), (3, {"a": 3}, None)]
