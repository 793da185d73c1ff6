"""Whatever a file holds: reading it never raises, and finds exactly the JSON that is there."""

import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from support.recorded_calls import moesif_event, otlp_span

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.local_collector import problems
from opentelemetry_exporter_moesif.replay import json_documents
from opentelemetry_exporter_moesif.replay.events import EventReader, Tally
from opentelemetry_exporter_moesif.replay.otlp_json import NotOTLPError, spans_of
from opentelemetry_exporter_moesif.replay.records import BadRecord, Record, Source

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


@unhurried
@given(st.binary(max_size=200) | st.text('[]{}",:0a\\\n ', max_size=60).map(str.encode))
def test_no_bytes_whatever_raise(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)

    assert all(isinstance(record, Record | BadRecord) for record in Source(str(path)).records())


@unhurried
@example([{"traceId": "0" * 31 + "1", "spanId": "0" * 15 + "1", "name": "GET /", "flags": float("inf")}])
@given(VALUES | st.lists(nearly_spans()) | st.lists(st.fixed_dictionaries({"scopeSpans": VALUES, "resource": VALUES})))
def test_no_otlp_whatever_raises(spans):
    request = {"resourceSpans": spans}
    nearly = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}

    for item in (*spans_of(request), *spans_of(nearly)):
        assert isinstance(item, ReadableSpan | NotOTLPError)


@unhurried
@given(nearly_spans() | nearly_events() | OBJECTS)
def test_each_record_gives_a_valid_event_or_is_counted(value):
    tally = Tally()
    reader = EventReader(Config(application_id="any"), tally)
    if "spanId" in value:
        value = {"resourceSpans": [{"scopeSpans": [{"spans": [value]}]}]}

    events = list(reader.events(Record("file", 1, value)))

    assert len(events) + tally.passed_over + tally.other_signals + tally.bad == 1
    for event in map(json.loads, events):
        if "resourceSpans" in value:
            assert problems(event) == []


@pytest.fixture(autouse=True)
def quiet(capfd):
    """What is bad is named on standard error, a thousand times here."""
    yield
    capfd.readouterr()
