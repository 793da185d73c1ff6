"""Spans of real servers become the same bytes, whether they are rendered or mapped, and most of them are rendered."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind
from support.both_ways import both_ways
from support.combinations import COMBINATIONS, Combination
from support.recorded_spans import recording_of
from support.spans import GET, http_span

SETTINGS = {
    "none": {},
    "every privacy": {"anonymize_ip": True, "trust_forwarded_headers": False, "redact_headers": "+user-agent"},
    "ids by header": {"user_id_header": "x-custom", "company_id_header": "accept-language"},
    "exclusion": {"excluded_urls": "/items/", "excluded_routes": "/redirect"},
    "api version": {"api_version": "2.1", "trust_forwarded_prefix": True, "client_ip_header": "x-forwarded-for"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.name)
def test_the_bytes_are_the_same(combination: Combination, settings: dict[str, object]) -> None:
    found = both_ways(recording_of(combination).spans, **settings)

    assert found.rendered.split(b",\n") == found.mapped.split(b",\n")


def test_most_recorded_calls_are_rendered() -> None:
    """A change that makes the renderer give everything up fails here."""
    rendered = dict.fromkeys(("headers", "bare"), (0, 0))
    for combination in COMBINATIONS:
        spans = [span for span in recording_of(combination).spans if span.kind is SpanKind.SERVER]
        given_up = both_ways(spans).given_up
        key = "headers" if combination.captured else "bare"
        rendered[key] = (rendered[key][0] + len(spans) - len(given_up), rendered[key][1] + len(spans))

    # The others: a method that only the name of the span tells, an empty route, no name.
    for done, of in rendered.values():
        assert done / of > 0.92


def test_a_masked_header_that_an_attribute_stands_for_is_there_where_that_tells_one() -> None:
    spans = [http_span({**GET, "user_agent.original": told}) for told in ("curl/8", "-", "")]

    found = both_ways(spans, redact_headers="+user-agent")

    assert found.rendered == found.mapped
    assert found.rendered.count(b'"User-Agent"') == 1


def test_a_credential_among_a_web_sockets_protocols_is_masked_either_way() -> None:
    protocols = ("graphql-ws", "graphql-ws, token.qzxvkwjh", "Bearer, qzxvkwjh")
    spans = [http_span({**GET, "http.request.header.sec_websocket_protocol": [told]}) for told in protocols]

    found = both_ways(spans)

    assert found.rendered == found.mapped
    assert b"qzxvkwjh" not in found.rendered
    assert found.rendered.count(b"graphql-ws") == 2


def test_a_web_socket_between_calls_makes_no_event_either_way() -> None:
    spans = [
        http_span(
            {**GET, "http.response.status_code": status},
            instrumentation_scope=InstrumentationScope("opentelemetry.instrumentation.tornado"),
        )
        for status in (101, 200, 101, 404)
    ]

    found = both_ways(spans)

    assert found.rendered == found.mapped
    assert [b'"status":%d' % status in found.mapped for status in (101, 200, 404)] == [False, True, True]
