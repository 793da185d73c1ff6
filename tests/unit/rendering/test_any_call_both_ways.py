"""Whatever the spans of a shape hold, their events are the same bytes, rendered or mapped."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from support.any_call import calls_of_a_shape
from support.both_ways import both_ways

SETTINGS: list[dict[str, Any]] = [
    {},
    {},
    {"anonymize_ip": True, "user_id_header": "x-user", "trust_forwarded_prefix": True},
    {"excluded_urls": "/items/", "excluded_routes": "/items/{id}", "trust_forwarded_headers": False},
    {"redact_headers": "+user-agent,-cookie", "redact_query_parameters": "+page", "redact_body_fields": "+part"},
    {"redact_values": "+card-number", "capture_outgoing": True, "api_version": '1"2'},
]
# A campaign of hundreds of thousands of spans: RENDERED_EXAMPLES=40000.
EXAMPLES = int(os.environ.get("RENDERED_EXAMPLES", "250"))


@pytest.mark.timeout(3600 if EXAMPLES > 1_000 else 900)  # half a minute where nobody else works
@given(calls=calls_of_a_shape(), chosen=st.sampled_from(SETTINGS))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_bytes_are_the_same(calls: tuple[ReadableSpan, list[ReadableSpan]], chosen: dict[str, Any]) -> None:
    usual, spans = calls
    found = both_ways(spans, [usual], **chosen)

    assert found.rendered.split(b",\n") == found.mapped.split(b",\n")
