"""Each default name is masked in each place, live and in a replay of events; what stands beside it is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from opentelemetry.sdk.trace import Event
from support.spans import GET, event_of, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES
from opentelemetry_exporter_moesif.replay.formats import moesif

MARK = "hunter2Zq7"
RULES = mapping_rules(resolve_config({}, {}))
REDACTION = Redaction()
NAMES = sorted(name.strip("=") for name in DEFAULT_NAMES)

LIVE: dict[str, Callable[[str], dict[str, Any]]] = {
    "a request's header": lambda name: {f"http.request.header.{name}": (MARK,)},
    "a response's header": lambda name: {f"http.response.header.{name}": (MARK,)},
    "a header's value": lambda name: {"http.request.header.x_debug": (f"a=1; {name}={MARK}",)},
    "a header with a URL": lambda name: {"http.request.header.destination": (f"https://h/?{name}={MARK}&b=1",)},
    "the query": lambda name: {"url.query": f"a=1&{name}={MARK}&b=2"},
    "a nested parameter": lambda name: {"url.query": f"user%5B{quote(name)}%5D={MARK}"},
    "a URL in the query": lambda name: {"url.query": f"next={quote(f'https://h/?{name}={MARK}', safe='')}"},
    "JSON in the query": lambda name: {"url.query": f"q={quote(json.dumps({name: MARK}))}"},
    "a form in the query": lambda name: {"url.query": f"q={quote(f'{name}={MARK}')}"},
    "an attribute": lambda name: {f"app.{name}": MARK},
    "an attribute's text": lambda name: {"app.sent": f"{{'{name}': '{MARK}'}}"},
    "an attribute that is JSON": lambda name: {"app.sent": json.dumps({"a": [{name: MARK}]})},
    "a tag": lambda name: {"moesif.tags": f"{name}={MARK}"},
    "the route": lambda name: {"http.route": f"/a?{name}={MARK}"},
    "a body of JSON": lambda name: {"http.request.body": json.dumps({"a": [{name: {"b": MARK}}]})},
    "JSON twice": lambda name: {"http.request.body": json.dumps({"a": json.dumps({"b": json.dumps({name: MARK})})})},
    "a body of XML": lambda name: {"http.request.body": f"<a><{name}>{MARK}</{name}></a>"},
    "an attribute of XML": lambda name: {"http.request.body": f'<a {name}="{MARK}"/>'},
    "a name beside its value": lambda name: {"http.request.body": json.dumps([{"name": name, "value": MARK}])},
    "a pair": lambda name: {"http.request.body": json.dumps([[name, MARK]])},
    "SQL": lambda name: {"db.statement": f"SELECT 1 WHERE {name} = '{MARK}'"},
}


def sent(event: Any) -> str:
    sides = (event["request"], event.get("response") or {})
    bodies = (side["body"] for side in sides if side.get("transfer_encoding") == "base64")
    texts = (base64.b64decode(body).decode("utf-8", "replace") for body in bodies)
    return "".join((json.dumps(event, ensure_ascii=False), *texts))


def is_there(text: str) -> bool:
    return MARK[:5] in text or MARK[5:] in text


@pytest.mark.parametrize("place", LIVE)
def test_each_default_name_is_masked_in_each_place(place: str) -> None:
    for name in NAMES:
        for spelled in {
            name,
            name.upper(),
            name.replace("_", "-"),
            name.replace("_", ""),
            name.title().replace("_", ""),
        }:
            event = event_of(http_span({**GET, **LIVE[place](spelled), "app.told": "told"}))

            assert not is_there(sent(event)), spelled
            assert event["metadata"]["app.told"] == "told"


@pytest.mark.parametrize("message", ["kaboom {}={}", "kaboom {}: {}", "{{'{}': '{}'}}", "url=https://h/?{}={}"])
def test_each_default_name_is_masked_in_an_exception_and_in_the_name_of_the_action(message: str) -> None:
    for name in NAMES:
        text = message.format(name, MARK)
        failed = Event("exception", {"exception.type": "ValueError", "exception.message": text})
        event = event_of(http_span({**GET}, name=f"GET {text}", events=[failed]))

        assert not is_there(sent(event)), name


@pytest.mark.parametrize("name", NAMES)
def test_each_default_name_is_masked_in_each_place_of_an_event_that_is_replayed(name: str) -> None:
    text = f"kaboom {name}={MARK}"
    part = {"headers": {name: MARK, "X-Debug": text}, "body": {name: MARK, "a": [text]}, "note": text}
    given = {
        "request": {"time": "2026-01-01T00:00:00Z", "verb": "GET", "uri": f"https://h/?{name}={MARK}", **part},
        "response": {"time": "2026-01-01T00:00:00Z", "status": 200, **part},
        "action_name": text,
        "metadata": {name: MARK, "b": {name: [MARK]}, "exception": {"message": text}, "list": [text]},
        "tags": [text],
    }
    event = moesif.whole_event(given)

    moesif.redact(event, RULES)

    assert not is_there(sent(event))


@pytest.mark.parametrize(
    "value", ["ghp_0123456789abcdefghij0123456789", "Bearer abc.def-123", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI.{MARK}"]
)
def test_a_credential_is_masked_by_its_shape_in_each_place(value: str) -> None:
    attributes = {
        "http.request.header.x_debug": (value,),
        "url.query": f"x={quote(value)}",
        "app.sent": value,
        "user.id": value,
        "session.id": value,
        "http.request.body": json.dumps({"a": [value]}),
    }

    event = event_of(http_span({**GET, **attributes}))

    assert value.rpartition(" ")[2] not in sent(event)
    assert "user_id" not in event
    assert "session_token" not in event


def test_a_query_that_arrived_decoded_is_masked_to_its_end() -> None:
    span = http_span(
        {"http.method": "GET", "http.url": f"http://h/a?x=1&password=p&w={MARK}", "http.target": "/a"},
        scope="opentelemetry.instrumentation.fastapi",
    )

    assert event_of(span)["request"]["uri"] == "http://h/a?x=1&password=REDACTED"


def test_a_name_that_is_added_to_one_list_counts_everywhere() -> None:
    attributes = {"url.query": f"iban={MARK}", "app.iban": MARK, "http.request.header.x_iban": (MARK,)}

    event = event_of(http_span({**GET, **attributes}), redact_body_fields="iban")

    assert not is_there(sent(event))


def test_a_name_that_is_taken_out_of_one_list_is_harmless_there_alone() -> None:
    attributes = {"url.query": "token=shown", "app.token": MARK, "http.request.header.x_token": (MARK,)}

    event = event_of(http_span({**GET, **attributes}), redact_query_parameters="-token")

    assert event["request"]["uri"].endswith("?token=shown")
    assert not is_there(sent(event))


def test_a_users_own_pattern_and_card_numbers_are_masked_where_the_setting_says_so() -> None:
    attributes = {"app.a": "my ACME_1234 here", "app.b": "4111 1111 1111 1111", "app.c": "4111 1111 1111 1112"}

    told = event_of(http_span({**GET, **attributes}), redact_values=["(?i)acme_[0-9]+", "card-number"])["metadata"]

    assert (told["app.a"], told["app.b"], told["app.c"]) == (
        "my [REDACTED] here",
        "[REDACTED]",
        "4111 1111 1111 1112",
    )
    assert event_of(http_span({**GET, **attributes}))["metadata"]["app.b"] == "4111 1111 1111 1111"


def test_long_texts_are_cut_and_cost_nothing_of_what_stands_beside_them() -> None:
    failed = Event("exception", {"exception.type": "E", "exception.message": "x y " * 5000})

    told = event_of(http_span({**GET, "app.long": "a b " * 10_000, "app.told": "told"}, events=[failed]))["metadata"]

    assert len(told["app.long"]) == 16_384
    assert len(told["exception"]["message"]) == 4096
    assert told["app.long"].endswith("…")
    assert told["app.told"] == "told"


def test_an_event_of_odd_types_is_masked_all_the_same_but_for_its_bodies() -> None:
    event: dict[str, Any] = {
        "request": {"uri": "https://h/?password=ab cd&b=2", "headers": {"Cookie": "a"}, "body": {"password": "kept"}},
        "response": {"uri": 7, "headers": [f"password={MARK}"]},
        "metadata": [{"password": MARK}],
        "tags": {"password": MARK},
        "user_id": f"Bearer {MARK}abc",
        "company_id": "acme",
    }

    REDACTION.foreign_event(event)

    assert event == {
        "request": {
            "uri": "https://h/?password=REDACTED&b=2",
            "headers": {"Cookie": "[REDACTED]"},
            "body": {"password": "kept"},
        },
        "response": {"uri": 7, "headers": ["password=[REDACTED]"]},
        "metadata": [{"password": "[REDACTED]"}],
        "tags": {"password": "[REDACTED]"},
        "company_id": "acme",
    }


def test_fields_of_an_event_and_of_its_sides_are_masked_by_their_names() -> None:
    request = {"uri": "https://h/", "password": MARK, "headers": {}, "cookies": {"a": MARK}, "verb": "GET"}
    event: dict[str, Any] = {
        "secret": MARK,
        "session_token": "a-session",
        "request": request,
        "response": {"status": 200, "token": MARK, f"login?password={MARK}": "b"},
    }

    REDACTION.foreign_event(event)

    assert event == {
        "secret": "[REDACTED]",
        "session_token": "a-session",
        "request": {**request, "password": "[REDACTED]", "cookies": "[REDACTED]"},
        "response": {"status": 200, "token": "[REDACTED]", "login?password=REDACTED": "[REDACTED]"},
    }


def test_a_request_that_is_a_text_is_masked_as_one() -> None:
    event: dict[str, Any] = {"request": f"password={MARK}", "metadata": {"password": MARK}}

    REDACTION.foreign_event(event)

    assert event == {"request": "password=[REDACTED]", "metadata": {"password": "[REDACTED]"}}
