"""Spans as JSON lines, from which the same `ReadableSpan` can be built again.

The form is that of a span in OpenTelemetry's own words, one object a line, with the fields that are alike in all
spans of a file (resource, trace flags) written once, in its first line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from support.calls import Exchange
from support.combinations import Combination

CORPUS = Path(__file__).parents[1] / "spans"


def span_to_json(span: ReadableSpan) -> dict[str, Any]:
    """Returns: the span as JSON keeps it; what is empty is left out."""
    context, parent, scope = span.get_span_context(), span.parent, span.instrumentation_scope
    fields = {
        "name": span.name,
        "kind": span.kind.name,
        "scope": scope and [scope.name, scope.version],
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_id": parent and f"{parent.span_id:016x}",
        "remote_parent": bool(parent and parent.is_remote),
        "tracestate": context.trace_state.to_header(),
        "status": [span.status.status_code.name, span.status.description],
        "start": span.start_time,
        "end": span.end_time,
        "attributes": dict(span.attributes or {}),
        "events": [[event.name, event.timestamp, dict(event.attributes or {})] for event in span.events],
        "links": [[f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}"] for link in span.links],
    }
    if fields["status"] == ["UNSET", None]:
        del fields["status"]
    return {name: value for name, value in fields.items() if value not in (None, False, "", [], {})}


def span_from_json(fields: Mapping[str, Any], resource: Resource) -> ReadableSpan:
    """Returns: the span that `span_to_json` kept, as an exporter would be given it."""
    trace_id = int(fields["trace_id"], 16)
    state = TraceState.from_header([fields["tracestate"]]) if "tracestate" in fields else TraceState()
    parent = None
    if "parent_id" in fields:
        parent = _context(trace_id, fields["parent_id"], state, is_remote=fields.get("remote_parent", False))
    code, description = fields.get("status", ("UNSET", None))
    return ReadableSpan(
        name=fields["name"],
        context=_context(trace_id, fields["span_id"], state, is_remote=False),
        parent=parent,
        resource=resource,
        attributes=_with_tuples(fields.get("attributes", {})),
        events=[Event(name, _with_tuples(attributes), time) for name, time, attributes in fields.get("events", [])],
        links=[Link(_context(int(t, 16), s, TraceState(), is_remote=True)) for t, s in fields.get("links", [])],
        kind=SpanKind[fields["kind"]],
        status=Status(StatusCode[code], description),
        start_time=fields["start"],
        end_time=fields["end"],
        instrumentation_scope=InstrumentationScope(*fields["scope"]) if "scope" in fields else None,
    )


def _context(trace_id: int, span_id: str, state: TraceState, *, is_remote: bool) -> SpanContext:
    return SpanContext(trace_id, int(span_id, 16), is_remote, TraceFlags(TraceFlags.SAMPLED), state)


def _with_tuples(attributes: Mapping[str, Any]) -> dict[str, Any]:
    # The SDK keeps sequences as tuples; JSON has lists only.
    return {name: tuple(value) if isinstance(value, list) else value for name, value in attributes.items()}


@dataclass(frozen=True)
class Recording:
    """One file of the corpus.

    Attributes:
        resource: The service's resource.
        exchanges: What was sent and answered, in order.
        spans: Every span of the service, of all kinds, in the order in which they ended.
    """

    resource: Resource
    exchanges: Sequence[Exchange]
    spans: Sequence[ReadableSpan]


def write_recording(
    path: Path, resource: Mapping[str, Any], exchanges: Iterable[Exchange], spans: Iterable[Any]
) -> None:
    """Writes a file of the corpus: the resource, then the exchanges, then the spans (as `span_to_json` has them)."""
    lines = [{"resource": dict(resource)}, *({"exchange": exchange.to_json()} for exchange in exchanges), *spans]
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), encoding="utf-8")


@cache
def recording_of(combination: Combination) -> Recording:
    """Returns: the combination's file of the corpus."""
    path = CORPUS / f"{combination.name}.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    resource = Resource(lines.pop(0)["resource"])
    exchanges = [Exchange.from_json(line["exchange"]) for line in lines if "exchange" in line]
    spans = [span_from_json(line, resource) for line in lines if "exchange" not in line]
    return Recording(resource, exchanges, spans)


def server_spans(recording: Recording) -> dict[str, ReadableSpan]:
    """Returns: the spans of the calls, by the trace that the caller named; "" for the call that named none."""
    spans = [span for span in recording.spans if span.kind is SpanKind.SERVER]
    return {f"{span.context.trace_id:032x}" if span.parent else "": span for span in spans}
