"""Spans that become no event of their own: what they say of a caller goes to the call that they are part of.

Among them are candidates, spans that may be calls all the same: they wait until that is known.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.candidate import is_candidate
from opentelemetry_exporter_moesif.encoding.candidates import Candidates
from opentelemetry_exporter_moesif.encoding.identity_memory import IdentityMemory, values
from opentelemetry_exporter_moesif.encoding.notices import NoCallWarning, ProgramNotice
from opentelemetry_exporter_moesif.encoding.repeated_spans import watch_for_repeated_spans
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES, attributes_of, is_call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.encoding.bodies import Bodies
    from opentelemetry_exporter_moesif.encoding.inbox import Inbox, Key

_NOTHING_IN = frozenset((*CHILD_ID_ATTRIBUTES, *METHOD_ATTRIBUTES)).isdisjoint


class OtherSpans:
    """Remembers what spans said of the callers of calls that have not come by so far.

    Args:
        inbox: Where it waits, by the span that it waits for.
        bodies: Those that were captured: they are of no use to a span that becomes no event.
        no_call_warning: Told of spans with HTTP attributes that are no calls.
        clock: Seconds that never go back.

    Attributes:
        candidates: The spans that may be calls.
    """

    def __init__(
        self,
        inbox: Inbox,
        bodies: Bodies | None,
        no_call_warning: NoCallWarning,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._bodies = bodies
        self._no_call_warning = no_call_warning
        watch_for_repeated_spans()
        self._identities = IdentityMemory(inbox)
        self.candidates = Candidates(inbox, self._identities, ProgramNotice(), clock)

    def take_child_ids(self, key: Key) -> dict[str, Any]:
        """What spans inside a call have said of its caller, by the names of attributes; it waits no more."""
        waiting = self._inbox.take(key)
        if not waiting:
            return {}
        if self.candidates.is_active:
            self.candidates.ask_again(waiting)
            waiting += self._inbox.take(key)  # the ids of those that are nested in this call
        return values(waiting)

    def note_calls(self, spans: Sequence[ReadableSpan]) -> None:
        """Tells the candidates, where there were any, which calls have ended, before any of them is looked at."""
        if self.candidates.is_active:
            self._note_calls(spans)

    def pass_over(self, span: ReadableSpan, batch: Sequence[ReadableSpan]) -> None:
        """Moves what waits for a span that becomes no event, and the ids among its attributes, to its parent.

        Most spans have no id, and nothing waits for them: that is seen by one look at the names of their attributes
        (0.2 to 0.5 µs), and one look-up while anything waits at all. Hence no property more than these.

        Args:
            span: Any span that is not known to be of a call. A candidate waits.
            batch: The spans that were handed over with it.
        """
        by_span = self._inbox.by_span
        try:
            if _NOTHING_IN(span.attributes) and (not by_span or span.context[:2] not in by_span):  # type: ignore[arg-type]  # caught below
                if self._bodies is not None and span.context is not None:
                    self._bodies.take(span.context)
                return
        except TypeError:  # a span without attributes or without a context, made by hand
            if span.context is None:
                return
        attributes = span.attributes or {}
        if is_call(attributes):
            if is_candidate(span):
                self._add_candidate(span, batch)
                return
            if not self._no_call_warning.is_settled:
                self._no_call_warning.count()
        self._move_to_parent(span, attributes)

    def _move_to_parent(self, span: ReadableSpan, attributes: Mapping[str, Any]) -> None:
        context, parent = span.context, span.parent
        if context is None:
            return
        if self._bodies is not None:
            self._bodies.take(context)
        waiting = self._inbox.take((context.trace_id, context.span_id))
        if parent is not None and not parent.is_remote:
            self._identities.leave((parent.trace_id, parent.span_id), attributes, waiting)
        if self.candidates.is_active:
            self.candidates.move_on(waiting, span)

    def _add_candidate(self, span: ReadableSpan, batch: Sequence[ReadableSpan]) -> None:
        context = span.context
        if context is None:
            return
        if not self.candidates.is_active:
            self.candidates.is_active = True
            self._note_calls(batch)
        bodies = None if self._bodies is None else self._bodies.take(context)
        self.candidates.add(span, attributes_of(span), bodies)

    def _note_calls(self, spans: Sequence[ReadableSpan]) -> None:
        for span in spans:
            if getattr(span, "kind", None) is SpanKind.SERVER and span.context and is_call(span.attributes or {}):
                self.candidates.note_call(span)
