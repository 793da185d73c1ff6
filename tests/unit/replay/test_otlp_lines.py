"""The usual lines of OTLP JSON, read by types, tell to the letter what the lenient reader tells of them."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry.trace import SpanKind
from support.recorded_calls import otlp_line, otlp_span

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.replay.formats import otlp_json
from opentelemetry_exporter_moesif.replay.formats.otlp_lines import OTLPLines

TESTS = Path(__file__).parents[2]
FILES = sorted(path for name in ("foreign", "replay_files") for path in (TESTS / name).glob("*.json*"))


def is_whole(line):
    try:
        return "resourceSpans" in json.loads(line)
    except ValueError:
        return False


LINES = [line for path in FILES for line in path.read_bytes().splitlines() if is_whole(line)]
SCOPE = "opentelemetry.instrumentation.flask"


class Told:
    """What a reader tells, in order."""

    def __init__(self, kinds=(SpanKind.SERVER,)):
        self.kinds = kinds
        self.all = []

    def call(self, call):
        span = call.span
        events = [(event.name, event.attributes and dict(event.attributes), event.timestamp) for event in span.events]
        self.all.append(("call", call.trace, call.key, call.parent, dict(span.attributes), events))
        self.all.append((span.name, span.kind, span.start_time, span.end_time, str(span.context), str(span.parent)))
        self.all.append((span.status.status_code, span.status.description))
        self.all.append((dict(span.resource.attributes), span.instrumentation_scope))

    def inner(self, trace, key, parent, *, passes):
        self.all.append(("inner", trace, key, parent, passes))

    def ids(self, trace, key, ids, end):
        self.all.append(("ids", trace, key, dict(ids), end))

    def bad(self, reason, subject=""):
        self.all.append(("bad", reason, subject))


def by_types(line, **options):
    """What the quick reader tells; None where it leaves the line to the other one, of which it told nothing."""
    told = Told(**options)
    if OTLPLines(told).read(line):
        return told.all
    assert told.all == []
    return None


def leniently(line, **options):
    told = Told(**options)
    otlp_json.read(decoded(line), told)
    return told.all


def decoded(line):
    """As the replay decodes a line: numbers beyond 64 bits become floats, and what only Python takes is read by it."""
    try:
        return loads(line)
    except ValueError:
        return json.loads(line)


@pytest.mark.parametrize("kinds", [(SpanKind.SERVER,), (SpanKind.SERVER, SpanKind.CLIENT)])
def test_real_lines_are_read_alike_and_nearly_all_of_them_by_types(kinds):
    usual = [line for line in LINES if by_types(line, kinds=kinds) is not None]

    for line in usual:
        assert repr(by_types(line, kinds=kinds)) == repr(leniently(line, kinds=kinds))
    assert len(usual) > 0.9 * len(LINES) > 10


def value(**kinds):
    return {"key": "a", "value": kinds}


@pytest.mark.parametrize(
    "pair",
    [
        value(stringValue="ü"),
        value(stringValue="😀"),
        value(stringValue=None, intValue="7"),
        value(stringValue=7),
        value(intValue="12345678901234567890123"),
        value(intValue=7.0),
        value(intValue="1e3"),
        value(boolValue=True),
        value(doubleValue=0.5),
        value(doubleValue="NaN"),
        value(bytesValue="AAEC"),
        value(kvlistValue={"values": [{"key": "b", "value": {"intValue": 7}}]}),
        value(arrayValue={}),
        value(arrayValue={"values": [{"stringValue": "a"}, {"stringValue": "b"}]}),
        value(arrayValue={"values": [{"stringValue": "a"}, {"intValue": 7}]}),
        value(),
        {"key": "a"},
        {"value": {"stringValue": "of no key"}},
        {"key": "", "value": {"stringValue": "of no key"}},
        {"key": -(2**63) - 1, "value": {"stringValue": "of no text"}},
        {"key": "user.id", "value": {"stringValue": "ada"}},
        "no pair",
        None,
    ],
)
@pytest.mark.parametrize("kind", [1, 2, 3, "SPAN_KIND_SERVER"])
def test_every_attribute_is_read_alike(pair, kind):
    span = otlp_span(7, kind=kind)
    span["attributes"].append(pair)
    line = json.dumps({"resourceSpans": [{"scopeSpans": [{"scope": {"name": SCOPE}, "spans": [span]}]}]}).encode()

    assert repr(by_types(line)) == repr(leniently(line))


def test_an_escaped_name_hides_nothing():
    span = otlp_span(7, kind=3)
    span["attributes"].append({"key": "user.id", "value": {"stringValue": "ada"}})
    line = otlp_line(span).encode().replace(b'"user.id"', b'"user\\u002eid"')

    assert any(told[0] == "ids" for told in by_types(line))
    assert by_types(line) == leniently(line)


def test_bytes_that_are_not_utf8_are_shown_as_such_and_cost_nothing():
    line = otlp_line(otlp_span(7)).encode().replace(b"/items/7", b"/items/\xff")

    call = by_types(line)[0]

    assert call[4]["url.path"] == "/items/\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "line",
    [
        b'{"resourceSpans":[]} {"resourceSpans":[]}',
        b'{"resourceSpans":[{"instrumentationLibrarySpans":[]}]}',
        b'{"resourceSpans":[{"scopeSpans":[],"instrumentationLibrarySpans":[]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":7}]}]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\xff"}]}]}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":' + b"[" * 100_000,
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[],"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}]}",
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"a":NaN}]}]}]}',
        b'{"resourceSpans":[nul',
    ],
)
def test_another_line_is_left_to_the_lenient_reader(line):
    assert by_types(line) is None


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({})


@st.composite
def nearly_lines(draw):
    """A real line, one of whose values is anything."""
    document = loads(draw(st.sampled_from(LINES)))
    place = document
    while True:
        key = draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.integers(0, 6)) == 0:
            if draw(st.booleans()) or isinstance(place, list):
                place[key] = draw(VALUES)
            else:
                del place[key]
            return json.dumps(document, separators=(",", ":")).encode()
        place = place[key]


@settings(deadline=None, max_examples=200)
@example(b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"a","spanId":"b","flags":-1}]}]}]}')
@given(nearly_lines())
def test_any_line_is_read_alike_or_left_to_the_other_reader(line):
    quick = by_types(line)

    assert quick is None or repr(quick) == repr(leniently(line))
