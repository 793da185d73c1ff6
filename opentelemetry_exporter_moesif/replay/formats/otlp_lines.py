"""OTLP JSON as nearly every line of it is written, read by types: half of the work of decoding all that stands in it.

msgspec decodes into what `otlp_declared` has and steps over everything else: of a span that is no call no attribute is
ever built. What is not as it is declared, however right it may be, is read by `otlp_json`: a whole line, or the
attributes of one span. So this room knows what is usual, and no rule of its own.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.mapping.dialects import serves
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES, is_call
from opentelemetry_exporter_moesif.remembered import Answers
from opentelemetry_exporter_moesif.replay.call import Call
from opentelemetry_exporter_moesif.replay.formats.otlp_declared import attributes_in, request_of
from opentelemetry_exporter_moesif.replay.formats.otlp_json import events_of, resource_of, scope_of, tell_ids
from opentelemetry_exporter_moesif.replay.formats.otlp_spans import (
    KINDS,
    NO_PARENT,
    NO_STATUS,
    PARENT_IS_REMOTE,
    json_span,
    status_of,
)
from opentelemetry_exporter_moesif.replay.formats.otlp_values import UNREADABLE, attributes_of, why

if TYPE_CHECKING:
    import msgspec
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Status

    from opentelemetry_exporter_moesif.replay.call import Findings
    from opentelemetry_exporter_moesif.replay.formats.otlp_declared import ResourceSpans, ScopeSpans, Span

_begins = re.compile(rb'\s*\{\s*"resourceSpans"\s*:').match
_EMPTY = (b"", b"[]", b"{}", b"null")
_INTERNAL = SpanKind.INTERNAL
# How the names of ids and of methods end, and what may hide any name.
_ID_ENDINGS = tuple({b'.%s"' % name.rpartition(".")[2].encode() for name in CHILD_ID_ATTRIBUTES})
_METHOD_ENDINGS = tuple({b'.%s"' % name.rpartition(".")[2].encode() for name in METHOD_ATTRIBUTES})
_ESCAPE = b"\\u00"
_METHODS = frozenset(METHOD_ATTRIBUTES)
_MOST_SCOPES = 1_000


class OTLPLines:
    """Reads the usual lines.

    Args:
        findings: Takes what is found.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._kinds = findings.kinds
        # Most lines of a file tell the same ones.
        self._resource: tuple[bytes, Resource] | None = None
        self._scopes = Answers(_scope_told, most=_MOST_SCOPES)

    def read(self, line: bytes) -> bool:
        """Tells the spans of a line. Returns False, and has told nothing, where it is not a usual one."""
        if not _begins(line):
            return False
        try:
            parts = request_of(line).resource_spans
            if not all(part.scope_spans for part in parts):
                return False  # they may stand under an older name
            scopes = [
                (self._resource_of(part), *self._scope_of(scope_spans), scope_spans.spans)
                for part in parts
                for scope_spans in part.scope_spans
            ]
        except UNREADABLE:  # msgspec's errors are ValueErrors
            return False
        for resource, scope, is_server, spans in scopes:
            for span in spans:
                self._read_span(span, resource, scope, is_server=is_server)
        return True

    def _resource_of(self, part: ResourceSpans) -> Resource:
        raw = bytes(part.resource)
        if self._resource is None or self._resource[0] != raw:
            self._resource = raw, resource_of(_anything(raw) or {})
        return self._resource[1]

    def _scope_of(self, spans: ScopeSpans) -> tuple[InstrumentationScope, bool]:
        """The scope of spans, and whether it is one that serves HTTP."""
        return self._scopes[bytes(spans.scope), bytes(spans.instrumentation_library), spans.schema_url]

    def _read_span(self, span: Span, resource: Resource, scope: InstrumentationScope, *, is_server: bool) -> None:
        try:
            kind = KINDS.get(span.kind, _INTERNAL)
            if kind in self._kinds:
                self._read_call(span, kind, _attributes(span.attributes), resource, scope)
            elif is_server and kind is _INTERNAL and _has(_METHOD_ENDINGS, bytes(span.attributes)):
                attributes = _attributes(span.attributes)
                if _METHODS.isdisjoint(attributes):
                    self._read_inner(span, kind)
                else:
                    self._read_call(span, kind, attributes, resource, scope)
            else:
                self._read_inner(span, kind)
        except UNREADABLE as error:
            self._findings.bad(why(error), f"span {span.name!r}" if span.name else "span")

    def _read_inner(self, span: Span, kind: SpanKind) -> None:
        """A span that is no call: nothing is built of it."""
        trace_id, parent_id = span.trace_id, span.parent_span_id
        key = trace_id + span.span_id
        # A remote parent is another service's, whose calls are not this span's caller.
        local = parent_id not in NO_PARENT and not span.flags & PARENT_IS_REMOTE
        self._findings.inner(trace_id, key, trace_id + parent_id if local else None, passes=kind is _INTERNAL)
        if _has(_ID_ENDINGS, bytes(span.attributes)):
            tell_ids(self._findings, _attributes(span.attributes), trace_id, key, span.end_time_unix_nano)

    def _read_call(
        self,
        span: Span,
        kind: SpanKind,
        attributes: dict[str, Any],
        resource: Resource,
        scope: InstrumentationScope,
    ) -> None:
        trace_id, parent_id = span.trace_id, span.parent_span_id
        read = json_span(
            (trace_id, span.span_id, parent_id),
            span.flags,
            span.name,
            span.trace_state,
            (span.start_time_unix_nano, span.end_time_unix_nano),
            _status(bytes(span.status)),
            kind,
            attributes,
            _events(bytes(span.events)),
            resource,
            scope,
        )
        key = trace_id + span.span_id
        parent = None if parent_id in NO_PARENT else trace_id + parent_id
        if is_call(attributes):
            self._findings.call(Call(read, key, parent, trace_id))
            return
        self._findings.inner(trace_id, key, parent, passes=False)
        tell_ids(self._findings, attributes, trace_id, key, span.end_time_unix_nano)


def _scope_told(raw: tuple[bytes, bytes, str | None]) -> tuple[InstrumentationScope, bool]:
    scope = scope_of({"scope": _anything(raw[0]), "instrumentationLibrary": _anything(raw[1]), "schemaUrl": raw[2]})
    return scope, serves(scope.name)


def _has(endings: tuple[bytes, ...], attributes: bytes) -> bool:
    """Whether a name that ends so may be among attributes."""
    for ending in endings:
        if ending in attributes:
            return True
    return _ESCAPE in attributes


def _attributes(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        return attributes_in(raw)
    except UNREADABLE:  # with a value of another type, or none at all
        return attributes_of({"attributes": _anything(bytes(raw))})


def _status(raw: bytes) -> Status:
    status = None if raw in _EMPTY else _anything(raw)
    return status_of(status.get("code"), status.get("message")) if isinstance(status, dict) else NO_STATUS


def _events(raw: bytes) -> list[Event]:
    return [] if raw in _EMPTY else events_of({"events": _anything(raw)})


def _anything(raw: bytes) -> Any:
    """A part of a line as `otlp_json` would have it, whatever it is; None for nothing."""
    if raw in _EMPTY:
        return None
    try:
        return loads(raw)
    except ValueError:  # as lines are read that are not in UTF-8, or hold what only Python takes for JSON
        return json.loads(raw.decode("utf-8", "replace"))
