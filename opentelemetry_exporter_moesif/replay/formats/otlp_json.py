"""OTLP JSON's traces, from whatever language's SDK, Collector or store they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.mapping.dialects import serves
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES, is_call
from opentelemetry_exporter_moesif.replay.call import Call
from opentelemetry_exporter_moesif.replay.formats.otlp_spans import (
    KINDS,
    NO_PARENT,
    NO_STATUS,
    PARENT_IS_REMOTE,
    json_span,
    status_of,
)
from opentelemetry_exporter_moesif.replay.formats.otlp_values import (
    UNREADABLE,
    attributes_of,
    objects,
    whole,
    why,
)

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Findings

LABEL = "OTLP JSON"

_REQUEST = "resourceSpans"
# Where it stands in the answers of Tempo and Jaeger.
_WRAPPERS = ("trace", "result")
_BATCHES = "batches"
# It was called instrumentationLibrarySpans before OTLP 0.15.
_SCOPES = ("scopeSpans", "instrumentationLibrarySpans")

# Bound once: in Python 3.11, each look-up of a member in its Enum takes 0.08 µs.
_INTERNAL = SpanKind.INTERNAL

# What makes an INTERNAL span of an HTTP server's instrumentation that of a call.
_IDS = frozenset(CHILD_ID_ATTRIBUTES)
_METHODS = frozenset(METHOD_ATTRIBUTES)


def recognizes(value: Any) -> bool:
    """Whether a decoded document holds OTLP traces."""
    return isinstance(value, dict) and (
        _REQUEST in value
        or _BATCHES in value
        or any(isinstance(value.get(name), list) for name in _SCOPES)
        or any(isinstance(value.get(name), dict) and recognizes(value[name]) for name in _WRAPPERS)
    )


def read(request: dict[str, Any], findings: Findings, *, ids: bool = True) -> None:
    """Tells the spans of an ExportTraceServiceRequest, or of what Tempo has in its place.

    Args:
        request: A document that this format `recognizes`.
        findings: Takes what is found.
        ids: Whether a span that is no call may hold an id at all.
    """
    for resource_spans in _batches(request, findings):
        try:
            resource = resource_of(resource_spans.get("resource") or {})
            scopes = next(filter(None, (objects(resource_spans, name) for name in _SCOPES)), [])
        except UNREADABLE as error:
            findings.bad(f"resourceSpans: {why(error)}")
            continue
        for scope_spans in scopes:
            _read_scope(scope_spans, resource, findings, ids=ids)


class _LastResource:
    """Remembers the last resource: most lines of a file tell the same one."""

    def __init__(self) -> None:
        self._part: Any = None
        self._resource = Resource({})

    def __call__(self, part: Any) -> Resource:
        """The resource that this part of a document tells. Raises what reading it raises."""
        if part != self._part:
            self._resource = Resource(attributes_of(part))
            self._part = part
        return self._resource


resource_of = _LastResource()


def _batches(request: dict[str, Any], findings: Findings) -> Iterator[Any]:
    for name in (_REQUEST, _BATCHES):
        if name in request:
            parts = request[name]
            if isinstance(parts, list):
                yield from parts
            elif parts is not None:
                findings.bad(f"{name} is not an array")
            return
    for name in _WRAPPERS:
        if isinstance(request.get(name), dict):
            yield from _batches(request[name], findings)
            return
    yield request


def _read_scope(scope_spans: Any, resource: Resource, findings: Findings, *, ids: bool) -> None:
    try:
        scope = scope_of(scope_spans)
        is_server = serves(scope.name)
        spans = objects(scope_spans, "spans")
    except UNREADABLE as error:
        findings.bad(f"scopeSpans: {why(error)}")
        return
    for span in spans:
        _read_span(span, resource, scope, findings, ids=ids, is_server=is_server)


def _read_span(  # noqa: PLR0913 - what a span lies in
    span: Any, resource: Resource, scope: InstrumentationScope, findings: Findings, *, ids: bool, is_server: bool
) -> None:
    try:
        kind = KINDS.get(span.get("kind"), _INTERNAL)
        if kind in findings.kinds or (is_server and kind is _INTERNAL and _has_attribute(span, _METHODS)):
            _read_call(span, kind, resource, scope, findings)
        else:
            _read_inner(span, kind, findings, ids=ids)
    except UNREADABLE as error:
        name = span.get("name") if isinstance(span, dict) else None
        findings.bad(why(error), f"span {name!r}" if name else "span")


def _has_attribute(span: dict[str, Any], names: frozenset[str]) -> bool:
    pairs = objects(span, "attributes")
    try:
        return not names.isdisjoint([pair["key"] for pair in pairs])
    except UNREADABLE:  # one of them is none
        return any(pair.get("key") in names for pair in pairs if isinstance(pair, dict))


def _read_inner(span: dict[str, Any], kind: SpanKind, findings: Findings, *, ids: bool) -> None:
    """A span that is no call: nothing is built of it."""
    trace_id, parent_id = span["traceId"], span.get("parentSpanId")
    key = trace_id + span["spanId"]
    # A remote parent is another service's, whose calls are not this span's caller.
    local = parent_id and parent_id not in NO_PARENT and not _flags(span) & PARENT_IS_REMOTE
    findings.inner(trace_id, key, trace_id + parent_id if local else None, passes=kind is _INTERNAL)
    if ids and _has_attribute(span, _IDS):
        tell_ids(findings, attributes_of(span), trace_id, key, span.get("endTimeUnixNano"))


def tell_ids(findings: Findings, attributes: dict[str, Any], trace_id: str, key: str, end: Any) -> None:
    """Tells the ids among the attributes of a span that is no call, and that ended then."""
    ids = {name: attributes[name] for name in CHILD_ID_ATTRIBUTES if name in attributes}
    if ids:
        findings.ids(trace_id, key, ids, whole(end or 0))


def _read_call(
    span: dict[str, Any], kind: SpanKind, resource: Resource, scope: InstrumentationScope, findings: Findings
) -> None:
    trace_id = span["traceId"]
    attributes = attributes_of(span)
    read = _span(span, kind, attributes, resource, scope)
    key = trace_id + span["spanId"]
    parent_id = span.get("parentSpanId")
    parent = trace_id + parent_id if parent_id and parent_id not in NO_PARENT else None
    if is_call(attributes):
        findings.call(Call(read, key, parent, trace_id))
        return
    findings.inner(trace_id, key, parent, passes=False)
    tell_ids(findings, attributes, trace_id, key, span.get("endTimeUnixNano"))


def _span(
    span: dict[str, Any],
    kind: SpanKind,
    attributes: dict[str, Any],
    resource: Resource,
    scope: InstrumentationScope,
) -> ReadableSpan:
    status = span.get("status")
    return json_span(
        (span.get("traceId"), span.get("spanId"), span.get("parentSpanId")),
        _flags(span),
        span.get("name"),
        span.get("traceState"),
        (span.get("startTimeUnixNano"), span.get("endTimeUnixNano")),
        status_of(status.get("code"), status.get("message")) if isinstance(status, dict) else NO_STATUS,
        kind,
        attributes,
        events_of(span),
        resource,
        scope,
    )


def scope_of(scope_spans: dict[str, Any]) -> InstrumentationScope:
    """What made these spans."""
    scope = scope_spans.get("scope") or scope_spans.get("instrumentationLibrary") or {}
    return InstrumentationScope(str(scope.get("name") or ""), scope.get("version"), scope_spans.get("schemaUrl"))


def events_of(span: dict[str, Any]) -> list[Event]:
    """The events of a span. Raises what reading them raises."""
    return [
        Event(str(event.get("name") or ""), attributes_of(event), whole(event.get("timeUnixNano") or 0))
        for event in objects(span, "events")
    ]


def _flags(span: dict[str, Any]) -> int:
    flags = span.get("flags")
    if type(flags) is int:
        return flags
    try:
        return whole(flags) if flags else 0
    except UNREADABLE:
        return 0
