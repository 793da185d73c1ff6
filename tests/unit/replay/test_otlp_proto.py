"""OTLP in protobuf: whatever it holds gives the very events that the same request gives in JSON."""

import base64
import json

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from support.replayed import replayed_text

NOW = 1_795_603_600_000_000_000
TRACE, SPAN, INNER = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
BEGAN, ENDED = "1795600000123000000", "1795600000223000000"


def pairs(values):
    return [{"key": name, "value": value} for name, value in values.items()]


CALL = {
    "http.request.method": {"stringValue": "GET"},
    "url.path": {"stringValue": "/teas/7"},
    "http.response.status_code": {"intValue": "200"},
}


def span(**changes):
    usual = {"traceId": TRACE, "spanId": SPAN, "name": "GET /teas/{id}", "kind": 2, "startTimeUnixNano": BEGAN}
    return {**usual, "endTimeUnixNano": ENDED, "attributes": pairs(CALL), **changes}


def traces(*spans, scope="x"):
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def logs(*records):
    resource = {"attributes": pairs({"service.name": {"stringValue": "shop"}})}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": list(records)}]}]}


def with_bytes(value, name=""):
    """The document as protobuf's own JSON has it: ids are base64, and not hexadecimal."""
    if isinstance(value, dict):
        return {name: with_bytes(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [with_bytes(part) for part in value]
    is_id = name in {"traceId", "spanId", "parentSpanId"}
    return base64.b64encode(bytes.fromhex(value)).decode() if is_id else value


def in_protobuf(document):
    kind = TracesData if "resourceSpans" in document else LogsData
    return ParseDict(with_bytes(document), kind()).SerializeToString()


DOCUMENTS = {
    "a list, and an object": traces(
        span(
            attributes=pairs(
                {
                    **CALL,
                    "http.request.header.x-a": {"arrayValue": {"values": [{"stringValue": "1"}, {"stringValue": "2"}]}},
                    "app.cart": {"kvlistValue": {"values": pairs({"teas": {"intValue": "3"}})}},
                    "app.nothing": {},
                }
            )
        )
    ),
    "a parent in another service": traces(span(parentSpanId=INNER, flags=0x301)),
    "a user that a span inside the call tells": traces(
        span(
            spanId=INNER,
            parentSpanId=SPAN,
            kind=1,
            name="check",
            attributes=pairs({"enduser.id": {"stringValue": "ada"}}),
        ),
        span(),
    ),
    "a call whose span was made INTERNAL": traces(
        span(kind=1), span(spanId=INNER, kind=1, attributes=[]), scope="opentelemetry.instrumentation.flask"
    ),
    "a log record of a call": logs({"timeUnixNano": ENDED, "attributes": pairs(CALL)}),
    "a log record that knows its span": logs(
        {"observedTimeUnixNano": ENDED, "attributes": pairs(CALL), "traceId": TRACE, "spanId": SPAN}
    ),
    "a log's own line": logs(
        {
            "timeUnixNano": ENDED,
            "body": {"stringValue": '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /teas/7 HTTP/1.1" 200 5'},
        }
    ),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_request_gives_the_same_events_as_in_json(document, tmp_path):
    [event] = replayed_text(tmp_path, json.dumps(document), now=NOW).events

    assert event["request"]["uri"].endswith("/teas/7")
    assert replayed_text(tmp_path, in_protobuf(document), now=NOW).events == [event]


def test_a_user_that_a_span_inside_the_call_tells_is_the_calls(tmp_path):
    request = in_protobuf(DOCUMENTS["a user that a span inside the call tells"])

    [event] = replayed_text(tmp_path, request, now=NOW).events

    assert event["user_id"] == "ada"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"traceId": "00" * 16}, "traceId is not 16 bytes, or all zero"),
        ({"spanId": "00" * 8}, "spanId is not 8 bytes, or all zero"),
        ({"startTimeUnixNano": "0", "endTimeUnixNano": "0"}, "startTimeUnixNano is missing"),
    ],
)
def test_a_span_that_cannot_be_read_is_named_and_the_next_one_is_read(change, reason, tmp_path):
    read = replayed_text(tmp_path, in_protobuf(traces(span(name="odd", **change), span())), now=NOW)

    assert len(read.events) == 1
    assert read.report.bad == 1
    assert any("'odd'" in line and reason in line for line in read.told), read.told


def test_records_that_are_of_no_call_are_another_signal(tmp_path):
    read = replayed_text(
        tmp_path, in_protobuf(logs({"timeUnixNano": ENDED, "body": {"stringValue": "begun"}})), now=NOW
    )

    assert (read.events, read.report.other_signals, read.report.bad) == ([], 1, 0)


def test_a_message_without_an_id_or_a_time_is_another_signal(tmp_path):
    # All of OTLP's requests have their parts under the same numbers: this might as well be of metrics.
    read = replayed_text(tmp_path, in_protobuf(traces({"name": "requests"})), now=NOW, format="otlp-proto")

    assert (read.events, read.report.other_signals, read.report.bad) == ([], 1, 0)
