"""What stands under the plural of a secret's name, wherever that is; counts and words stay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"
VALUES = (MARK, "Xk9!mQ*v2")


@pytest.mark.parametrize("value", [MARK, "Xk9%21mQ*v2"])
@pytest.mark.parametrize(
    "name", ["tokens", "tokens[]", "tokens%5B%5D", "access_tokens", "user[tokens][0]", "tokens[ci]"]
)
def test_in_a_query_and_a_form(name: str, value: str) -> None:
    assert REDACTION.uri(f"https://h.test/x?a=1&{name}={value}&b=2") == f"https://h.test/x?a=1&{name}=REDACTED&b=2"
    assert REDACTION.bodies.form(f"{name}={value}&b=2".encode()) == f"{name}=[REDACTED]&b=2".encode()


def test_in_a_url_within_a_query() -> None:
    masked = REDACTION.uri(f"https://h.test/x?next=https%3A%2F%2Fh.test%2F%3Ftokens%3D{MARK}")

    assert MARK not in masked


@pytest.mark.parametrize("name", "otps jwts passcodes passphrases signatures".split())
def test_a_form_of_other_secrets(name: str) -> None:
    assert REDACTION.bodies.form(f"{name}={MARK}".encode()) == f"{name}=[REDACTED]".encode()


def test_numbers_are_codes_where_the_name_says_so() -> None:
    assert REDACTION.bodies.form(b"otps=482913&tokens=482913") == b"otps=[REDACTED]&tokens=482913"


@pytest.mark.parametrize("query", ["tags=a", "tokens=120", "tokens=abc", "max_tokens=4096", "token_types=abc123def"])
def test_an_ordinary_query_or_form_stays(query: str) -> None:
    assert REDACTION.uri(f"https://h.test/x?{query}") == f"https://h.test/x?{query}"
    assert REDACTION.bodies.form(query.encode()) == query.encode()


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "text",
    [
        "tokens: {}",
        "{{'tokens': '{}'}}",
        "accessTokens={}",
        "<tokens><item>{}</item></tokens>",
        "<a><tokens>{}</tokens></a>",
        "tokens:\n  - {}\n",
        "tokens:\n  - a\n  - {}\n",
        "tokens: {{ci: {}}}",
        'tokens["bob"] = "{}"',
        "tokens.prod={}",
        "tokens,name\n{},bob\n",
        'Content-Disposition: form-data; name="tokens"\r\n\r\n{}\r\n--x',
        "name,tokens\nbob,{}\n",
    ],
)
def test_in_a_text(text: str, value: str) -> None:
    assert value not in REDACTION.text(text.format(value))


@pytest.mark.parametrize(
    "text",
    [
        "tokens: 120",
        "tokens: 4096/8192 used",
        "tokens=[1, 2]",
        "tokens: {total: 10, model: gpt-4}",
        "tokens: 6m0s",
        "tokens: 2026-11-26T10:00:00Z",
        "tokens:\n  - a\n  - b\n",
        "max tokens: 128k",
        "tokens per second: 35.2",
        "<tokens>120</tokens>",
        "<tokens><item>one</item></tokens>",
        "id,tokens,cost\n1,120,0.3\n",
        "cookies: accepted",
        'Content-Disposition: form-data; name="tokens"\r\n\r\n120\r\n--x',
        "the tokens of a1b2c3d4e5 are",
    ],
)
def test_an_ordinary_text_stays(text: str) -> None:
    assert REDACTION.text(text) == text


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "document",
    [
        {"tokens": "{}"},
        {"tokens.prod": "{}"},
        {"accessTokens": [{"id": 1, "name": "ci", "value": "{}"}]},
        {"tokens": [{"id": 1, "key": "{}"}]},
        {"tokens": {"bob": {"value": "{}"}}},
        {"tokens": {"a": ["{}"]}},
        {"tokens": [["{}"]]},
        {"tokens": {"items": ["{}"], "total": 1}},
        {"tokens": {"ci": "{}", "total": 1}},
        {"tokens": {"a": {"tokens": [["{}"]]}}},
        {"name": "tokens", "value": "{}"},
        {"key": "accessTokens", "value": ["{}"]},
    ],
)
def test_in_json(document: Any, value: str) -> None:
    content = json.dumps(document).replace("{}", value, 1) if "{}" in json.dumps(document) else ""

    assert value not in json.dumps(REDACTION.bodies.json(content.encode()))


@pytest.mark.parametrize(
    "document",
    [
        {"tokens": {"total": 10, "model": "gpt-4"}},
        {"tokens": {"prompt": 7, "unit": "token"}},
        {"tokens": [{"text": "hello", "start": 0}]},
        {"tokens": [{"id": "tok_1", "created": "2026-11-26"}]},
        {"tokens": [["the", "DT"], ["cat", "NN"]]},
        {"tokens": [{"symbol": "ETH", "decimals": 18}]},
        {"tokens": {"input": {"cached": 3}}},
        {"tokens": "120k"},
        {"name": "tokens", "value": "120k", "id": "abc12345"},
        {"password": ""},
    ],
)
def test_an_ordinary_document_stays(document: Any) -> None:
    assert REDACTION.bodies.json(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    "metadata",
    [
        {"tokens": MARK},
        {"llm.tokens": MARK},
        {"tokens": ["a", MARK]},
        {"tokens": f'["{MARK}"]'},
        {"tokens": {"bob": {"value": MARK}}},
        {"Auth": f"bob:{MARK}"},
        {"exception": {"password": MARK}},
        {f"password={MARK}": "x"},
    ],
)
def test_in_the_metadata(metadata: dict[str, Any]) -> None:
    REDACTION.metadata(metadata)

    assert MARK not in json.dumps(metadata)


def test_ordinary_metadata_stay() -> None:
    metadata = {"tokens": 120, "max_tokens": "120", "tags": ["x"], "auth": "required", "tokens.used": {"total": 3}}
    expected = dict(metadata)
    REDACTION.metadata(metadata)

    assert metadata == expected


def test_in_a_header() -> None:
    headers = {"X-Tokens": MARK, "X-Ratelimit-Remaining-Tokens": "4096", "X-Ratelimit-Reset-Tokens": "1m30.951s"}
    for event in (
        {"request": {"uri": "/", "headers": dict(headers)}, "response": {"headers": {}}},
        {"request": {"uri": "/", "headers": {}}, "response": {"headers": dict(headers)}},
    ):
        REDACTION.envelope(event)
        told = {**event["request"]["headers"], **event["response"]["headers"]}
        assert told == {**headers, "X-Tokens": MASKED}
    foreign = {"request": {"headers": dict(headers)}}
    REDACTION.foreign_event(foreign)
    assert foreign["request"]["headers"] == {**headers, "X-Tokens": MASKED}


@pytest.mark.parametrize(
    "value", [f"token={MARK}", f"https://h.test?token={MARK}", f'{{"password":"{MARK}"}}', f"a%3Ftoken%3D{MARK}"]
)
def test_what_tells_a_secret_is_nobodys_id(value: str) -> None:
    assert REDACTION.id(value) is None


@pytest.mark.parametrize("value", ["bob", "bob@x.test", "auth0|5f7c8ec7c33c6c004bbafe82", "urn:user:7", "a=b"])
def test_an_ordinary_id_is_one(value: str) -> None:
    assert REDACTION.id(value) == value


def test_the_version_of_an_api_tells_no_secret() -> None:
    for version, expected in (("token=hunter2X9q", "token=[REDACTED]"), ("v1.2", "v1.2")):
        event = {"request": {"uri": "/", "headers": {}, "api_version": version}}
        REDACTION.envelope(event)

        assert event["request"]["api_version"] == expected
