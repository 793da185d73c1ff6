"""What OTLP's encodings of spans share: kinds, flags, and from a span's fields to the span itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from opentelemetry_exporter_moesif.replay.formats.otlp_values import NotOTLPError, id_number, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

KINDS: dict[Any, SpanKind] = {
    2: SpanKind.SERVER,
    3: SpanKind.CLIENT,
    4: SpanKind.PRODUCER,
    5: SpanKind.CONSUMER,
}
"""The kinds by their numbers, and in JSON by whatever is written for them; anything else is INTERNAL."""

STATUS_CODES: dict[Any, StatusCode] = {1: StatusCode.OK, 2: StatusCode.ERROR}
"""The codes likewise."""

# SpanFlags of opentelemetry/proto/trace/v1/trace.proto.
_TRACE_FLAGS = 0xFF
PARENT_IS_REMOTE = 0x200

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8
NO_PARENT = frozenset(("", "0" * 16, "AAAAAAAAAAA="))
"""How JSON says that a span has no parent."""

for _number, _kind in tuple(KINDS.items()):
    KINDS |= dict.fromkeys((str(_number), f"SPAN_KIND_{_kind.name}", _kind.name, _kind.name.lower()), _kind)
for _number, _code in tuple(STATUS_CODES.items()):
    STATUS_CODES |= dict.fromkeys((str(_number), f"STATUS_CODE_{_code.name}"), _code)

NO_STATUS = Status(StatusCode.UNSET)
"""The status of a span that tells none."""


def json_span(  # noqa: PLR0913, PLR0917 - one argument a source
    ids: tuple[Any, Any, Any],
    flags: int,
    name: Any,
    trace_state: Any,
    times: tuple[Any, Any],
    status: Status,
    kind: SpanKind,
    attributes: dict[str, Any],
    events: Sequence[Event],
    resource: Resource,
    scope: InstrumentationScope,
) -> ReadableSpan:
    """The span that these fields of OTLP JSON tell.

    Args:
        ids: Its trace's, its own, and its parent's, as they are written.
        flags: Its flags.
        name: Its name.
        trace_state: Its trace state.
        times: When it began and ended, as they are written.
        status: Its status.
        kind: Its kind.
        attributes: Its attributes.
        events: Its events.
        resource: What it is of.
        scope: What made it.

    Raises:
        NotOTLPError: An id or a time is missing.
    """
    trace_text, span_text, parent_text = ids
    trace_id = _id(trace_text, "traceId", TRACE_ID_BYTES)
    start, end = _times(*times)
    trace_flags_ = trace_flags(flags)
    state = TraceState.from_header([trace_state]) if trace_state and isinstance(trace_state, str) else None
    context = SpanContext(trace_id, _id(span_text, "spanId", SPAN_ID_BYTES), False, trace_flags_, state)  # noqa: FBT003 - as the SDK has it, on the hot path
    has_parent = parent_text and parent_text not in NO_PARENT
    parent_id = id_number(parent_text, SPAN_ID_BYTES) if has_parent else 0
    return ReadableSpan(
        name=str(name or ""),
        context=context,
        parent=SpanContext(trace_id, parent_id, bool(flags & PARENT_IS_REMOTE), trace_flags_) if parent_id else None,
        resource=resource,
        attributes=attributes,
        events=events,
        kind=kind,
        instrumentation_scope=scope,
        status=status,
        start_time=start,
        end_time=end,
    )


@lru_cache(maxsize=256)
def trace_flags(flags: int) -> TraceFlags:
    """The flags of a trace's context among those of a span."""
    return TraceFlags(flags & _TRACE_FLAGS)


def status_of(code: Any, message: Any) -> Status:
    """A span's status."""
    known = STATUS_CODES.get(code)
    if known is None:
        return NO_STATUS
    # The SDK logs a warning where a status that is no error has a description.
    description = message if known is StatusCode.ERROR else None
    return Status(known, description if isinstance(description, str) else None)


def _id(text: Any, key: str, size: int) -> int:
    number = id_number(text, size)
    if not number:
        message = f"{key} is not {2 * size} hexadecimal digits, or all zero"
        raise NotOTLPError(message)
    return number


def _times(start: Any, end: Any) -> tuple[int, int]:
    start, end = whole(start or 0), whole(end or 0)
    if start <= 0 and end <= 0:
        message = "startTimeUnixNano is missing"
        raise NotOTLPError(message)
    return (start if start > 0 else end), (end if end > 0 else start)
