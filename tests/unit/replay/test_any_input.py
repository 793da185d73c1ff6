"""Whatever a file holds: reading it never raises, takes bounded memory, and finds exactly the JSON that is there."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.recorded_calls import moesif_event, otlp_line, otlp_span
from support.replayed import replayed_text

from opentelemetry_exporter_moesif.local_collector import problems
from opentelemetry_exporter_moesif.replay import json_documents, streams
from opentelemetry_exporter_moesif.replay.formats.table import FORMATS

FILES = sorted((Path(__file__).parents[2] / "replay_files").iterdir())
NOW = 1_795_603_600_000_000_000

# A busy machine is no reason to fail.
unhurried = settings(deadline=None)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["0" * 32, "7" * 32, "7" * 16]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES)


@st.composite
def nearly_spans(draw):
    """A right span, some of whose fields are anything."""
    span = otlp_span(draw(st.integers(0, 2**60)))
    for name in draw(st.lists(st.sampled_from([*span, "events", "traceState", "links"]), max_size=3)):
        span[name] = draw(VALUES)
    return span


@st.composite
def nearly_events(draw):
    """A right event, some of whose fields are anything."""
    event = moesif_event(draw(st.integers()))
    for name in draw(st.lists(st.sampled_from(["metadata", "response", "transaction_id", "user_id"]), max_size=2)):
        event[name] = draw(VALUES)
    for name in draw(st.lists(st.sampled_from([*event["request"], "body"]), max_size=2)):
        event["request"][name] = draw(VALUES)
    return event


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, content, size):
        self._content = io.BytesIO(content)
        self._size = size

    def read(self, _size=-1):
        return self._content.read(self._size)


@unhurried
@given(st.lists(OBJECTS, max_size=5), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_an_array_is_read_the_same_however_it_arrives(values, size, indent, ascii_only):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    content = text.encode("utf-8", "surrogatepass" if ascii_only else "replace")

    found = list(json_documents.documents(Dripping(content, size), b"", 10**6))

    assert [reason for _, _, reason in found if reason] == []
    assert json.dumps([value for _, value, _ in found]) == json.dumps(json.loads(content.decode()))


def read(tmp_path_factory, content, **options):
    return replayed_text(tmp_path_factory.getbasetemp(), content, now=NOW, **options)


@unhurried
@given(st.binary(max_size=200) | st.text('[]{}",:0a\\\n ', max_size=60).map(str.encode))
def test_no_bytes_whatever_raise(tmp_path_factory, content):
    read(tmp_path_factory, content)


@unhurried
@given(st.text('[]{}",:0a\\\n #-/.HTPGE', max_size=80), st.sampled_from(list(FORMATS)))
def test_no_text_whatever_raises_in_any_format(tmp_path_factory, text, name):
    read(tmp_path_factory, text, format=name)


@st.composite
def damaged_files(draw):
    """A real file that was cut, or some of whose bytes were flipped, and that may be packed."""
    content = bytearray(draw(st.sampled_from(FILES)).read_bytes())
    for _ in range(draw(st.integers(0, 8))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    whole = bytes(content[: draw(st.integers(0, len(content)))]) if draw(st.booleans()) else bytes(content)
    packed = draw(st.sampled_from([bytes, gzip.compress, streams.zstd().compress]))(whole)
    return packed[: draw(st.integers(0, len(packed)))] if draw(st.booleans()) else packed


@settings(deadline=None, max_examples=150)
@given(damaged_files())
def test_a_file_that_is_damaged_gives_valid_events_or_counts(tmp_path_factory, content):
    read_ = read(tmp_path_factory, content)

    assert all(problems(event) == [] for event in read_.events)
    assert len(read_.events) == read_.report.events


@unhurried
@given(damaged_files())
def test_behind_a_damaged_line_the_rest_is_read(tmp_path_factory, content):
    text = b'{"a": "cut off\n' + otlp_line(otlp_span(7)).encode() + b"\n" + content.replace(b"\0", b"")

    uris = read(tmp_path_factory, text, any_age=True).uris

    assert any("/items/7" in uri for uri in uris)


@unhurried
@example([{"traceId": "0" * 31 + "1", "spanId": "0" * 15 + "1", "name": "GET /", "flags": float("inf")}])
@given(VALUES | st.lists(nearly_spans()) | st.lists(st.fixed_dictionaries({"scopeSpans": VALUES, "resource": VALUES})))
def test_no_otlp_whatever_raises(tmp_path_factory, spans):
    for document in ({"resourceSpans": spans}, {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}):
        read(tmp_path_factory, json.dumps(document), any_age=True)


JSON_FILES = [
    json.loads(path.read_text())
    for path in FILES
    if path.suffix in {".har", ".json"} and "pretty" not in path.name and path.name != "concatenated.json"
]


@st.composite
def nearly_documents(draw):
    """A document of some format, one of whose values is anything."""
    document = json.loads(json.dumps(draw(st.sampled_from(JSON_FILES))))
    place = document
    while True:
        key = draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 4)) == 0:
            place[key] = draw(VALUES)
            return document
        place = inner


@settings(deadline=None, max_examples=150)
@given(nearly_documents())
def test_no_document_of_any_format_raises(tmp_path_factory, document):
    read_ = read(tmp_path_factory, json.dumps(document), any_age=True)

    assert all(problems(event) == [] for event in read_.events if "transaction_id" in event)


@unhurried
@given(nearly_spans() | nearly_events() | OBJECTS)
def test_each_record_gives_a_valid_event_or_is_counted(tmp_path_factory, value):
    if "spanId" in value:
        value = {"resourceSpans": [{"scopeSpans": [{"spans": [value]}]}]}

    read_ = read(tmp_path_factory, json.dumps(value), any_age=True)

    report = read_.report
    assert report.found + report.bad == 1
    for event in read_.events:
        if "resourceSpans" in value:
            assert problems(event) == []


@pytest.fixture(autouse=True)
def quiet(capfd):
    """What is bad is named on standard error, a thousand times here."""
    yield
    capfd.readouterr()
