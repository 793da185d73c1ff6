"""OTLP JSON of any SDK becomes the spans that the exporter would have been given."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from opentelemetry_exporter_moesif.replay.formats import otlp_json

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "GET /items",
    "kind": 2,
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": 1544712661500000000,
}


GET = [{"key": "http.request.method", "value": {"stringValue": "GET"}}]


class Found:
    """What a document tells."""

    kinds = (SpanKind.SERVER, SpanKind.CLIENT)

    def __init__(self, document):
        self.spans, self.reasons, self.inner_spans, self.told_ids = [], [], [], []
        otlp_json.read(document, self)

    def call(self, call):
        self.spans.append(call.span)

    def inner(self, trace, key, parent, *, passes):
        self.inner_spans.append((key, parent, passes))

    def ids(self, trace, key, ids, end):
        self.told_ids.append((key, ids))

    def bad(self, reason, subject=""):
        self.reasons.append(f"{subject}: {reason}" if subject else reason)


def request(*spans, **resource):
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def read_one(**changes):
    """The call of a span, without the method that makes it one."""
    attributes = [*GET, *changes.pop("attributes", [])]
    [span] = Found(request({**SPAN, **changes, "attributes": attributes})).spans
    span._attributes = {name: value for name, value in span.attributes.items() if name != "http.request.method"}
    return span


def test_ids_times_name_and_kind_are_read():
    span = read_one()

    assert isinstance(span, ReadableSpan)
    assert format(span.context.trace_id, "032x") == SPAN["traceId"]
    assert format(span.context.span_id, "016x") == SPAN["spanId"]
    assert (span.name, span.kind) == ("GET /items", SpanKind.SERVER)
    assert (span.start_time, span.end_time) == (1544712660000000000, 1544712661500000000)
    assert span.parent is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"stringValue": "a"}, "a"),
        ({"stringValue": ""}, ""),
        ({"boolValue": False}, False),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"intValue": 8080}, 8080),
        ({"doubleValue": 0.5}, 0.5),
        ({"doubleValue": "Infinity"}, float("inf")),
        ({"bytesValue": "YWI="}, b"ab"),
        ({"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}}, ("a", 1)),
        ({"arrayValue": {}}, ()),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{}]}}}]}}, {"a": (None,)}),
        ({}, None),
        (None, None),
    ],
)
def test_every_kind_of_attribute_value_is_read(value, expected):
    span = read_one(attributes=[{"key": "it", "value": value}])

    assert dict(span.attributes) == {"it": expected}


def test_a_parent_is_remote_only_where_the_flags_say_so():
    assert read_one(parentSpanId="00f067aa0ba902b7").parent.is_remote is False
    assert read_one(parentSpanId="00f067aa0ba902b7", flags=0x301).parent.is_remote is True
    assert read_one(parentSpanId="").parent is None


def test_trace_state_status_and_exception_events_are_read():
    span = read_one(
        traceState="ot=th:8,vendor=1",
        status={"code": 2, "message": "no"},
        events=[
            {
                "timeUnixNano": "1544712660500000000",
                "name": "exception",
                "attributes": [{"key": "exception.type", "value": {"stringValue": "ValueError"}}],
            }
        ],
    )

    assert span.context.trace_state["ot"] == "th:8"
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "no")
    [event] = span.events
    assert (event.name, event.timestamp) == ("exception", 1544712660500000000)
    assert dict(event.attributes) == {"exception.type": "ValueError"}


def test_names_of_enumeration_values_are_read_as_well():
    span = read_one(kind="SPAN_KIND_CLIENT", status={"code": "STATUS_CODE_OK", "message": "ignored"})

    assert (span.kind, span.status.status_code) == (SpanKind.CLIENT, StatusCode.OK)


def test_what_the_collector_leaves_out_and_writes_large_is_read():
    attributes = [{"value": {"stringValue": "of an empty key"}}, {"key": "a", "value": {"stringValue": "b"}}]
    span = read_one(traceId=SPAN["traceId"].upper(), spanId=SPAN["spanId"].upper(), attributes=attributes, status={})

    assert dict(span.attributes) == {"a": "b"}
    assert format(span.context.trace_id, "032x") == SPAN["traceId"]


def test_resource_and_scope_reach_each_span():
    call = {**SPAN, "attributes": GET}
    service = [{"key": "service.name", "value": {"stringValue": "shop"}}]
    spans = Found(request(call, call, attributes=service)).spans

    assert [span.resource.attributes["service.name"] for span in spans] == ["shop", "shop"]
    assert spans[0].resource is spans[1].resource
    assert spans[0].instrumentation_scope.name == "x"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"traceId": "abc"}, "traceId is not 32 hexadecimal digits, or all zero"),
        ({"traceId": "z" * 32}, "traceId is not 32 hexadecimal digits, or all zero"),
        ({"spanId": "0" * 16}, "spanId is not 16 hexadecimal digits, or all zero"),
        ({"spanId": "7"}, "spanId is not 16 hexadecimal digits, or all zero"),
        ({"startTimeUnixNano": None, "endTimeUnixNano": 0}, "startTimeUnixNano is missing"),
        ({"endTimeUnixNano": "soon"}, "a value is not of its kind"),
        ({"attributes": {"http.method": "GET"}}, "attributes is not an array"),
    ],
)
def test_a_span_that_cannot_be_read_is_named_and_the_next_one_is_read(change, reason):
    call = {**SPAN, "attributes": GET}
    found = Found(request({**call, **change}, call))

    assert found.reasons == [f"span 'GET /items': {reason}"]
    assert [span.name for span in found.spans] == ["GET /items"]


@pytest.mark.parametrize(
    "value", [{"intValue": "x"}, {"bytesValue": "?"}, {"arrayValue": 3}, {"kvlistValue": []}, "text", ["a"]]
)
def test_a_value_that_is_none_costs_itself_and_not_its_span(value):
    assert dict(read_one(attributes=[{"key": "it", "value": value}]).attributes) == {"it": None}


@pytest.mark.parametrize("kind", [2, "2", 2.0, "SPAN_KIND_SERVER", "SERVER", "server"])
def test_a_kind_is_read_as_a_number_a_text_or_a_name(kind):
    assert read_one(kind=kind).kind is SpanKind.SERVER


@pytest.mark.parametrize("parent", ["", None, "0000000000000000", "AAAAAAAAAAA="])
def test_no_parent_is_none_however_it_is_written(parent):
    assert read_one(parentSpanId=parent).parent is None


def test_ids_in_base64_as_protobuf_s_own_json_has_them_are_read():
    span = read_one(traceId="W47/95gDgQPSabYzgT/GDA==", spanId="7uGbfsPBsXQ=", parentSpanId="AAAAAAAAAAE=")

    assert format(span.context.trace_id, "032x") == SPAN["traceId"]
    assert format(span.context.span_id, "016x") == SPAN["spanId"]
    assert span.parent.span_id == 1


@pytest.mark.parametrize(
    "wrap",
    [
        lambda document: document,
        lambda document: {"batches": document["resourceSpans"]},
        lambda document: {"trace": document},
        lambda document: {"result": document},
        lambda document: document["resourceSpans"][0],
    ],
    ids=["a request", "Tempo's batches", "Tempo's trace", "Jaeger's result", "a bare ResourceSpans"],
)
def test_traces_are_found_in_whatever_stands_around_them(wrap):
    document = wrap(request({**SPAN, "attributes": GET}))

    assert otlp_json.recognizes(document)
    assert len(Found(document).spans) == 1


def test_a_span_that_is_no_call_tells_its_place_and_its_ids():
    ids = [{"key": "user.id", "value": {"stringValue": "ada"}}, {"key": "a", "value": {"stringValue": "b"}}]
    trace, key = SPAN["traceId"], SPAN["traceId"] + SPAN["spanId"]
    inner = {**SPAN, "kind": 1, "parentSpanId": "00f067aa0ba902b7", "attributes": ids}

    found = Found(request(inner, {**inner, "flags": 0x301, "kind": 4, "attributes": []}))

    assert found.inner_spans == [(key, f"{trace}00f067aa0ba902b7", True), (key, None, False)]
    assert found.told_ids == [(key, {"user.id": "ada"})]


@pytest.mark.parametrize("spans", ["no list", [None], [{"scopeSpans": [None]}], [{"scopeSpans": [{"spans": [3]}]}]])
def test_anything_else_is_named_and_never_raises(spans):
    found = Found({"resourceSpans": spans})

    assert found.reasons
    assert not found.spans
