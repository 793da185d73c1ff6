"""OTLP protobuf: a raw ExportTraceServiceRequest (or TracesData, which is the same bytes), or one of logs.

The Collector's file exporter writes one after the other with `format: proto`, each behind its length.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no stubs are needed for one name
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceState

from opentelemetry_exporter_moesif.mapping.dialects import serves
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.span_reader import is_call
from opentelemetry_exporter_moesif.replay.call import Call
from opentelemetry_exporter_moesif.replay.formats.otlp_logs import LogRecord, read_record
from opentelemetry_exporter_moesif.replay.formats.otlp_spans import (
    KINDS,
    PARENT_IS_REMOTE,
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    status_of,
    trace_flags,
)

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Findings
    from opentelemetry_exporter_moesif.replay.formats.otlp_logs import LineReader

LABEL = "OTLP protobuf"


def read(message: bytes, findings: Findings, read_line: LineReader) -> None:
    """Tells the spans of a message, or the calls among its log records.

    Args:
        message: The whole of it.
        findings: Takes what is found.
        read_line: Reads a log's own line, where a log record holds one.
    """
    traces = _parsed(TracesData, message)
    if traces is not None and _are_spans(traces):
        _read_spans(traces, findings)
        return
    logs = _parsed(LogsData, message)
    if logs is not None and logs.resource_logs and _are_records(logs):
        _read_records(logs, findings, read_line)
    elif traces is not None and traces.resource_spans:
        findings.other_signal()
    else:
        findings.bad("neither OTLP traces nor logs in protobuf")


def _parsed(kind: type[Any], message: bytes) -> Any:
    try:
        return kind.FromString(message)
    except DecodeError:
        return None


def _are_spans(traces: Any) -> bool:
    """Whether it was one of traces: all of OTLP's requests have their parts under the same numbers."""
    spans = (span for part in traces.resource_spans for scope in part.scope_spans for span in scope.spans)
    return any(len(span.trace_id) == TRACE_ID_BYTES and len(span.span_id) == SPAN_ID_BYTES for span in spans)


def _are_records(logs: Any) -> bool:
    records = (record for part in logs.resource_logs for scope in part.scope_logs for record in scope.log_records)
    return any(record.time_unix_nano or record.observed_time_unix_nano for record in records)


def _read_records(logs: Any, findings: Findings, read_line: LineReader) -> None:
    for part in logs.resource_logs:
        resource = _pairs(part.resource.attributes)
        for scope_logs in part.scope_logs:
            for record in scope_logs.log_records:
                log = LogRecord(
                    resource,
                    scope_logs.scope.name,
                    _pairs(record.attributes),
                    _value(record.body),
                    record.time_unix_nano or record.observed_time_unix_nano,
                    int.from_bytes(record.trace_id, "big") if len(record.trace_id) == TRACE_ID_BYTES else 0,
                    int.from_bytes(record.span_id, "big") if len(record.span_id) == SPAN_ID_BYTES else 0,
                )
                read_record(log, findings, read_line)


def _read_spans(traces: Any, findings: Findings) -> None:
    for part in traces.resource_spans:
        resource = Resource(_pairs(part.resource.attributes))
        for scope_spans in part.scope_spans:
            message = scope_spans.scope
            is_server = serves(message.name)
            scope = InstrumentationScope(message.name, message.version or None, scope_spans.schema_url or None)
            for span in scope_spans.spans:
                _read_span(span, resource, scope, findings, is_server=is_server)


def _read_span(
    span: Any, resource: Resource, scope: InstrumentationScope, findings: Findings, *, is_server: bool
) -> None:
    kind = KINDS.get(span.kind, SpanKind.INTERNAL)
    trace_id, parent_id = span.trace_id, span.parent_span_id
    key = trace_id + span.span_id
    has_parent = len(parent_id) == SPAN_ID_BYTES and any(parent_id)
    parent = trace_id + parent_id if has_parent else None
    # One that was made INTERNAL may be of a call all the same.
    may_be_call = kind in findings.kinds or (is_server and kind is SpanKind.INTERNAL and _has_method(span))
    if may_be_call:
        problem = _problem(span)
        if problem:
            findings.bad(problem, f"span {span.name!r}")
            return
        call = Call(_span(span, kind, resource, scope, has_parent=has_parent), key, parent, trace_id)
        if is_call(call.span.attributes or {}):
            findings.call(call)
            return
    is_local = kind not in findings.kinds and not span.flags & PARENT_IS_REMOTE
    findings.inner(trace_id, key, parent if is_local else None, passes=kind is SpanKind.INTERNAL)
    ids = {pair.key: _value(pair.value) for pair in span.attributes if pair.key in CHILD_ID_ATTRIBUTES}
    if ids:
        findings.ids(trace_id, key, ids, span.end_time_unix_nano)


def _has_method(span: Any) -> bool:
    return any(pair.key in {"http.request.method", "http.method"} for pair in span.attributes)


def _problem(span: Any) -> str | None:
    if len(span.trace_id) != TRACE_ID_BYTES or not any(span.trace_id):
        return "traceId is not 16 bytes, or all zero"
    if len(span.span_id) != SPAN_ID_BYTES or not any(span.span_id):
        return "spanId is not 8 bytes, or all zero"
    return None if span.start_time_unix_nano or span.end_time_unix_nano else "startTimeUnixNano is missing"


def _span(
    span: Any, kind: SpanKind, resource: Resource, scope: InstrumentationScope, *, has_parent: bool
) -> ReadableSpan:
    flags = trace_flags(span.flags)
    trace_id = int.from_bytes(span.trace_id, "big")
    state = TraceState.from_header([span.trace_state]) if span.trace_state else None
    parent = None
    if has_parent:
        is_remote = bool(span.flags & PARENT_IS_REMOTE)
        parent = SpanContext(trace_id, int.from_bytes(span.parent_span_id, "big"), is_remote, flags)
    return ReadableSpan(
        name=span.name,
        context=SpanContext(
            trace_id, int.from_bytes(span.span_id, "big"), is_remote=False, trace_flags=flags, trace_state=state
        ),
        parent=parent,
        resource=resource,
        attributes=_pairs(span.attributes),
        events=[Event(event.name, _pairs(event.attributes), event.time_unix_nano) for event in span.events],
        kind=kind,
        instrumentation_scope=scope,
        status=status_of(span.status.code, span.status.message),
        start_time=span.start_time_unix_nano or span.end_time_unix_nano,
        end_time=span.end_time_unix_nano or span.start_time_unix_nano,
    )


def _pairs(pairs: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs if pair.key}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(map(_value, value.array_value.values))
    if kind == "kvlist_value":
        return _pairs(value.kvlist_value.values)
    return None if kind is None else getattr(value, kind)
