"""OTLP JSON to spans of the OpenTelemetry SDK, of whatever language's SDK they came from.

The encoding is that of the OTLP specification, *JSON Protobuf Encoding*: ids in hexadecimal, enumerations as integers,
64-bit integers as text or numbers, bytes in base64, absent fields at their defaults. Names of enumeration values
(protobuf's own JSON) are taken as well.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUEST_KEY = "resourceSpans"
OTHER_SIGNALS = ("resourceMetrics", "resourceLogs", "resourceProfiles")

_KINDS: dict[Any, SpanKind] = {
    2: SpanKind.SERVER,
    3: SpanKind.CLIENT,
    4: SpanKind.PRODUCER,
    5: SpanKind.CONSUMER,
}
_KINDS |= {f"SPAN_KIND_{kind.name}": kind for kind in _KINDS.values()}
_STATUS_CODES: dict[Any, StatusCode] = {1: StatusCode.OK, 2: StatusCode.ERROR}
_STATUS_CODES |= {f"STATUS_CODE_{code.name}": code for code in _STATUS_CODES.values()}

# SpanFlags of opentelemetry/proto/trace/v1/trace.proto.
_TRACE_FLAGS = 0xFF
_PARENT_IS_REMOTE = 0x200

_TRACE_ID_DIGITS = 32
_SPAN_ID_DIGITS = 16


# What reading a document raises that is shaped in another way, or has an infinite number in it.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class NotOTLPError(ValueError):
    """A document that is not OTLP JSON; its text says where."""


def spans_of(request: dict[str, Any]) -> Iterator[ReadableSpan | NotOTLPError]:
    """The spans of an ExportTraceServiceRequest in order; in the place of one that cannot be read, why.

    Args:
        request: the decoded JSON of one line.
    """
    parts = request[REQUEST_KEY]
    if not isinstance(parts, list):
        yield NotOTLPError(f"{REQUEST_KEY} is not an array")
        return
    for resource_spans in parts:
        try:
            resource = Resource(_attributes(resource_spans.get("resource") or {}))
            # scopeSpans was called instrumentationLibrarySpans before OTLP 0.15.
            scopes = _list(resource_spans, "scopeSpans") or _list(resource_spans, "instrumentationLibrarySpans")
        except _UNREADABLE as error:
            yield NotOTLPError(f"resourceSpans: {_reason(error)}")
            continue
        for scope_spans in scopes:
            yield from _spans_of_scope(scope_spans, resource)


def _spans_of_scope(scope_spans: Any, resource: Resource) -> Iterator[ReadableSpan | NotOTLPError]:
    try:
        scope = _scope(scope_spans)
        spans = _list(scope_spans, "spans")
    except _UNREADABLE as error:
        yield NotOTLPError(f"scopeSpans: {_reason(error)}")
        return
    for span in spans:
        yield _span_or_error(span, resource, scope)


def _span_or_error(span: Any, resource: Resource, scope: InstrumentationScope) -> ReadableSpan | NotOTLPError:
    try:
        return _span(span, resource, scope)
    except _UNREADABLE as error:
        name = span.get("name") if isinstance(span, dict) else None
        return NotOTLPError(f"span {name!r}: {_reason(error)}" if name else f"span: {_reason(error)}")


def _span(span: dict[str, Any], resource: Resource, scope: InstrumentationScope) -> ReadableSpan:
    flags = int(span.get("flags") or 0)
    trace_id = _id(span, "traceId", _TRACE_ID_DIGITS)
    state = TraceState.from_header([span["traceState"]]) if span.get("traceState") else None
    context = SpanContext(
        trace_id,
        _id(span, "spanId", _SPAN_ID_DIGITS),
        is_remote=False,
        trace_flags=TraceFlags(flags & _TRACE_FLAGS),
        trace_state=state,
    )
    status = span.get("status") or {}
    code = _STATUS_CODES.get(status.get("code"), StatusCode.UNSET)
    return ReadableSpan(
        name=str(span.get("name") or ""),
        context=context,
        parent=_parent(span, trace_id, flags),
        resource=resource,
        attributes=_attributes(span),
        events=[_event(event) for event in _list(span, "events")],
        kind=_KINDS.get(span.get("kind"), SpanKind.INTERNAL),
        instrumentation_scope=scope,
        # The SDK logs a warning where a status that is no error has a description.
        status=Status(code, status.get("message") if code is StatusCode.ERROR else None),
        start_time=_nanoseconds(span, "startTimeUnixNano"),
        end_time=_nanoseconds(span, "endTimeUnixNano"),
    )


def _parent(span: dict[str, Any], trace_id: int, flags: int) -> SpanContext | None:
    if not span.get("parentSpanId"):
        return None
    return SpanContext(
        trace_id,
        _id(span, "parentSpanId", _SPAN_ID_DIGITS),
        is_remote=bool(flags & _PARENT_IS_REMOTE),
        trace_flags=TraceFlags(flags & _TRACE_FLAGS),
    )


def _scope(scope_spans: dict[str, Any]) -> InstrumentationScope:
    scope = scope_spans.get("scope") or scope_spans.get("instrumentationLibrary") or {}
    return InstrumentationScope(str(scope.get("name") or ""), scope.get("version"), scope_spans.get("schemaUrl"))


def _event(event: dict[str, Any]) -> Event:
    return Event(str(event.get("name") or ""), _attributes(event), int(event.get("timeUnixNano") or 0))


def _id(span: dict[str, Any], key: str, digits: int) -> int:
    text = span[key]
    if not isinstance(text, str) or len(text) != digits:
        message = f"{key} is not {digits} hexadecimal digits"
        raise NotOTLPError(message)
    try:
        value = int(text, 16)
    except ValueError:
        value = 0
    if not value:
        message = f"{key} is not {digits} hexadecimal digits, or all zero"
        raise NotOTLPError(message)
    return value


def _nanoseconds(span: dict[str, Any], key: str) -> int:
    value = int(span.get(key) or 0)
    if value <= 0:
        message = f"{key} is missing"
        raise NotOTLPError(message)
    return value


def _list(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key) or []
    if not isinstance(value, list):
        message = f"{key} is not an array"
        raise NotOTLPError(message)
    return value


def _attributes(parent: dict[str, Any]) -> dict[str, Any]:
    return _pairs(_list(parent, "attributes"))


def _pairs(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    # A key that is missing is an empty one, which protobuf's JSON leaves out, and no attribute to OpenTelemetry.
    return {pair["key"]: _value(pair.get("value") or {}) for pair in pairs if pair.get("key")}


def _array(array: dict[str, Any]) -> tuple[Any, ...]:
    # A tuple, as the SDK itself keeps sequences.
    return tuple(_value(item) for item in _list(array, "values"))


_VALUES: dict[str, Callable[[Any], Any]] = {
    "stringValue": str,
    "intValue": int,
    "doubleValue": float,
    "boolValue": bool,
    "bytesValue": base64.b64decode,
    "arrayValue": _array,
    "kvlistValue": lambda pairs: _pairs(_list(pairs, "values")),
}


def _value(value: dict[str, Any]) -> Any:
    """An AnyValue; None for an empty one, which OTLP has for "no value"."""
    for kind, given in value.items():
        reader = _VALUES.get(kind)
        if reader is not None and given is not None:
            return reader(given)
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, NotOTLPError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return "a value is not of its kind"
