"""Unmodified applications under `opentelemetry-instrument`: each call arrives once, as the right event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from support.calls import CALLS, SECRET_MARK, make_call
from support.combinations import RUNNING_COMBINATIONS, Combination
from support.expected_events import assert_was_timed, expected_event, facts_of, with_lower_case_headers
from support.exporting import APPLICATION_ID, exporting_to
from support.recorded_spans import recording_of, server_spans
from support.server_process import instrumented, serving
from support.versions import IS_RECENT

from opentelemetry_exporter_moesif.local_collector import LocalCollector


@pytest.mark.parametrize("combination", RUNNING_COMBINATIONS, ids=lambda combination: combination.name)
def test_each_call_arrives_once_and_exactly_as_it_was_sent(combination: Combination) -> None:
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **combination.environment())
        with serving(lambda port: instrumented(combination.service.command(port)), environment) as server:
            exchanges = [make_call(server.port, call) for call in CALLS]
            collector.wait_for(len(CALLS), timeout=100)
            server.interrupt()
        events, invalid = collector.events(), collector.invalid()

    assert invalid == []
    assert SECRET_MARK not in json.dumps(events)
    assert len(events) == len(CALLS)
    by_trace = {event["trace_id"] if "parent_id" in event["span"] else "": event for event in events}
    names = recorded_names(combination)
    for exchange in exchanges:
        event = by_trace[exchange.trace_id]
        known = facts_of(event, names[exchange.call.name], forked=combination.service.server == "gunicorn")
        expected = expected_event(combination, exchange, known)
        if IS_RECENT:
            assert with_lower_case_headers(event) == expected
        else:
            assert essence(event) == essence(expected)
        assert_was_timed(event, exchange)


def essence(event: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says with every instrumentation that is supported, old ones too."""
    request = event["request"]
    return {
        "path": unquote(urlsplit(request["uri"]).path),
        "verb": "_OTHER" if request["verb"] == "PURGE" else request["verb"],
        "status": event.get("response", {}).get("status"),
        **{name: event[name] for name in ("transaction_id", "trace_id", "direction")},
    }


def recorded_names(combination: Combination) -> dict[str, str]:
    """What the instrumentation named the span of each call when the corpus was recorded."""
    recording = recording_of(combination)
    spans = server_spans(recording)
    return {exchange.call.name: spans[exchange.trace_id].name for exchange in recording.exchanges}
