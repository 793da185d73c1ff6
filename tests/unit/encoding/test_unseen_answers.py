"""What an event says of an answer that was made outside of what captures bodies: Starlette's 500 of an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import Event
from opentelemetry.trace import SpanKind
from support.spans import GET, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder

RAISED = [Event("exception", {"exception.type": "KeyError"})]


@pytest.fixture
def encoder() -> Iterator[Encoder]:
    made = Encoder(resolve_config({"capture_bodies": "true", "capture_outgoing": True}, {}))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"status": 501}, False),
        ({"status": 499}, False),
        ({"events": []}, False),
        ({"kind": SpanKind.CLIENT}, False),
    ],
    ids=str,
)
def test_an_answer_of_500_to_an_exception_was_not_seen_where_no_body_was(
    encoder: Encoder, changes: dict[str, Any], is_told: bool
) -> None:
    status = changes.pop("status", 500)
    attributes = {**GET, "http.response.status_code": status}
    [event] = encoder.encode([http_span(attributes, **{"events": RAISED, **changes})]).events

    assert (json.loads(event)["metadata"].get("response_body") == "not seen") is is_told
