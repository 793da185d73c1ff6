"""OTLP logs that are access logs: Traefik's and Envoy's own, or lines that the Collector read from a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from opentelemetry_exporter_moesif.mapping.span_reader import is_call
from opentelemetry_exporter_moesif.replay.call import Call, scope
from opentelemetry_exporter_moesif.replay.formats import access_fields
from opentelemetry_exporter_moesif.replay.formats.otlp_values import (
    UNREADABLE,
    any_value,
    attributes_of,
    id_number,
    objects,
    whole,
    why,
)
from opentelemetry_exporter_moesif.replay.moments import duration

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Findings

LABEL = "OTLP logs"

# A line of a log file and when it was written, and whether it was a call's.
LineReader = Callable[[str, Any], bool]

_TRACE_ID_BYTES = 16
_SPAN_ID_BYTES = 8
_SECOND = 1_000_000_000
# How long a call took, and the nanoseconds of its unit. `http.server.request.duration` is the conventions' metric.
_DURATIONS = {"http.server.request.duration": _SECOND, "http.server.duration": 1_000_000}


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record, whichever of OTLP's encodings it came in.

    Args:
        resource: The attributes of its resource.
        scope: The name of its scope.
        attributes: Its own.
        body: Its body.
        time: When it happened, or else when it was seen, in nanoseconds since the epoch; 0 where it tells neither.
        trace_id: Its trace's id, or 0.
        span_id: Its span's, or 0.
    """

    resource: Mapping[str, Any]
    scope: str
    attributes: dict[str, Any]
    body: Any
    time: int
    trace_id: int
    span_id: int


def recognizes(value: Any) -> bool:
    """Whether a decoded document holds OTLP logs."""
    return isinstance(value, dict) and "resourceLogs" in value


def read(request: dict[str, Any], findings: Findings, read_line: LineReader) -> None:
    """Tells the calls of an ExportLogsServiceRequest.

    Args:
        request: A document that this format `recognizes`.
        findings: Takes what is found.
        read_line: Reads a log's own line, where a log record holds one.
    """
    try:
        parts = objects(request, "resourceLogs")
        if not parts:
            findings.other_signal()
        for part in parts:
            resource = attributes_of(part.get("resource") or {})
            for scope_logs in objects(part, "scopeLogs"):
                name = str((scope_logs.get("scope") or {}).get("name") or "")
                for record in objects(scope_logs, "logRecords"):
                    _read_record(record, resource, name, findings, read_line)
    except UNREADABLE as error:
        findings.bad(f"resourceLogs: {why(error)}")


def _read_record(
    record: dict[str, Any], resource: Mapping[str, Any], scope_name: str, findings: Findings, read_line: LineReader
) -> None:
    try:
        log = LogRecord(
            resource,
            scope_name,
            attributes_of(record),
            any_value(record.get("body") or {}),
            whole(record.get("timeUnixNano") or 0) or whole(record.get("observedTimeUnixNano") or 0),
            id_number(record.get("traceId"), _TRACE_ID_BYTES),
            id_number(record.get("spanId"), _SPAN_ID_BYTES),
        )
    except UNREADABLE as error:
        findings.bad(why(error), "log record")
        return
    read_record(log, findings, read_line)


def read_record(log: LogRecord, findings: Findings, read_line: LineReader) -> None:
    """Tells the call of a log record; one that is of no call is another signal.

    Args:
        log: The record.
        findings: Takes what is found.
        read_line: Reads a log's own line, where the record holds one.
    """
    call = _conventional_call(log) or _product_call(log)
    if call is not None:
        findings.call(call)
    elif not (isinstance(log.body, str) and read_line(log.body, log.time)):
        findings.other_signal()


def _conventional_call(log: LogRecord) -> Call | None:
    """A call in the words of the semantic conventions."""
    if not log.time:
        return None
    took = next((taken for name, unit in _DURATIONS.items() if (taken := duration(log.attributes.get(name), unit))), 0)
    span = _span(log, log.attributes, log.time - took, log.time)
    return Call(span, content=_content(log)) if is_call(span.attributes or {}) else None


def _product_call(log: LogRecord) -> Call | None:
    """A call in the words of a proxy's JSON log."""
    for fields in (log.attributes, log.body):
        if isinstance(fields, Mapping):
            entry = access_fields.entry(fields, recorded=log.time)
            if entry is not None:
                return Call(_span(log, entry.attributes, entry.start, entry.end), content=_content(log))
    return None


def _span(log: LogRecord, attributes: dict[str, Any], start: int, end: int) -> ReadableSpan:
    """Where the record knows its span, its event has that span's id: a call both traced and logged counts once."""
    known = log.trace_id and log.span_id
    return ReadableSpan(
        name="",
        context=SpanContext(log.trace_id, log.span_id, is_remote=False) if known else None,
        resource=Resource(dict(log.resource)),
        attributes=attributes,
        kind=SpanKind.SERVER,
        instrumentation_scope=scope(log.scope),
        start_time=start,
        end_time=end,
    )


def _content(log: LogRecord) -> bytes:
    if log.trace_id and log.span_id:
        return b""
    return json.dumps([log.time, log.attributes, log.body], sort_keys=True, default=repr).encode()
