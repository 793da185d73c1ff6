"""Which spans are calls, by what verb, with what status, in which direction."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.trace import SpanKind, Status, StatusCode
from support.spans import GET, LEGACY_GET, event_of, http_span


def event(attributes: dict[str, Any], **fields: Any) -> Any:
    return event_of(http_span(attributes, **fields))


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"http.request.method": "PUT", "http.method": "GET"}, "PUT", id="the stable name first"),
        pytest.param({"http.method": "PATCH"}, "PATCH", id="the legacy name"),
        pytest.param({"http.request.method": "", "http.method": "GET"}, "GET", id="not an empty one"),
        pytest.param(
            {"http.request.method": "_OTHER", "http.request.method_original": "PURGE"}, "PURGE", id="the original"
        ),
        pytest.param({"http.request.method": "PROPFIND"}, "PROPFIND", id="an unusual one"),
        pytest.param({"http.request.method": "get"}, "get", id="case kept: methods are case-sensitive"),
        pytest.param({"http.method": "_OTHER"}, "_OTHER", id="the span knows no more"),
        pytest.param(
            {"http.request.method": "_OTHER", "http.request.method_original": 5}, "_OTHER", id="an odd original"
        ),
        pytest.param({"http.request.method": "G T"}, "_OTHER", id="no token of HTTP"),
        pytest.param({"http.request.method": "ПУТ"}, "_OTHER", id="no ASCII"),
        pytest.param(
            {"http.request.method": "_OTHER", "http.request.method_original": "A\r\nB"},
            "_OTHER",
            id="an original that is none",
        ),
    ],
)
def test_the_verb_is_the_method_of_the_call(attributes: dict[str, Any], expected: str) -> None:
    mapped = event({**attributes, "http.response.status_code": 200}, name="HTTP")

    assert expected == mapped["request"]["verb"] == mapped["response"]["verb"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PURGE /items", "PURGE"),
        ("HTTP /items", "_OTHER"),
        ("HTTP", "_OTHER"),
        ("PURGE", "_OTHER"),
        ("purge /items", "_OTHER"),
        ("", "_OTHER"),
    ],
)
def test_a_legacy_verb_is_read_from_the_name_of_its_span_where_that_has_it(name: str, expected: str) -> None:
    assert expected == event({"http.method": "_OTHER"}, name=name)["request"]["verb"]


@pytest.mark.parametrize(
    "attributes", [{}, {"http.response.status_code": 200}, {"http.request.method": 5}, {"http.method": ""}]
)
def test_a_server_span_without_a_method_is_no_call(attributes: dict[str, Any]) -> None:
    """A WebSocket's, or a remote procedure's."""
    assert event(attributes) is None


@pytest.mark.parametrize("kind", [kind for kind in SpanKind if kind is not SpanKind.SERVER])
def test_a_span_of_another_kind_is_no_call(kind: SpanKind) -> None:
    assert event(GET, kind=kind) is None


@pytest.mark.parametrize("kind", [SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CONSUMER])
def test_capturing_outgoing_calls_brings_no_other_kind(kind: SpanKind) -> None:
    assert event_of(http_span(GET, kind=kind), capture_outgoing=True) is None


def test_the_direction_is_that_of_the_span() -> None:
    assert event_of(http_span(GET), capture_outgoing=True)["direction"] == "Incoming"
    assert event_of(http_span(GET, kind=SpanKind.CLIENT), capture_outgoing=True)["direction"] == "Outgoing"


def test_the_action_is_the_name_of_the_span() -> None:
    assert event(GET, name="GET /items/{id}")["action_name"] == "GET /items/{id}"


@pytest.mark.parametrize(("name", "expected"), [(None, None), ("", None), (5, "5"), (b"GET", "b'GET'")])
def test_an_odd_name_of_a_span_is_told_as_text_or_not_at_all(name: Any, expected: str | None) -> None:
    assert expected == event(GET, name=name).get("action_name")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"http.response.status_code": 201, "http.status_code": 202}, 201, id="the stable name first"),
        pytest.param({"http.status_code": 404}, 404, id="the legacy name"),
        pytest.param({"http.response.status_code": 100}, 100, id="the smallest"),
        pytest.param({"http.response.status_code": 999}, 999, id="the largest of three digits"),
        pytest.param({"http.response.status_code": 0, "http.status_code": 202}, 202, id="not one that is out of range"),
        pytest.param({"http.status_code": "404"}, 404, id="a text of digits, as Envoy and Deno write it"),
        pytest.param({"http.status_code": 404.0}, 404, id="a whole double"),
    ],
)
def test_the_status_is_the_one_that_was_answered(attributes: dict[str, Any], expected: int) -> None:
    assert expected == event({"http.method": "GET", **attributes})["response"]["status"]


@pytest.mark.parametrize(
    "code",
    [
        None,
        0,
        99,
        1000,
        -200,
        10**30,
        "200 OK",
        "\uff12\uff10\uff10",
        "",
        200.5,
        True,
        (200,),
        float("nan"),
        float("inf"),
    ],
)
def test_without_a_status_there_is_no_response(code: Any) -> None:
    assert "response" not in event({"http.method": "GET", "http.status_code": code})


@pytest.mark.parametrize("code", [None, 0, 1000, "oops"])
def test_quirk_7_a_failed_span_without_a_status_was_answered_with_500(code: Any) -> None:
    """Starlette's and aiohttp's, where the handler raises."""
    failed = Status(StatusCode.ERROR)

    assert event({"http.request.method": "GET", "http.status_code": code}, status=failed)["response"]["status"] == 500


def test_a_failed_span_with_a_status_keeps_it() -> None:
    assert (
        event({**GET, "http.response.status_code": 503}, status=Status(StatusCode.ERROR))["response"]["status"] == 503
    )


@pytest.mark.parametrize(
    ("patterns", "excluded"),
    [
        ("/health", True),
        (["^https://api\\.test/health$"], True),
        (["/live", "/health"], True),
        ("/ready", False),
        ("/HEALTH", False),
        ("^/health$", True),
        ("^/heal$", False),
        ("next=", False),
        (None, False),
    ],
)
def test_a_call_is_excluded_where_an_expression_is_found_in_its_uri(patterns: Any, excluded: bool) -> None:
    """In the URI without its query, which is whatever a caller likes, or in the path alone."""
    span = http_span({**GET, "url.full": "https://api.test/health?next=/ready"})

    assert excluded is (event_of(span, excluded_urls=patterns) is None)


@pytest.mark.parametrize(
    ("attributes", "settings", "expected"),
    [
        ({"moesif.api_version": "2.0"}, {"api_version": "1.0"}, "2.0"),
        ({}, {"api_version": "1.0"}, "1.0"),
        ({"moesif.api_version": ""}, {"api_version": "1.0"}, "1.0"),
        ({"moesif.api_version": 3}, {}, "3"),
        ({}, {}, None),
    ],
)
def test_the_version_of_the_api_is_the_spans_or_the_settings(
    attributes: dict[str, Any], settings: dict[str, str], expected: str | None
) -> None:
    assert expected == event_of(http_span({**LEGACY_GET, **attributes}), **settings)["request"].get("api_version")
