"""Spans recorded from further Python servers become the event of what was sent, odd targets and headers included."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.calls import SECRET_MARK, Exchange
from support.combinations import RECORDED_COMBINATIONS, Combination
from support.expected_events import parts
from support.losses import Fallback
from support.recorded_spans import recording_of, server_spans
from support.server_losses import CHANGED_HEADERS, FALLBACKS, OTHER_STATUS, SWALLOWS_ANSWERED_HEADERS

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event

RULES = mapping_rules(resolve_config({"application_id": "test-id"}, {}))
EVERY_COMBINATION = pytest.mark.parametrize("combination", RECORDED_COMBINATIONS, ids=lambda one: one.name)


def events(combination: Combination) -> list[tuple[Exchange, Any]]:
    recording = recording_of(combination)
    spans = server_spans(recording)
    return [(exchange, span_to_event(spans[exchange.trace_id], RULES)) for exchange in recording.exchanges]


def told(event: Any) -> dict[str, str]:
    request = event["request"]
    scheme, _, rest = request["uri"].partition("://")
    authority, _, target = rest.partition("/")
    path, _, query = target.partition("?")
    return {
        "scheme": scheme,
        "authority": authority,
        "path": f"/{path}",
        "query": query,
        "verb": request["verb"],
        "ip_address": request["ip_address"],
    }


@EVERY_COMBINATION
def test_each_call_is_told_as_it_was_sent(combination: Combination) -> None:
    calls = {exchange.call.name: (exchange, event) for exchange, event in events(combination)}

    expected = {name: parts(combination, exchange, FALLBACKS) for name, (exchange, _) in calls.items()}

    assert expected == {name: told(event) for name, (_, event) in calls.items()}


@EVERY_COMBINATION
def test_each_status_is_the_one_that_was_answered(combination: Combination) -> None:
    service = combination.service.name

    expected = {
        exchange.call.name: OTHER_STATUS.get((service, exchange.call.name), exchange.status)
        for exchange, _ in events(combination)
    }

    assert expected == {
        exchange.call.name: event.get("response", {}).get("status") for exchange, event in events(combination)
    }


@EVERY_COMBINATION
def test_each_header_that_is_told_is_the_one_that_was_sent(combination: Combination) -> None:
    changed = CHANGED_HEADERS.get(combination.service.server, {})
    for exchange, event in events(combination):
        for side, known in (("request", exchange.sent | changed), ("response", exchange.received)):
            headers = {name.lower(): value for name, value in event.get(side, {}).get("headers", {}).items()}
            for name, value in headers.items():
                swallowed = side == "response" and combination.service.name in SWALLOWS_ANSWERED_HEADERS
                failed = (combination.service.name, exchange.call.name) in OTHER_STATUS
                if value != "[REDACTED]" and not (swallowed or failed):
                    assert value == known[name].replace("hush-referer", "REDACTED"), (exchange.call.name, name)


@EVERY_COMBINATION
def test_the_uri_is_said_to_be_a_route_only_where_it_is(combination: Combination) -> None:
    for exchange, event in events(combination):
        is_route = exchange.call.target.partition("?")[0] != urlsplit(event["request"]["uri"]).path and (
            "<" in event["request"]["uri"] or "{" in event["request"]["uri"]
        )
        assert not is_route or event["metadata"]["uri"] == "route"
        assert " " not in event["metadata"].get("http.route", ""), "Litestar's route is no route"


@EVERY_COMBINATION
def test_no_secret_leaves(combination: Combination) -> None:
    for _, event in events(combination):
        assert SECRET_MARK not in json.dumps(event)


@pytest.mark.parametrize("row", FALLBACKS, ids=lambda row: f"{row.part}: {row.reason}")
def test_a_documented_loss_befalls_some_recorded_call(row: Fallback) -> None:
    """A row that nothing needs any more is to be deleted."""
    assert any(
        row.applies(combination, exchange)
        for combination in RECORDED_COMBINATIONS
        for exchange in recording_of(combination).exchanges
    )
