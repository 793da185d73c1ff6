"""Documents of Jaeger, of Zipkin, and HAR: the shapes that they come in, and what of them cannot be read."""

import json
from pathlib import Path

import pytest
from support.replayed import replayed_text

FILES = Path(__file__).parents[2] / "replay_files"
NOW = 1_795_603_600_000_000_000
URI = "https://shop.example.com/teas/7?a=1"
INNER = "eee19b7ec3c1b175"


@pytest.fixture
def read(tmp_path):
    return lambda document: replayed_text(tmp_path, json.dumps(document), now=NOW)


@pytest.fixture
def jaeger():
    return json.loads((FILES / "jaeger.json").read_text())


@pytest.fixture
def zipkin():
    return json.loads((FILES / "zipkin-v2.json").read_text())


@pytest.fixture
def har():
    return json.loads((FILES / "har.har").read_text())


def trace_of(jaeger):
    return jaeger["data"][0]


def span_of(jaeger):
    return trace_of(jaeger)["spans"][0] | {"process": trace_of(jaeger)["processes"]["p1"]}


@pytest.mark.parametrize("part", [trace_of, span_of], ids=["a trace", "a span, as in Elasticsearch"])
def test_a_part_of_what_jaeger_answers_gives_the_same_event(part, jaeger, read):
    assert read(part(jaeger)).events == read(jaeger).events != []


@pytest.mark.parametrize(
    "parent",
    [
        lambda span: {"references": [{"refType": "CHILD_OF", "traceID": span["traceID"], "spanID": span["spanID"]}]},
        lambda span: {"references": [], "parentSpanID": span["spanID"]},
    ],
    ids=["by reference", "by an older file's parentSpanID"],
)
def test_the_user_that_a_span_inside_the_call_tells_jaeger_is_the_calls(parent, jaeger, read):
    spans = trace_of(jaeger)["spans"]
    inner = {**spans[0], "spanID": INNER, **parent(spans[0])}
    spans.append({**inner, "tags": [{"key": "enduser.id", "type": "string", "value": "ada"}]})

    [event] = read(jaeger).events

    assert event["user_id"] == "ada"


def test_a_status_that_jaeger_keeps_as_text_and_what_a_span_logged_are_read(jaeger, read):
    [span] = trace_of(jaeger)["spans"]
    parent = {"refType": "CHILD_OF", "traceID": span["traceID"], "spanID": INNER}
    fields = {"event": "exception", "exception.type": "ValueError"}
    span["tags"][-1] = {"key": "http.status_code", "type": "string", "value": "503"}
    span["logs"] = [
        {"timestamp": span["startTime"], "fields": [{"key": name, "value": value} for name, value in fields.items()]}
    ]
    span["references"] = [parent]

    [event] = read(jaeger).events

    assert event["span"]["parent_id"] == INNER
    assert event["response"]["status"] == 503
    assert "ValueError" in json.dumps(event["metadata"])


def test_a_trace_of_jaegers_without_spans_costs_itself(jaeger, read):
    found = read({"data": [{"traceID": "1", "spans": None}, *jaeger["data"]]})

    assert [event["request"]["uri"] for event in found.events] == [URI]
    assert found.report.bad == 1
    assert any("a trace of Jaeger's without spans" in line for line in found.told)


def test_a_span_of_jaegers_without_a_time_is_named(jaeger, read):
    trace_of(jaeger)["spans"].append({**trace_of(jaeger)["spans"][0], "operationName": "odd", "startTime": 0})

    found = read(jaeger)

    assert len(found.events) == 1
    assert any("'odd'" in line and "startTime is missing" in line for line in found.told)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timestamp": 0}, "timestamp is missing"),
        ({"id": "0"}, "id is not of hexadecimal digits, or all zero"),
        ({"traceId": "trace"}, "traceId is not of hexadecimal digits, or all zero"),
    ],
)
def test_a_span_of_zipkins_that_cannot_be_read_is_named(change, reason, zipkin, read):
    found = read([{**zipkin[0], "name": "odd", **change}, *zipkin])

    assert [event["request"]["uri"] for event in found.events] == [URI]
    assert any("'odd'" in line and reason in line for line in found.told)


def test_a_span_that_client_and_server_share_in_zipkin_is_one_call_with_its_user(zipkin, read):
    """The call of a service that calls another one, which answers under the client's id: two calls, and not one twice."""
    [first] = zipkin
    client = {**first, "kind": "CLIENT", "id": "2", "parentId": first["id"]}
    second = {**client, "kind": "SERVER", "shared": True}
    inner = {**first, "id": INNER, "parentId": "2", "kind": None, "tags": {"enduser.id": "ada"}}

    events = read([first, client, second, inner]).events

    assert [event.get("user_id") for event in events] == [None, "ada"]


def test_the_path_is_enough_where_a_span_of_zipkins_has_no_url(zipkin, read):
    del zipkin[0]["tags"]["http.url"]

    [event] = read(zipkin).events

    assert event["request"]["uri"].endswith("/teas/7")


def test_entries_of_a_har_file_that_are_none_cost_themselves(har, read):
    [entry] = har["log"]["entries"]
    har["log"]["entries"] += [{**entry, "startedDateTime": "yesterday"}, "no entry", {}]

    found = read(har)

    assert ([event["request"]["uri"] for event in found.events], found.report.bad) == ([URI], 3)
    assert any("an entry of the HAR is not of its form" in line for line in found.told)
    assert read({"log": {"entries": {}}}).report.bad == 1


def test_a_har_entry_that_was_cut_off_has_no_status_and_one_without_text_no_body(har, read):
    [entry] = har["log"]["entries"]
    entry["request"]["postData"] = {"mimeType": "multipart/form-data", "params": [{"name": "file"}]}
    entry["response"] = {"status": 0, "headers": [{"name": ":status", "value": "0"}], "content": {"size": 0}}

    [event] = read(har).events

    assert "body" not in event["request"]
    assert "response" not in event, event


def test_a_body_in_base64_is_read_as_what_it_says(har, read):
    [entry] = har["log"]["entries"]
    entry["response"]["content"] = {"mimeType": "application/json", "text": "eyJhIjogMX0=", "encoding": "base64"}

    [event] = read(har).events

    assert event["response"]["body"] == {"a": 1}
