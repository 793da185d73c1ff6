"""Spans built by hand, and the events of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import MappingRules, mapping_rules, span_to_event
from opentelemetry_exporter_moesif.rendering import compiled

TRACE_ID = 0x0AF7651916CD43DD8448EB211C80319C
SPAN_ID = 0xB7AD6B7169203331
STARTED = 1_471_339_316_998_765_432  # 2016-08-16T09:21:56.998765432Z
ENDED = STARTED + 12_000_000
RESOURCE = Resource({"service.name": "shop"})
CONTRIB = "opentelemetry.instrumentation."

GET = {"http.request.method": "GET", "http.response.status_code": 200}
LEGACY_GET = {"http.method": "GET", "http.status_code": 200}


def http_span(attributes: Mapping[Any, Any] = GET, *, scope: str = "", **fields: Any) -> ReadableSpan:
    """Returns: a SERVER span with these attributes, and else what a plain span of a call has."""
    context = SpanContext(TRACE_ID, SPAN_ID, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    plain = {
        "name": "GET /items",
        "context": context,
        "resource": RESOURCE,
        "kind": SpanKind.SERVER,
        "start_time": STARTED,
        "end_time": ENDED,
        "instrumentation_scope": InstrumentationScope(scope) if scope else None,
    }
    return ReadableSpan(attributes=dict(attributes), **(plain | fields))


@cache
def _default_rules() -> MappingRules:
    return mapping_rules(resolve_config({}, {}))


def event_of(span: ReadableSpan, **settings: Any) -> Any:
    """Returns: the event of a span by these settings, None where it makes none; rendered, it is the same."""
    rules = mapping_rules(resolve_config(settings, {})) if settings else _default_rules()
    event = span_to_event(span, rules)
    assert _rendered(span, rules) in {b"", encode(event)}
    return event


def _rendered(span: ReadableSpan, rules: MappingRules) -> bytes:
    """What the compiled renderer makes of a span whose shape it knows; nothing where it gives the span up."""
    room = compiled()
    if room is None:
        return b""
    renderer = room.Renderer(rules, (), lambda *_: b"", lambda _: True, is_ready=lambda: True, worth=1)
    for _ in range(2):
        rendered = renderer.render([span], {}, lambda _: None)
    return rendered.inside  # type: ignore[no-any-return]


def uri_of(
    attributes: Mapping[str, Any],
    *,
    base: Mapping[str, Any] = GET,
    settings: Mapping[str, Any] | None = None,
    **fields: Any,
) -> str:
    """Returns: the URI in the event of a span with these attributes beside those of the base."""
    return event_of(http_span({**base, **attributes}, **fields), **(settings or {}))["request"]["uri"]


def event_with(attributes: Mapping[str, Any], *, method: str = "GET", **fields: Any) -> Any:
    """Returns: the event of a GET that was answered with 200 and has these further attributes."""
    return event_of(http_span({**GET, "http.request.method": method, **attributes}, **fields))


def captured(**headers: str) -> dict[str, tuple[str, ...]]:
    """Returns: the attributes of captured request headers, as Python's instrumentations name them."""
    return {f"http.request.header.{name}": (value,) for name, value in headers.items()}
