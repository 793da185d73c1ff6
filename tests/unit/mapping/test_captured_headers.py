"""Captured headers under the names that HTTP has, their values as one text."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from support.spans import GET, captured, event_of, event_with, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.json_codec import encode, loads
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event


def request_headers(attributes: dict[str, Any]) -> dict[str, str]:
    return event_with(attributes)["request"]["headers"]


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("x_forwarded_for", "X-Forwarded-For"),
        ("x-forwarded-for", "X-Forwarded-For"),
        ("X-Forwarded-For", "X-Forwarded-For"),
        ("accept", "Accept"),
        ("x_request_id", "X-Request-Id"),
        ("b3", "B3"),
        ("é", "É"),
        ("a.b", "A.b"),
    ],
)
def test_quirk_5_a_headers_name_gets_its_hyphens_back(attribute: str, name: str) -> None:
    assert {name: "1"} == request_headers({f"http.request.header.{attribute}": ("1",)})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (("a",), "a"),
        (("a", "b"), "a,b"),
        (["a", "b"], "a,b"),
        ("a", "a"),
        ((), ""),
        (("",), ""),
        (5, "5"),
        ((1, True), "1,True"),
        (("a", None), "a,None"),
        (float("nan"), "nan"),
        ({"tenant": "acme"}, "{'tenant': 'acme'}"),
        (10**5000, hex(10**5000)),
        ((10**5000,), hex(10**5000)),
        ("x" * 1_000_000, "x" * 1_000_000),
    ],
    ids=range(14),
)
def test_several_values_of_a_header_are_joined_by_a_comma(value: Any, text: str) -> None:
    assert {"X-Dup": text} == request_headers({"http.request.header.x_dup": value})


def test_a_header_without_a_value_is_empty_and_one_without_a_name_is_left_out() -> None:
    assert request_headers({"http.request.header.x_none": None, "http.request.header.": ("a",)}) == {"X-None": ""}


def test_headers_of_the_request_and_of_the_response_stay_apart() -> None:
    event = event_with({"http.request.header.x_a": ("1",), "http.response.header.x_b": ("2",)})

    assert event["request"]["headers"] == {"X-A": "1"}
    assert event["response"]["headers"] == {"X-B": "2"}


def test_quirk_7_without_captured_headers_the_objects_are_there_and_empty() -> None:
    event = event_of(http_span(GET))

    assert {} == event["request"]["headers"] == event["response"]["headers"]


@pytest.mark.parametrize(
    ("attributes", "headers"),
    [
        ({"user_agent.original": "curl/8"}, {"User-Agent": "curl/8"}),
        ({"http.user_agent": "curl/7"}, {"User-Agent": "curl/7"}),
        ({"user_agent.original": "curl/8", "http.user_agent": "curl/7"}, {"User-Agent": "curl/8"}),
        ({"user_agent.original": "", "http.user_agent": "curl/7"}, {"User-Agent": "curl/7"}),
        ({"user_agent.original": "curl/8", **captured(user_agent="mine")}, {"User-Agent": "mine"}),
        ({"http.request.body.size": 12}, {"Content-Length": "12"}),
        ({"http.request_content_length": 12}, {"Content-Length": "12"}),
        ({"http.request.body.size": 0}, {"Content-Length": "0"}),
        ({"http.request.body.size": 12, **captured(content_length="13")}, {"Content-Length": "13"}),
        ({"user_agent.original": ("curl",), "http.request.body.size": 1.5}, {}),
    ],
)
def test_a_header_that_was_not_captured_is_taken_from_the_attribute_that_has_it(
    attributes: dict[str, Any], headers: dict[str, str]
) -> None:
    assert headers == request_headers(attributes)


@pytest.mark.parametrize("name", ["http.response.body.size", "http.response_content_length"])
def test_the_length_of_the_response_is_a_header_of_the_response(name: str) -> None:
    event = event_with({name: 34})

    assert (event["request"]["headers"], event["response"]["headers"]) == ({}, {"Content-Length": "34"})


@pytest.mark.parametrize(
    ("attributes", "tags"),
    [
        ({"moesif.tags": "me"}, "me"),
        ({"moesif.tags": ("me", "beta")}, "me,beta"),
        (captured(x_moesif_tags="me"), "me"),
        (captured(x_moesif_tags="me") | {"moesif.tags": "other"}, "me"),
        ({"moesif.tags": ""}, None),
        ({"moesif.tags": ()}, None),
        ({}, None),
    ],
)
def test_tags_are_the_header_that_moesif_reads(attributes: dict[str, Any], tags: str | None) -> None:
    assert tags == request_headers(attributes).get("X-Moesif-Tags")


def test_more_header_names_than_a_service_has_are_told_all_the_same() -> None:
    """Callers choose them: what is remembered of names is bounded."""
    for start in range(0, 10_000, 100):
        names = [f"x-{number}" for number in range(start, start + 100)]
        assert [name.title() for name in names] == list(
            request_headers({f"http.request.header.{name}": ("1",) for name in names})
        )


def test_what_is_remembered_of_hostile_headers_is_bounded() -> None:
    """Anybody may send a header of any name, and a proxy's headers of any length."""
    rules = mapping_rules(resolve_config({}, {}))
    tracemalloc.start()
    try:
        for number in range(1000):
            attributes = {
                **captured(**{f"x-{number}-{'n' * 4000}": "1", f"y-{number}": "2"}),
                **captured(x_forwarded_host=f"{number} {'!' * 4000}", x_forwarded_for=f"{number} {'1.' * 2000}"),
                "url.query": f"{number}{'p' * 4000}=1",
            }
            span_to_event(http_span({**GET, **attributes}), rules)
            few = captured(**{f"z-{number % 500}": "1"}, x_forwarded_host=f"{number} {'!' * 8000}")
            span_to_event(http_span({**GET, **few}), rules)
        remembered, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert remembered < 4_000_000


def test_a_header_with_a_lone_surrogate_is_repaired_when_it_is_encoded() -> None:
    event = event_with({"http.request.header.x_odd\udc80": ("a\ud800b",)})

    assert loads(encode(event))["request"]["headers"] == {"X-Odd\ufffd": "a\ufffdb"}
