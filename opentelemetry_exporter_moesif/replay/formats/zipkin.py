"""Zipkin v2 spans, by OpenTelemetry's documented mapping between the two.

https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/, read backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from opentelemetry_exporter_moesif.mapping.span_reader import is_call
from opentelemetry_exporter_moesif.replay.call import Call, scope, service
from opentelemetry_exporter_moesif.replay.formats.otlp_json import tell_ids
from opentelemetry_exporter_moesif.replay.formats.otlp_values import UNREADABLE, NotOTLPError, whole, why

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Findings

LABEL = "Zipkin v2"

_KINDS = {kind.name: kind for kind in (SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER)}
_MICROSECOND = 1_000
_HEXADECIMAL = 16
_LARGEST_SPAN_ID = 2**64
_LARGEST_TRACE_ID = 2**128
NUMBERS = ("http.status_code", "http.response.status_code", "http.request.size", "http.response.size")


def recognizes(value: Any) -> bool:
    """Whether a decoded value is a span of Zipkin's."""
    return isinstance(value, dict) and "traceId" in value and "id" in value and "spanId" not in value


def read(span: dict[str, Any], findings: Findings) -> None:
    """Tells a span that this format `recognizes`."""
    try:
        _read(span, findings)
    except UNREADABLE as error:
        findings.bad(why(error), f"span {span.get('name')!r}")


def _read(span: dict[str, Any], findings: Findings) -> None:
    kind = _KINDS.get(str(span.get("kind") or "").upper(), SpanKind.INTERNAL)
    trace, key, parent = span["traceId"], *_keys(span, kind)
    attributes = _attributes(span)
    start, end = _times(span)
    if kind in findings.kinds:
        call = Call(_span(span, kind, attributes, start, end), key, parent, trace)
        if is_call(call.span.attributes or {}):
            findings.call(call)
            return
    findings.inner(trace, key, parent, passes=kind is SpanKind.INTERNAL)
    tell_ids(findings, attributes, trace, key, end)


def _keys(span: dict[str, Any], kind: SpanKind) -> tuple[str, str | None]:
    """A span's key and its parent's. A server may share the id of its client's span, which then lies between."""
    trace, own, parent = span["traceId"], span["id"], span.get("parentId")
    if kind is SpanKind.CLIENT:
        return f"{trace}client{own}", trace + parent if parent else None
    if kind is SpanKind.SERVER and span.get("shared"):
        return trace + own, f"{trace}client{own}"
    return trace + own, trace + parent if parent else None


def _attributes(span: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        name: value for name, value in (span.get("tags") or {}).items() if isinstance(value, str)
    }
    for name in NUMBERS:  # Zipkin's tags are text
        if attributes.get(name, "").isdecimal():
            attributes[name] = int(attributes[name])
    if "http.path" in attributes and not {"http.url", "http.target", "url.full"} & attributes.keys():
        attributes["http.target"] = attributes["http.path"]
    attributes.pop("http.path", None)
    remote = span.get("remoteEndpoint")
    if isinstance(remote, dict):
        address = remote.get("ipv4") or remote.get("ipv6")
        if isinstance(address, str):
            attributes.setdefault("network.peer.address", address)
    return attributes


def _times(span: dict[str, Any]) -> tuple[int, int]:
    start = whole(span.get("timestamp") or 0) * _MICROSECOND
    if start <= 0:
        message = "timestamp is missing"
        raise NotOTLPError(message)
    return start, start + max(whole(span.get("duration") or 0), 0) * _MICROSECOND


def _span(span: dict[str, Any], kind: SpanKind, attributes: dict[str, Any], start: int, end: int) -> ReadableSpan:
    trace_id = number_of(span["traceId"], _LARGEST_TRACE_ID, "traceId")
    parent = span.get("parentId")
    endpoint = span.get("localEndpoint") or {}
    error = attributes.pop("error", None)
    return ReadableSpan(
        name=str(span.get("name") or ""),
        context=SpanContext(trace_id, number_of(span["id"], _LARGEST_SPAN_ID, "id"), is_remote=False),
        parent=SpanContext(trace_id, number_of(parent, _LARGEST_SPAN_ID, "parentId"), is_remote=False)
        if parent
        else None,
        resource=service(str(endpoint.get("serviceName") or "")),
        attributes=attributes,
        kind=kind,
        instrumentation_scope=scope(str(attributes.pop("otel.scope.name", ""))),
        status=Status(StatusCode.UNSET if error is None else StatusCode.ERROR),
        start_time=start,
        end_time=end,
    )


def number_of(text: str, beyond: int, name: str) -> int:
    """An id written in hexadecimal, with leading zeros or without. Raises `NotOTLPError`."""
    try:
        number = int(text, _HEXADECIMAL)
    except ValueError:
        number = 0
    if not 0 < number < beyond:
        message = f"{name} is not of hexadecimal digits, or all zero"
        raise NotOTLPError(message)
    return number
