"""Every recorded span becomes the event of the call that was sent, wherever the span still knows the call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from support.calls import CALLS, SECRET_MARK, Call
from support.combinations import COMBINATIONS, Combination
from support.expected_events import SpanFacts, expected_event, with_lower_case_headers
from support.losses import CHANGED_HEADERS, FALLBACKS, LOST_HEADERS, Row
from support.recorded_spans import CORPUS, recording_of, server_spans

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event

RULES = mapping_rules(resolve_config({"application_id": "test-id"}, {}))


def facts(span: ReadableSpan) -> SpanFacts:
    def time(nanoseconds: int) -> str:
        return f"{datetime.fromtimestamp(nanoseconds // 10**9, timezone.utc):%Y-%m-%dT%H:%M:%S}.{nanoseconds // 10**6 % 1000:03d}Z"

    return SpanFacts(
        f"{span.context.trace_id:032x}",
        f"{span.context.span_id:016x}",
        span.name,
        time(span.start_time),
        time(span.end_time),
        {name: span.resource.attributes[name] for name in ("service.name", "service.instance.id")},
    )


def event_of(span: ReadableSpan) -> Mapping[str, Any] | None:
    return span_to_event(span, RULES)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.name)
def test_a_recorded_call_becomes_exactly_the_event_of_what_was_sent(combination: Combination, call: Call) -> None:
    recorded = recording_of(combination)
    exchange = next(exchange for exchange in recorded.exchanges if exchange.call is call)
    span = server_spans(recorded)[exchange.trace_id]

    event = event_of(span)

    assert with_lower_case_headers(event) == expected_event(combination, exchange, facts(span))


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.name)
def test_each_recorded_call_is_one_event_and_its_other_spans_are_none(combination: Combination) -> None:
    events = [event for span in recording_of(combination).spans if (event := event_of(span))]

    assert len(events) == len(CALLS)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.name)
def test_no_secret_of_a_recorded_call_leaves_in_its_event(combination: Combination) -> None:
    for span in recording_of(combination).spans:
        assert SECRET_MARK not in json.dumps(event_of(span))


def test_the_recorded_spans_do_hold_the_secrets_that_no_event_may_hold() -> None:
    """Else the test before this one would prove nothing."""
    text = (CORPUS / "flask-gunicorn.http-dup.headers.jsonl").read_text(encoding="utf-8")
    spans = "".join(line for line in text.splitlines() if "exchange" not in line)

    for secret in ("signature", "referer", "cookie", "token", "set-cookie", "exception"):
        assert f"{SECRET_MARK}-{secret}" in spans


@pytest.mark.parametrize("row", [*FALLBACKS, *LOST_HEADERS, *CHANGED_HEADERS], ids=lambda row: row.reason)
def test_a_documented_loss_befalls_some_recorded_call(row: Row) -> None:
    """A row that nothing needs any more is to be deleted."""
    assert any(
        row.applies(combination, exchange)
        for combination in COMBINATIONS
        for exchange in recording_of(combination).exchanges
    )
