"""Secrets leave neither in headers nor in URLs; what is no secret stays as it is, to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.sdk.trace import Event
from opentelemetry.trace import SpanKind, Status, StatusCode
from support.spans import GET, LEGACY_GET, captured, event_of, http_span

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES

MARK = "hunter2"
NAMES = sorted(name.strip("=") for name in DEFAULT_NAMES)


def event(attributes: dict[str, Any], settings: dict[str, Any] | None = None, **fields: Any) -> Any:
    return event_of(http_span({**GET, **attributes}, **fields), **(settings or {}))


def redact(text: str) -> str:
    return Redaction().text(text)


@pytest.mark.parametrize("side", ["request", "response"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "spelling", [str, str.upper, lambda name: name.replace("-", "_")], ids=["plain", "upper", "underscores"]
)
def test_a_secret_header_is_masked_however_it_is_written(side: str, name: str, spelling: Any) -> None:
    mapped = event({f"http.{side}.header.{spelling(name)}": (MARK, "more")})

    assert {"[REDACTED]"} == set(mapped[side]["headers"].values())
    assert MARK not in json.dumps(mapped)


def test_other_headers_stay_as_they_are() -> None:
    assert event(captured(x_key="a; b=c"))["request"]["headers"] == {"X-Key": "a; b=c"}


@pytest.mark.parametrize(
    ("setting", "masked", "told"),
    [
        ("x-internal", "x_internal", "x_other"),
        ("+X_Internal", "x_internal", "x_other"),
        ("x-internal", "cookie", "x_other"),
        ("none,x-internal", "x_internal", "cookie"),
        (["X-INTERNAL", "-authorization"], "x_internal", "authorization"),
    ],
)
def test_the_list_of_headers_is_the_settings(setting: Any, masked: str, told: str) -> None:
    mapped = event(captured(**{masked: MARK, told: "told"}), {"redact_headers": setting})

    assert {"[REDACTED]", "told"} == set(mapped["request"]["headers"].values())


def test_the_users_agent_and_tags_can_be_masked_too() -> None:
    """They come from attributes, not from a captured header."""
    attributes = {"user_agent.original": MARK, "moesif.tags": MARK}

    assert MARK not in json.dumps(event(attributes, {"redact_headers": "user-agent,x-moesif-tags"}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", [str, str.upper, str.title], ids=["plain", "upper", "title"])
def test_a_secret_parameter_is_masked_by_its_name(name: str, spelling: Any) -> None:
    mapped = event({"url.query": f"a=1&{spelling(name)}={MARK}&b=2"})

    assert f"http://localhost/items?a=1&{spelling(name)}=REDACTED&b=2" == mapped["request"]["uri"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("%73ig=hunter2&b=1", "%73ig=REDACTED&b=1"),
        ("%53%49%47=hunter2", "%53%49%47=REDACTED"),
        ("access%5Ftoken=hunter2", "access%5Ftoken=REDACTED"),
        ("a=1;sig=hunter2", "a=1;sig=REDACTED"),
        ("user%5Bpassword%5D=hunter2&a%5Bb%5D=1", "user%5Bpassword%5D=REDACTED&a%5Bb%5D=1"),
        ("user[password][]=hunter2", "user%5Bpassword%5D%5B%5D=REDACTED"),
        ("a=https%3A%2F%2Fu%3Ahunter2%40b.test%2F%40x", "a=https%3A%2F%2Fb.test%2F%40x"),
        ("a=https%3a%2f%2fb.test%2fu%40x&c=d%40e", "a=https%3a%2f%2fb.test%2fu%40x&c=d%40e"),
        ("sig=hunter2;b=hunter2", "sig=REDACTED"),
        ("sig=hunter2=hunter2", "sig=REDACTED"),
        ("sig=hunter2?hunter2/hunter2", "sig=REDACTED"),
        ("sig=%68unter2%26hunter2", "sig=REDACTED"),
        ("sig=a b hunter2", "sig=REDACTED"),
        ("sig=hunter2&sig=hunter2", "sig=REDACTED&sig=REDACTED"),
        ("sig=", "sig=REDACTED"),
        ("sig", "sig"),
        ("=hunter", "=hunter"),
        ("signal=1&mysig=2&sig2=3&xtoken=4", "signal=1&mysig=2&sig2=REDACTED&xtoken=4"),
        ("q=sig&b=a%3Dsig%3Dx", "q=sig&b=REDACTED"),
        ("q=1&&b=%20+c&d", "q=1&&b=%20+c&d"),
        ("?sig=hunter2", "sig=REDACTED"),
        ("a=?sig=hunter2", "a=?sig=REDACTED"),
        ("a=b#sig=hunter2", "a=b%23sig=REDACTED"),
        ('sig=hunter2"hunter2<hunter2>', "sig=REDACTED"),
    ],
)
def test_a_query_is_masked_by_name_and_else_left_to_the_letter(query: str, expected: str) -> None:
    assert f"http://localhost/items?{expected}" == event({"url.query": query})["request"]["uri"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"url.query": f"sig={MARK}"},
        {"http.target": f"/a?sig={MARK}"},
        {"http.target": f"/a;token={MARK}/b"},
        {"http.url": f"http://api.test/a?sig={MARK}"},
        {"url.full": f"http://user:{MARK}@api.test/a?sig={MARK}#token={MARK}"},
        {"url.query": "a=1", "http.target": f"/a?sig={MARK}", "http.url": f"http://u:{MARK}@api.test/?sig={MARK}"},
        captured(host=f"user:{MARK}@api.test"),
        captured(x_forwarded_host=f"{MARK}@api.test"),
    ],
    ids=range(8),
)
def test_quirk_8_no_secret_of_a_url_leaves_whatever_the_instrumentation_left_in_it(attributes: dict[str, Any]) -> None:
    headers = {name: "x" for name in attributes if name.startswith("http.request.header.")}
    mapped = event({**attributes, **LEGACY_GET}, {"redact_headers": "+host,x-forwarded-host"} if headers else {})

    assert MARK not in json.dumps(mapped)


def test_the_list_of_parameters_is_the_settings() -> None:
    query = {"url.query": "pin=hunter2&sig=1"}

    def uri(setting: Any) -> Any:
        return event(query, {"redact_query_parameters": setting})["request"]["uri"]

    assert uri("PIN") == "http://localhost/items?pin=REDACTED&sig=REDACTED"
    assert uri("+pin") == "http://localhost/items?pin=REDACTED&sig=REDACTED"
    assert uri(["none", "pin"]) == "http://localhost/items?pin=REDACTED&sig=1"
    assert uri("-sig") == "http://localhost/items?pin=hunter2&sig=1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:pw@api.test/a", "https://api.test/a"),
        ("https://user@api.test", "https://api.test"),
        ("https://u:p@ss@api.test/a@b", "https://api.test/a@b"),
        ("//user:pw@api.test/a", "//api.test/a"),
        ("https://api.test/a@b?c=d@e#f@g", "https://api.test/a@b?c=d@e#f@g"),
        ("/a//b@c", "/a//b@c"),
        ("user@example.com", "user@example.com"),
        ("https://api.test/#access_token=hunter2&state=1", "https://api.test/#access_token=REDACTED&state=1"),
        (
            "https://api.test/?next=https://u:p@b.test/?token=hunter2",
            "https://api.test/?next=https://b.test/?token=REDACTED",
        ),
        ("https://api.test/?a=b&amp;token=hunter2&amp;c=d", "https://api.test/?a=b&amp;token=REDACTED&amp;c=d"),
        ("/a?token=hunter2", "/a?token=REDACTED"),
        (
            '<https://u:p@a.test/?token=hunter2>; rel="next", </b?sig=x>; rel=prev',
            '<https://a.test/?token=REDACTED>; rel="next", </b?sig=REDACTED>; rel=prev',
        ),
        ("<//u:p@a.test/>; rel=x", "<//a.test/>; rel=x"),
        (
            "GET /a?token=hunter2 failed: 'https://a.test/?sig=hunter2'",
            "GET /a?token=REDACTED failed: 'https://a.test/?sig=REDACTED",
        ),
        (
            "/a?next=https%3A%2F%2Fb.test%2F%3Ftoken%3Dhunter2%26c%3Dd&e=f",
            "/a?next=https%3A%2F%2Fb.test%2F%3Ftoken%3DREDACTED%26c%3Dd&e=f",
        ),
        ("/a?next=%2Fb%3fa%3d1%26%2573ig%3dhunter2", "/a?next=%2Fb%3fa%3d1%26%2573ig%3dREDACTED"),
        ("/a?next=%2Fb%23access_token=hunter2", "/a?next=%2Fb%23access_token=REDACTED"),
        ("/why%3Ftoken=hunter2&a=1", "/why%3Ftoken=REDACTED&a=1"),
        ("/a?b=c%3Dd%3F%3Be%26f", "/a?b=c%3Dd%3F%3Be%26f"),
        ("no url at all = @ ? & ;", "no url at all = @ ? & ;"),
        ("", ""),
    ],
)
def test_urls_in_a_text_lose_their_secrets_and_nothing_else(text: str, expected: str) -> None:
    assert expected == redact(text)


@pytest.mark.parametrize(
    "header", ["referer", "x_original_url", "x_original_uri", "x_rewrite_url", "x_forwarded_uri", "hx_current_url"]
)
def test_a_request_header_that_holds_a_url_loses_its_secrets(header: str) -> None:
    mapped = event(captured(**{header: f"https://u:{MARK}@a.test/x?token={MARK}&b=1"}))

    assert list(mapped["request"]["headers"].values()) == ["https://a.test/x?token=REDACTED&b=1"]


@pytest.mark.parametrize("header", ["location", "content_location", "link", "refresh"])
def test_a_response_header_that_holds_a_url_loses_its_secrets(header: str) -> None:
    mapped = event({f"http.response.header.{header}": (f"/callback?code=1&access_token={MARK}#id_token={MARK}",)})

    assert list(mapped["response"]["headers"].values()) == ["/callback?code=1&access_token=REDACTED#id_token=REDACTED"]


def test_a_url_header_that_is_masked_whole_is_masked_whole() -> None:
    assert event(captured(referer="https://a.test/"), {"redact_headers": "referer"})["request"]["headers"] == {
        "Referer": "[REDACTED]"
    }


def test_the_message_of_an_exception_loses_the_secrets_of_its_urls() -> None:
    message = f"Max retries exceeded with url: /a?token={MARK} (https://u:{MARK}@a.test)"
    failed = Status(StatusCode.ERROR, message)
    attributes = {"exception.type": "OSError", "exception.message": message, "exception.stacktrace": message}

    mapped = event({}, events=[Event("exception", attributes)], status=failed)

    assert (
        mapped["metadata"]["exception"]["message"]
        == "Max retries exceeded with url: /a?token=REDACTED (https://a.test)"
    )
    assert MARK not in json.dumps(mapped)


def test_a_span_that_is_named_by_its_target_does_not_tell_its_secrets() -> None:
    assert event({}, name=f"GET /a?token={MARK}")["action_name"] == "GET /a?token=REDACTED"
    assert MARK not in event({}, name=f"GET /a%3Ftoken%3D{MARK}")["action_name"]


def test_the_uri_of_an_outgoing_call_loses_its_secrets_too() -> None:
    span = http_span({**GET, "url.full": f"https://u:{MARK}@a.test/?api_key={MARK}"}, kind=SpanKind.CLIENT)

    assert event_of(span, capture_outgoing=True)["request"]["uri"] == "https://a.test/?api_key=REDACTED"


def test_a_long_hostile_text_is_read_in_time() -> None:
    """Each of these has a pattern's favourite character in it a hundred thousand times."""
    for character in ("?", "&", ";", "#", "=", "@", "%", ":", "/", "<", "%3F", "%26", "%3D", "%3Fa"):
        redact(f"https://{character * 100_000}")
        redact(character * 100_000 + "=" + character)
