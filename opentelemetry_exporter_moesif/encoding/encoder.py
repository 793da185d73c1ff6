"""From the spans that were handed over to encoded events: those of calls, with what other spans left for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.bodies import Bodies
from opentelemetry_exporter_moesif.encoding.candidate import Ancestry, DecidedCall
from opentelemetry_exporter_moesif.encoding.event_encoder import EventEncoder
from opentelemetry_exporter_moesif.encoding.hooks import MaskFailedError, text_of_error
from opentelemetry_exporter_moesif.encoding.inbox import Inbox
from opentelemetry_exporter_moesif.encoding.other_spans import OtherSpans
from opentelemetry_exporter_moesif.encoding.usual_calls import renderer_for
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES, attributes_of, is_call
from opentelemetry_exporter_moesif.mapping.weight import UNKNOWN_SAMPLING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.rendering.rendered import Rendered
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

    Loss = Callable[[str, str], None]

_METHOD = METHOD_ATTRIBUTES[0]


class Encoded(NamedTuple):
    """What became of the spans of one export.

    Args:
        events: The JSON of each event, or all of it in one piece.
        lost: Calls that could not be encoded.
    """

    events: list[bytes] | Rendered
    lost: int


class Encoder:
    """Makes encoded events of the spans of calls, and remembers what the others say of their callers.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.
        on_loss: Told of each call that is lost: the reason by which it is counted, and more for a person to read.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        config: Config,
        sampling: DynamicSampling | None = None,
        on_loss: Loss = lambda _reason, _detail: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_loss = on_loss
        self._kinds = (SpanKind.SERVER, SpanKind.CLIENT) if config.capture_outgoing else (SpanKind.SERVER,)
        self._events = EventEncoder(config, sampling)
        self._bodies = Bodies(config) if config.capture_bodies else None
        self._inbox = Inbox()
        self._others = OtherSpans(self._inbox, self._bodies, self._events.no_call_warning, clock)
        self._candidates = self._others.candidates
        self._renderer = renderer_for(config, self._events)

    def encode(self, spans: Sequence[ReadableSpan]) -> Encoded:
        """The events of the calls among these spans, and of former ones of which it is known now that they are calls.

        What cannot be encoded costs itself. The compiled renderer makes the events of usual calls, where there is one
        and the log has said what it says of headers. It hands over every other span, and each for which something waits
        in the inbox, in its place among them, since a span leaves its ids for the one that is exported after it.
        """
        lost = 0

        def encode_or_lose(span: ReadableSpan) -> bytes | None:
            nonlocal lost
            try:
                if span.kind in self._kinds:
                    return self._encode_if_call(span)
                self._others.pass_over(span, spans)
            except BaseException as error:  # whatever it is that is odd about the span, or fails in a hook
                if is_interrupt(error):
                    raise
                self._lose(error)
                lost += 1
            return None

        self._others.note_calls(spans)
        events: list[bytes] | Rendered
        if self._renderer is not None:
            events = self._renderer.render(spans, self._inbox.by_span, encode_or_lose)
        else:
            events = [event for span in spans if (event := encode_or_lose(span)) is not None]
        if not self._candidates.is_active:
            return Encoded(events, lost)
        self._candidates.decide_due()
        decided: list[bytes] = []
        lost += self._encode_decided(decided)
        if decided:
            events = [*(events if isinstance(events, list) else events.events()), *decided]
        return Encoded(events, lost)

    def encode_waiting(self, *, all_of_them: bool = False) -> Encoded:
        """The events of spans that have waited for it to be known whether they are calls.

        Args:
            all_of_them: Decide on all that wait, by what is known; else only on those that have waited long enough.
        """
        if all_of_them:
            self._candidates.decide_all()
        else:
            self._candidates.decide_due()
        events: list[bytes] = []
        lost = self._encode_decided(events)
        return Encoded(events, lost)

    @property
    def seconds_left(self) -> float | None:
        """When `encode_waiting` is to be called at the latest, in seconds from now; None where nothing waits."""
        return self._candidates.seconds_left() if self._candidates.is_active else None

    @property
    def held_bytes(self) -> int:
        """The memory of what waits for other spans: ids, and spans of which it is not known whether they are calls."""
        return max(self._inbox.held.total, self._candidates.held.total)  # a waiting span is in the books of both

    @property
    def has_seen_calls(self) -> bool:
        """Whether one of the spans so far was of a call."""
        return self._events.no_call_warning.is_settled

    def encode_span(self, span: ReadableSpan) -> bytes | None:
        """The event of a span as JSON; None where the span makes none, whose ids then move on to its parent.

        None as well where it is not known so far whether it is a call: `encode_waiting` has its event then.

        Args:
            span: Any ended span.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        self._others.note_calls((span,))
        if span.kind in self._kinds:
            return self._encode_if_call(span)
        self._others.pass_over(span, (span,))
        return None

    def close(self) -> None:
        """Gives the captured bodies up. May be called twice."""
        if self._bodies is not None:
            self._bodies.close()

    def _encode_if_call(self, span: ReadableSpan) -> bytes | None:
        """The event of a span of these `kinds`, if it is of an HTTP call: a gRPC server's is passed over."""
        attributes = attributes_of(span)
        if _METHOD not in attributes and not is_call(attributes):
            self._others.pass_over(span, (span,))
            return None
        child_ids = bodies = None
        if (self._inbox.by_span or self._bodies is not None) and (context := span.context) is not None:
            child_ids = self._others.take_child_ids((context.trace_id, context.span_id))
            if self._bodies is not None:
                bodies = self._bodies.take(context)
        return self._events.encode(span, attributes, child_ids, bodies)

    def _encode_decided(self, events: list[bytes]) -> int:
        lost = 0
        calls = self._candidates.calls
        while calls:
            try:
                call = calls.popleft()
            except IndexError:  # another thread was faster
                break
            try:
                event = self._encode_decided_call(call)
            except BaseException as error:
                if is_interrupt(error):
                    raise
                self._lose(error)
                lost += 1
            else:
                if event is not None:
                    events.append(event)
        return lost

    def _encode_decided_call(self, call: DecidedCall) -> bytes | None:
        context = call.span.context
        child_ids = None if context is None else self._others.take_child_ids((context.trace_id, context.span_id))
        head = UNKNOWN_SAMPLING if call.ancestry is Ancestry.PROGRAM else self._events.head_sampler.of(call.span)
        return self._events.encode(call.span, call.attributes, child_ids, call.bodies, head)

    def _lose(self, error: BaseException) -> None:
        if isinstance(error, MaskFailedError):
            self._on_loss("mask_error", f": mask_event failed with {error}")
        else:
            what = f"{type(error).__name__}: {text_of_error(error)}"
            self._on_loss("mapping_error", f": a span cannot be mapped, {what}")
