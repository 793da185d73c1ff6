"""OTLP JSON of any SDK becomes the spans that the exporter would have been given."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from opentelemetry_exporter_moesif.replay.otlp_json import NotOTLPError, spans_of

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "GET /items",
    "kind": 2,
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": 1544712661500000000,
}


def request(*spans, **resource):
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def read_one(**changes):
    [span] = spans_of(request({**SPAN, **changes}))
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
    spans = list(spans_of(request(SPAN, SPAN, attributes=[{"key": "service.name", "value": {"stringValue": "shop"}}])))

    assert [span.resource.attributes["service.name"] for span in spans] == ["shop", "shop"]
    assert spans[0].resource is spans[1].resource
    assert spans[0].instrumentation_scope.name == "x"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"traceId": "abc"}, "traceId is not 32 hexadecimal digits"),
        ({"traceId": "z" * 32}, "traceId is not 32 hexadecimal digits, or all zero"),
        ({"spanId": "0" * 16}, "spanId is not 16 hexadecimal digits, or all zero"),
        ({"spanId": 7}, "spanId is not 16 hexadecimal digits"),
        ({"startTimeUnixNano": None}, "startTimeUnixNano is missing"),
        ({"endTimeUnixNano": "soon"}, "a value is not of its kind"),
        ({"attributes": {"http.method": "GET"}}, "attributes is not an array"),
        ({"attributes": [{"key": "a", "value": {"intValue": "x"}}]}, "a value is not of its kind"),
    ],
)
def test_a_span_that_cannot_be_read_is_named_and_the_next_one_is_read(change, reason):
    bad, good = spans_of(request({**SPAN, **change}, SPAN))

    assert isinstance(bad, NotOTLPError)
    assert str(bad) == f"span 'GET /items': {reason}"
    assert good.name == "GET /items"


@pytest.mark.parametrize("spans", ["no list", [None], [{"scopeSpans": [None]}], [{"scopeSpans": [{"spans": [3]}]}]])
def test_anything_else_is_named_and_never_raises(spans):
    found = list(spans_of({"resourceSpans": spans}))

    assert found
    assert all(isinstance(item, NotOTLPError) for item in found)
