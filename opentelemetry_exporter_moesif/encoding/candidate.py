"""One span that may be a call, what ended before it, and the call that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry.trace import SpanContext, SpanKind

from opentelemetry_exporter_moesif.encoding.held_bytes import held_bytes
from opentelemetry_exporter_moesif.encoding.span_copy import copied
from opentelemetry_exporter_moesif.mapping.dialects import serves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.encoding.inbox import Key
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies

# A span beside its attributes.
_CANDIDATE_BYTES = 2_048


def is_candidate(span: ReadableSpan) -> bool:
    """Whether a span with an HTTP method may be of a call although it is not of the kind SERVER."""
    scope = span.instrumentation_scope
    return span.kind is SpanKind.INTERNAL and scope is not None and serves(scope.name)


class Ancestry(Enum):
    """Where the parents of a call lead, which tells who decided that it was sampled."""

    ROOT = "a root, in this process"
    REMOTE = "a parent in another process"
    PROGRAM = "a span that is still open, around everything"


class DecidedCall(NamedTuple):
    """A candidate that is a call of its own.

    Args:
        span: As an instrumentation would have made it: of the kind SERVER.
        attributes: Those of the span.
        bodies: What was captured of its bodies.
        ancestry: Where its parents lead.
    """

    span: ReadableSpan
    attributes: Mapping[str, Any]
    bodies: CapturedBodies | None
    ancestry: Ancestry


@dataclass(slots=True, eq=False)
class Candidate:
    """A span that may be a call.

    Attributes:
        span: The span.
        attributes: Those of the span.
        bodies: What was captured of its bodies.
        size: The bytes that it takes.
        until: When it has waited long enough.
        asks: The span that it waits for.
        depth: How far inside that span it stands.
        is_decided: It waits no more.
    """

    span: ReadableSpan
    attributes: Mapping[str, Any]
    bodies: CapturedBodies | None
    size: int
    until: float
    asks: Key = (0, 0)
    depth: int = 1
    is_decided: bool = False

    @classmethod
    def of(
        cls, span: ReadableSpan, attributes: Mapping[str, Any], bodies: CapturedBodies | None, until: float
    ) -> Candidate:
        """A candidate that ended just now."""
        size = _CANDIDATE_BYTES + held_bytes(dict(attributes)) + _size_of(bodies)
        return cls(span, attributes, bodies, size, until)

    def as_call(self, ancestry: Ancestry, *, keep_parent: bool) -> DecidedCall:
        """The call that it is, with the span as it would have been made for one.

        Its sampling is told as well: under a span that is open for as long as the process is, all calls were sampled or
        none, so that each stands for itself; and where a parent in another process decided, no sampler of ours did.

        Args:
            ancestry: Where its parents lead.
            keep_parent: Whether its parent is more than the program.
        """
        context, parent = self.span.context, self.span.parent if keep_parent else None
        if ancestry is Ancestry.PROGRAM and context is not None:
            context = SpanContext(context.trace_id, context.span_id, is_remote=False, trace_flags=context.trace_flags)
        if ancestry is Ancestry.REMOTE and parent is not None:
            parent = SpanContext(
                parent.trace_id,
                parent.span_id,
                is_remote=True,
                trace_flags=parent.trace_flags,
                trace_state=parent.trace_state,
            )
        span = copied(self.span, context=context, parent=parent, kind=SpanKind.SERVER)
        return DecidedCall(span, self.attributes, self.bodies, ancestry)


@dataclass(slots=True, eq=False)
class Ended:
    """A call, or a candidate, that ended.

    Attributes:
        end_time: When.
        parent: Whom it asks, where it is a candidate.
        ancestry: Where its parents lead, where it is known to be a call.
    """

    end_time: int
    parent: SpanContext | None
    ancestry: Ancestry | None


def key_of(context: SpanContext | None) -> Key:
    """What a span is known by; zeros where it has no context."""
    return (0, 0) if context is None else (context.trace_id, context.span_id)


def _size_of(bodies: CapturedBodies | None) -> int:
    return sum(len(body.content) for body in bodies or () if body is not None)
