"""What the schema says of an event, in words."""

import json
from pathlib import Path

import pytest
from support.moesif_events import make_event

from opentelemetry_exporter_moesif.local_collector import problems
from opentelemetry_exporter_moesif.local_collector import schema as schema_module
from opentelemetry_exporter_moesif.local_collector.schema import Level, judge

SEED_EXAMPLE = {
    "request": {
        "time": "2016-08-16T09:21:56.998Z",
        "uri": "string",
        "verb": "string",
        "ip_address": "string",
        "headers": {},
        "body": {},
    },
    "response": {
        "time": "2016-08-16T09:21:56.998Z",
        "status": 200,
        "ip_address": "string",
        "headers": {},
        "body": {},
    },
}
FULL = {
    "action_name": "GET /items/{id}",
    "company_id": "c",
    "direction": "Incoming",
    "metadata": {"http.route": "/items/{id}", "resource": {"service.name": "shop"}},
    "request.api_version": "1.2",
    "request.body": {"a": [1, None, {"b": True}]},
    "request.transfer_encoding": "json",
    "response.body": "aGVsbG8=",
    "response.ip_address": "2001:db8::1",
    "response.transfer_encoding": "base64",
    "session_token": "s",
    "span": {"id": "0123456789abcdef", "parent_id": "fedcba9876543210", "status": "ERROR"},
    "subscription_id": "sub",
    "tags": "me",
    "trace_id": "0123456789abcdef0123456789abcdef",
    "user_id": "u",
    "weight": 3,
}


@pytest.mark.parametrize(
    "changes", [{}, FULL, {"response": None}, {"response.body": [], "response.transfer_encoding": "json"}]
)
def test_a_right_event_has_no_problem(changes: dict):
    assert problems(make_event(changes)) == []


def test_the_example_of_the_seed_is_taken_and_its_placeholders_are_complained_of():
    verdict = judge(SEED_EXAMPLE)
    assert not verdict.refused
    assert (
        Level.MISREAD,
        "request.uri must be a full address that starts with http:// or https://",
    ) in verdict.problems
    assert (Level.NOTE, "response.verb is missing") in verdict.problems


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"request": None}, "request is missing"),
        ({"request.time": None}, "request.time is missing"),
        ({"request.uri": None}, "request.uri is missing"),
        ({"request.uri": ""}, "request.uri must not be empty"),
        ({"request.verb": None}, "request.verb is missing"),
        ({"request.verb": 7}, "request.verb must be text, not a whole number"),
        ({"request.time": "yesterday"}, "request.time must be a time in ISO 8601, like 2016-08-16T09:21:56.998Z"),
        ({"request.headers": []}, "request.headers must be an object, not a list"),
        ({"response.status": None}, "response.status is missing"),
        ({"response.status": "200"}, "response.status must be a whole number, not text"),
        ({"response.status": True}, "response.status must be a whole number, not true or false"),
        ({"response.time": None}, "response.time is missing"),
        ({"metadata": "x"}, "metadata must be an object, not text"),
        ({"weight": 0}, "weight must be a whole number of 1 at least"),
        ({"user_id": 7}, "user_id must be text, not a whole number"),
    ],
)
def test_an_event_that_moesif_could_make_nothing_of_is_refused(changes: dict, words: str):
    assert judge(make_event(changes)).problems == ((Level.REFUSED, words),)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"request.ip_address": None}, "request.ip_address is missing"),
        ({"request.ip_address": "[::1]:80"}, "request.ip_address must be an IP address, without port or brackets"),
        (
            {"request.headers": {"a": ["b"]}},
            "request.headers.a must be text: several values of one header are joined by a comma",
        ),
        ({"response.status": 999}, "response.status must be an HTTP status from 100 to 599"),
        (
            {"request.body": "x", "request.transfer_encoding": "json"},
            "request.body must be an object or an array: anything else goes as base64 text",
        ),
        (
            {"request.body": "ü", "request.transfer_encoding": "base64"},
            "request.body must be base64 text, as transfer_encoding says",
        ),
        (
            {"request.uri": "https://a.example/a b"},
            "request.uri must be percent-encoded: only printable ASCII characters, no spaces",
        ),
        ({"transaction_id": "7"}, "transaction_id must be a UUID of 36 characters"),
    ],
)
def test_what_moesif_would_show_otherwise_than_it_was_meant_is_misread(changes: dict, words: str):
    assert judge(make_event(changes)).problems == ((Level.MISREAD, words),)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"request.headers": None}, "request.headers is missing"),
        ({"response.verb": None}, "response.verb is missing"),
        ({"response.headers": None}, "response.headers is missing"),
        ({"request.body": {}}, "request.transfer_encoding is missing beside body"),
        (
            {"request.time": "2016-08-16T09:21:56"},
            "request.time should be in UTC with milliseconds and a Z, like 2016-08-16T09:21:56.998Z",
        ),
        ({"user_id": ""}, "user_id must not be empty: leave it out"),
        ({"colour": "blue"}, "colour is not a field of Moesif's"),
    ],
)
def test_what_moesif_takes_without_a_word_is_a_note(changes: dict, words: str):
    assert judge(make_event(changes)).problems == ((Level.NOTE, words),)


def test_text_without_an_encoding_may_be_read_as_something_else():
    verdict = judge(make_event({"request.body": "aGk="}))

    assert (Level.MISREAD, "request.transfer_encoding is missing beside body") in verdict.problems


def test_what_moesifs_own_node_middleware_sends_is_no_problem():
    """Its events have no `response.verb`, and JSON bodies without `transfer_encoding`."""
    event = make_event({"request.body": {"a": 1}, "response.body": [], "response.verb": None})

    assert judge(event).level is Level.NOTE


def test_null_is_no_way_to_leave_a_field_out():
    event = make_event()
    event["user_id"] = None
    event["request"]["ip_address"] = None
    assert problems(event) == ["request.ip_address is null: leave it out", "user_id is null: leave it out"]
    event["request"]["verb"] = None
    assert judge(event).refused


@pytest.mark.parametrize("event", [None, [], "text", 7, True])
def test_what_is_no_object_is_no_event(event: object):
    assert judge(event).refused
    assert problems(event)[0].startswith("the event must be an object, not ")


def test_an_event_with_a_thousand_faults_names_the_first_ones():
    event = make_event({"request.headers": {str(number): number for number in range(1_000)}})
    assert 50 <= len(problems(event)) < 60


def test_every_rule_that_does_not_refuse_is_a_rule_of_its_own_schema():
    text = Path(schema_module.__file__).with_name("event.schema.json").read_text("utf-8")
    assert _leniences_without_a_rule(json.loads(text)) == []


def _leniences_without_a_rule(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [found for item in schema for found in _leniences_without_a_rule(item)]
    if not isinstance(schema, dict):
        return []
    wrong = [
        name
        for name in [*schema.get("x-misread", []), *schema.get("x-note", [])]
        if (name.partition(":")[2] not in schema["required"] if name.startswith("required:") else name not in schema)
    ]
    return wrong + [found for item in schema.values() for found in _leniences_without_a_rule(item)]


def test_a_name_that_fills_an_event_does_not_fill_what_is_said_of_it():
    (words,) = problems(make_event({"n" * 500_000: 1}))
    assert words.startswith("nnnn")
    assert words.endswith("\N{HORIZONTAL ELLIPSIS} is not a field of Moesif's")
    assert len(words) < 300
