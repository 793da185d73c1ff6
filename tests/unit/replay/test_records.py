"""Any file of JSON becomes a stream of records; what is bad is named by its line and costs only itself."""

import bz2
import gzip
import io
import json
import lzma
import random
import re
import tarfile
import zipfile

import pytest

from opentelemetry_exporter_moesif.replay import json_documents, records, streams
from opentelemetry_exporter_moesif.replay.formats import documents
from opentelemetry_exporter_moesif.replay.formats.reader import FormatReader
from opentelemetry_exporter_moesif.replay.options import Options
from opentelemetry_exporter_moesif.replay.records import RecordReader
from opentelemetry_exporter_moesif.replay.streams import damage, unpacked


class Seen:
    """The values of a stream with their lines, and what was bad about it."""

    def __init__(self, content):
        self.records, self.bad, self.damaged = [], [], None
        formats = FormatReader(self, Options())
        formats.value = self._value
        formats.line = lambda line: False
        raw = io.BufferedReader(io.BytesIO(content))
        self._reader = RecordReader(unpacked(raw), formats, self._bad, lambda size: None)
        try:
            self._reader.read()
        except Exception as error:
            self.damaged = damage(error)
            if self.damaged is None:
                raise

    @property
    def values(self):
        return [value for _, value in self.records]

    def _value(self, value):
        self.records += [(self._reader.line, item) for item in (value if isinstance(value, list) else [value])]

    def _bad(self, reason):
        self.bad.append((self._reader.line, reason))

    event, kinds = None, ()  # of `Findings`: nothing is found here


def read(content):
    return Seen(content if isinstance(content, bytes) else content.encode())


def test_each_line_is_a_record_with_its_number():
    assert read('{"a": 1}\n\n{"a": 2}\r\n{"a": 3}').records == [(1, {"a": 1}), (3, {"a": 2}), (4, {"a": 3})]


def test_a_bad_line_is_named_and_the_rest_goes_on():
    seen = read('{"a": 1}\n{"a": oops}\n{"a": 3}\n')

    assert seen.values == [{"a": 1}, {"a": 3}]
    [(line, reason)] = seen.bad
    assert line == 2
    assert reason.startswith("not JSON: ")
    assert "oops" not in reason


def test_a_bad_first_line_does_not_hide_the_others():
    assert read('garbage\n{"a": 2}\n').values == [{"a": 2}]
    assert read('{"a": "cut\n{"a": 2}\n').values == [{"a": 2}]


def test_bytes_that_are_not_utf8_are_shown_as_such_and_cost_nothing():
    assert read(b'{"a": "\xff"}\n{"a": 2}\n').values == [{"a": "\ufffd"}, {"a": 2}]


def test_a_byte_order_mark_is_passed_over():
    assert read(b'\xef\xbb\xbf{"a": 1}\n').values == [{"a": 1}]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_gives_its_elements(indent):
    events = [{"number": number, "text": "é\n]"} for number in range(5)]

    assert read(json.dumps(events, indent=indent)).values == events


def test_a_large_array_on_one_line_gives_its_elements():
    events = [{"number": number, "text": "x" * 1000, "more": [[1], {"deep": "[{"}]} for number in range(3000)]

    assert read(json.dumps(events)).values == events


def test_one_array_a_line_gives_the_elements_of_all():
    assert read('[{"a": 1}, {"a": 2}]\n[]\n[{"a": 3}]\n').values == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_pretty_printed_objects_are_read_one_after_the_other():
    text = "\n".join(json.dumps({"a": number, "b": [{"c": 1}]}, indent=4) for number in range(3))

    assert read(text).values == [{"a": number, "b": [{"c": 1}]} for number in range(3)]


def test_a_bad_element_of_a_large_array_is_named_by_its_line_and_costs_only_itself():
    lines = [json.dumps({"number": number, "text": "x" * 1000}) for number in range(3000)]
    lines[1500] = '{"number": oops}'

    seen = read("[\n" + ",\n".join(lines) + "\n]\n")

    assert [value["number"] for value in seen.values] == [number for number in range(3000) if number != 1500]
    assert [line for line, _ in seen.bad] == [1502]


def test_a_bad_element_among_pretty_printed_ones_is_one_bad_record():
    events = [json.dumps({"request": {"verb": "GET", "number": number}}, indent=2) for number in range(3)]
    events[1] = events[1].replace('"GET"', "GET")

    seen = read("[\n" + ",\n".join(events) + "\n]\n")

    assert [value["request"]["number"] for value in seen.values] == [0, 2]
    assert len(seen.bad) == 1


def test_a_number_of_any_length_costs_its_record_alone():
    long = "7" * 5_000

    seen = read(f'{{"a": {long}}}\n{{"b": 2}}\n[{{"c": {long}}},\n{{"d": 4}}]\n')

    assert seen.values == [{"b": 2}, {"d": 4}]
    assert [line for line, _ in seen.bad] == [1, 3]


def test_an_array_that_is_cut_off_gives_what_is_whole_and_one_bad_record():
    text = json.dumps([{"number": number, "text": "x" * 1000} for number in range(200)])

    for cut in (text[:-1], text[:-50], text[:-1020]):
        seen = read(cut)
        assert len(seen.values) >= 198
        assert len(seen.bad) == 1


def test_gzip_is_known_by_its_bytes_and_not_by_the_name():
    content = gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"a": 2}\n')

    assert read(content).values == [{"a": 1}, {"a": 2}]


def test_gzip_that_is_cut_off_gives_its_whole_lines_and_one_bad_record():
    lines = b"".join(b'{"a": %d}\n' % random.randrange(10**12) for _ in range(100_000))
    seen = read(gzip.compress(lines)[:-2000])

    assert len(seen.values) > 50_000
    assert seen.records[-1][0] > 50_000
    assert (seen.bad, seen.damaged) == ([], "the compressed data ends too early or is damaged")


def zstd(content):
    return streams.zstd().compress(content)


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress, gzip.compress, zstd])
def test_each_compression_is_read_to_its_end_also_where_files_were_put_together(compress):
    lines = [b'{"a": %d}\n' % number for number in range(5_000)]
    content = compress(b"".join(lines[:3_000])) + compress(b"".join(lines[3_000:]))

    assert [value["a"] for value in read(content).values] == list(range(5_000))


def test_zeros_between_streams_of_xz_are_passed_over():
    content = lzma.compress(b'{"a": 1}\n') + bytes(8) + lzma.compress(b'{"a": 2}\n') + bytes(4)

    assert read(content).values == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_what_is_cut_off_or_damaged_gives_what_is_whole_and_one_reason(compress):
    content = compress(b"".join(b'{"a": %d}\n' % random.randrange(10**12) for _ in range(200_000)))

    for damaged in (content[:-2_000], content[:-2_000] + bytes(2_000)):
        seen = read(damaged)
        assert seen.damaged == "the compressed data ends too early or is damaged"
    assert read(content).damaged is None


def test_what_was_compressed_twice_is_unpacked_twice():
    assert read(gzip.compress(zstd(lzma.compress(b'{"a": 1}\n')))).values == [{"a": 1}]


def test_what_takes_much_memory_to_unpack_is_refused_in_words():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 2**29}]

    with pytest.raises(lzma.LZMAError) as raised:
        read(lzma.compress(b'{"a": 1}\n' * 1000, filters=filters))

    assert damage(raised.value) == "it was compressed so that unpacking it takes more memory than 128 MiB"


def archive(kind):
    content = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(content, "w") as file:
            file.writestr("a.jsonl", '{"a": 1}')
    else:
        with tarfile.open(fileobj=content, mode=kind) as file:
            file.addfile(tarfile.TarInfo("a.jsonl"))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (archive("zip"), "a zip archive: `unzip -p FILE | moesif-otel replay -`"),
        (archive("w:"), "a tar archive: `tar -xOf FILE | moesif-otel replay -`"),
        (archive("w:gz"), "a tar archive"),
        (b"PAR1" + bytes(20), "Parquet, which is not read"),
    ],
    ids=["zip", "tar", "tar.gz", "Parquet"],
)
def test_an_archive_says_what_it_is_and_what_reads_it(content, what):
    with pytest.raises(streams.UnreadableError, match=re.escape(what)):
        read(content)


def with_lengths(*messages):
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


def test_zstd_is_read_as_a_whole_file_and_message_by_message():
    lines = [b'{"a": 1}\n', b'{"a": 2}\n']

    assert read(zstd(lines[0]) + zstd(lines[1])).values == [{"a": 1}, {"a": 2}]
    assert read(with_lengths(*map(zstd, lines))).values == [{"a": 1}, {"a": 2}]
    assert read(with_lengths(*lines)).values == [{"a": 1}, {"a": 2}]


def test_a_message_that_is_damaged_costs_itself_and_one_that_is_cut_off_ends_the_file():
    good, bad = zstd(b'{"a": 1}'), zstd(b'{"a": 2}' * 100)[:-5]

    seen = read(with_lengths(good, bad, good) + with_lengths(good)[:-3])

    assert seen.values == [{"a": 1}, {"a": 1}]
    assert [reason for _, reason in seen.bad] == [
        "the compressed data ends too early or is damaged",
        "the last message is cut off",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_a_byte_order_mark_and_without(encoding):
    text = '{"a": "é"}\n' * 3

    assert read(text.encode(encoding)).values == [{"a": "é"}] * 3


def test_documents_without_a_break_between_them_are_read_one_after_the_other():
    assert read('{"a": 1}{"a": 2} {"a":\n3}{"a": 4}\n').values == [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]
    assert read('{"a": 1}\n{\n"a": 2\n}\n{"a": 3}').values == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_a_record_that_would_take_far_more_memory_than_its_bytes_is_refused_by_name(monkeypatch):
    for room in (json_documents, documents):
        monkeypatch.setattr(room, "_MOST_VALUES", 200_000)
    bomb = b"[[" + b"[]," * 400_000 + b"[]]]"

    for content in (bomb, b'{"a": 1}\n{"a":' + bomb + b"}\n"):
        seen = read(content)
        assert "more than 2 million values in one record" in {reason for _, reason in seen.bad}
        assert len(seen.values) <= 1


def test_an_empty_file_holds_nothing():
    for content in (b"", b"\n\n  \n"):
        assert (read(content).records, read(content).bad) == ([], [])


def test_a_line_beyond_the_limit_is_bad_and_the_next_one_is_read(monkeypatch):
    monkeypatch.setattr(records, "RECORD_MAX_BYTES", 3 * 1024 * 1024)
    seen = read('{"a": 1}\n{"a": "' + "x" * 5_000_000 + '"}\n{"a": 3}\n')

    assert seen.values == [{"a": 1}, {"a": 3}]
    assert seen.bad == [(2, "longer than 3 MiB")]


def test_an_element_beyond_the_limit_is_bad_and_the_next_one_is_read():
    stream = io.BytesIO(b'[{"a": 1},\n{"a": "' + b"x" * 5_000_000 + b'"},\n{"a": 3}\n]')

    found = list(json_documents.documents(stream, b"", 3 * 1024 * 1024))

    assert found == [(1, {"a": 1}, None), (2, None, "longer than 3 MiB"), (3, {"a": 3}, None)]
