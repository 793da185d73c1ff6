"""Jaeger's JSON: what its page downloads, its API answers, and the spans that it keeps in a store.

By the documented mapping to OpenTelemetry: https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from opentelemetry_exporter_moesif.mapping.span_reader import is_call
from opentelemetry_exporter_moesif.replay.call import Call, scope, service
from opentelemetry_exporter_moesif.replay.formats.otlp_json import tell_ids
from opentelemetry_exporter_moesif.replay.formats.otlp_values import UNREADABLE, NotOTLPError, whole, why
from opentelemetry_exporter_moesif.replay.formats.zipkin import NUMBERS, number_of

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Findings

LABEL = "Jaeger"

_KINDS = {kind.name.lower(): kind for kind in (SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER)}
_MICROSECOND = 1_000
_LARGEST_SPAN_ID = 2**64
_LARGEST_TRACE_ID = 2**128
_READ_TAGS: dict[Any, Callable[[Any], Any]] = {"int64": whole, "float64": float, "binary": base64.b64decode}


def recognizes(value: Any) -> bool:
    """Whether a decoded value is an answer of Jaeger's, one of its traces, or one of its spans."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("data"), list):
        return any(isinstance(trace, dict) and "traceID" in trace for trace in value["data"]) or not value["data"]
    return "traceID" in value and ("spans" in value or "spanID" in value)


def read(document: dict[str, Any], findings: Findings) -> None:
    """Tells the spans of a document that this format `recognizes`."""
    if isinstance(document.get("data"), list):
        for trace in document["data"]:
            _read_trace(trace, findings)
    elif "spanID" in document:
        _read_span(document, {}, findings)
    else:
        _read_trace(document, findings)


def _read_trace(trace: Any, findings: Findings) -> None:
    spans, processes = (trace.get("spans"), trace.get("processes")) if isinstance(trace, dict) else (None, None)
    if not isinstance(spans, list):
        findings.bad("a trace of Jaeger's without spans")
        return
    for span in spans:
        _read_span(span, processes if isinstance(processes, dict) else {}, findings)


def _read_span(span: Any, processes: dict[str, Any], findings: Findings) -> None:
    try:
        _read(span, processes, findings)
    except UNREADABLE as error:
        name = span.get("operationName") if isinstance(span, dict) else None
        findings.bad(why(error), f"span {name!r}" if name else "span")


def _read(span: dict[str, Any], processes: dict[str, Any], findings: Findings) -> None:
    tags = _tags(span.get("tags"))
    kind = _KINDS.get(str(tags.pop("span.kind", "")).lower(), SpanKind.INTERNAL)
    trace = span["traceID"]
    parent_id = _parent_id(span)
    key, parent = trace + span["spanID"], trace + parent_id if parent_id else None
    start = whole(span.get("startTime") or 0) * _MICROSECOND
    if start <= 0:
        message = "startTime is missing"
        raise NotOTLPError(message)
    end = start + max(whole(span.get("duration") or 0), 0) * _MICROSECOND
    if kind in findings.kinds:
        process = span.get("process") or processes.get(str(span.get("processID"))) or {}
        call = Call(_span(span, kind, tags, process, parent_id, (start, end)), key, parent, trace)
        if is_call(call.span.attributes or {}):
            findings.call(call)
            return
    findings.inner(trace, key, parent, passes=kind is SpanKind.INTERNAL)
    tell_ids(findings, tags, trace, key, end)


def _parent_id(span: dict[str, Any]) -> str | None:
    for reference in span.get("references") or ():
        if reference.get("refType") == "CHILD_OF" and reference.get("traceID", span["traceID"]) == span["traceID"]:
            return str(reference["spanID"])
    parent = span.get("parentSpanID")
    return parent if isinstance(parent, str) and parent.strip("0") else None


def _tags(tags: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for tag in tags or ():
        with contextlib.suppress(*UNREADABLE):  # it costs itself
            attributes[str(tag["key"])] = _READ_TAGS.get(tag.get("type"), _itself)(tag["value"])
    for name in NUMBERS:
        value = attributes.get(name)
        if isinstance(value, str) and value.isdecimal():
            attributes[name] = int(value)
    return attributes


def _itself(value: Any) -> Any:
    return value


def _span(  # noqa: PLR0913, PLR0917 - one argument a source
    span: dict[str, Any],
    kind: SpanKind,
    tags: dict[str, Any],
    process: dict[str, Any],
    parent_id: str | None,
    times: tuple[int, int],
) -> ReadableSpan:
    trace_id = number_of(span["traceID"], _LARGEST_TRACE_ID, "traceID")
    context = SpanContext(trace_id, number_of(span["spanID"], _LARGEST_SPAN_ID, "spanID"), is_remote=False)
    parent = None
    if parent_id:
        parent = SpanContext(trace_id, number_of(parent_id, _LARGEST_SPAN_ID, "parent's spanID"), is_remote=False)
    failed = tags.pop("error", False) in (True, "true") or tags.pop("otel.status_code", "") == "ERROR"
    address = tags.get("peer.ipv4") or tags.get("peer.ipv6")
    if isinstance(address, str):  # OpenTracing's
        tags.setdefault("network.peer.address", address)
    name = tags.pop("otel.scope.name", None) or tags.pop("otel.library.name", "")
    return ReadableSpan(
        name=str(span.get("operationName") or ""),
        context=context,
        parent=parent,
        resource=service(str(process.get("serviceName") or "")),
        attributes=tags,
        events=[_event(log) for log in span.get("logs") or ()],
        kind=kind,
        instrumentation_scope=scope(str(name)),
        status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
        start_time=times[0],
        end_time=times[1],
    )


def _event(log: dict[str, Any]) -> Event:
    fields = _tags(log.get("fields"))
    return Event(str(fields.pop("event", "")), fields, whole(log.get("timestamp") or 0) * _MICROSECOND)
