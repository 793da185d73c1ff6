"""Spans that other people's servers made become the event of the call that was sent, wherever they still know it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from support.foreign_losses import ADDED_HEADERS, LOSSES, NO_SPANS, Loss, NoSpan
from support.foreign_spans import ForeignCall, ForeignRecording, foreign_recordings

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event

RULES = mapping_rules(resolve_config({"application_id": "test-id"}, {}))
RECORDINGS = foreign_recordings()
CALLS = [
    pytest.param(recording, call, id=f"{recording.name}-{call.name}")
    for recording in RECORDINGS
    for call in recording.calls
    if call.trace_id in recording.spans
]


def expected(recording: ForeignRecording, call: ForeignCall) -> dict[str, Any]:
    parts = call.parts()
    for loss in LOSSES:
        if loss.applies(recording.name, call):
            parts[loss.part] = loss.value(call, parts[loss.part])
    return parts


def told(event: dict[str, Any]) -> dict[str, Any]:
    url = urlsplit(event["request"]["uri"])
    return {
        "verb": event["request"]["verb"],
        "scheme": url.scheme,
        "authority": url.netloc,
        "path": url.path,
        "query": url.query,
        "ip_address": event["request"]["ip_address"],
        "status": event["response"]["status"] if "response" in event else None,
    }


@pytest.mark.parametrize(("recording", "call"), CALLS)
def test_a_call_becomes_the_event_of_what_was_sent(recording: ForeignRecording, call: ForeignCall) -> None:
    event = span_to_event(recording.spans[call.trace_id], RULES)

    assert told(event) == expected(recording, call)


@pytest.mark.parametrize(("recording", "call"), CALLS)
def test_a_header_is_told_only_where_it_was_sent_or_answered(recording: ForeignRecording, call: ForeignCall) -> None:
    event = span_to_event(recording.spans[call.trace_id], RULES)

    added = next((names for server, names in ADDED_HEADERS.items() if recording.name.startswith(server)), ())
    for side, sent in (("request", call.headers), ("response", call.answered)):
        headers = {name.lower(): value for name, value in event.get(side, {"headers": {}})["headers"].items()}
        assert headers.keys() - set(added) <= sent.keys() or call.name in {"abort", "websocket"}
        for name in headers.keys() & sent.keys():
            assert "REDACTED" in headers[name] or without_spaces(headers[name]) == without_spaces(sent[name])


def without_spaces(value: str) -> str:
    """Several values of one header may be joined with a space behind the comma, or without (RFC 9110, section 5.3)."""
    return value.replace(", ", ",")


@pytest.mark.parametrize("row", NO_SPANS, ids=lambda row: row.reason)
def test_a_call_without_a_span_has_its_reason(row: NoSpan) -> None:
    without = {
        (recording.name, call.name)
        for recording in RECORDINGS
        for call in recording.calls
        if call.trace_id not in recording.spans
    }

    covered = {
        (recording.name, call.name)
        for recording in RECORDINGS
        for call in recording.calls
        if row.applies(recording.name, call)
    }

    assert covered
    assert covered <= without


def test_every_other_call_has_one() -> None:
    assert not [
        (recording.name, call.name)
        for recording in RECORDINGS
        for call in recording.calls
        if call.trace_id not in recording.spans and not any(row.applies(recording.name, call) for row in NO_SPANS)
    ]


@pytest.mark.parametrize("row", LOSSES, ids=lambda row: f"{row.part}: {row.reason}")
def test_a_documented_loss_befalls_some_call(row: Loss) -> None:
    """A row that nothing needs any more is to be deleted."""
    assert any(
        row.applies(recording.name, call) and row.value(call, call.parts()[row.part]) != call.parts()[row.part]
        for recording in RECORDINGS
        for call in recording.calls
        if call.trace_id in recording.spans
    )
