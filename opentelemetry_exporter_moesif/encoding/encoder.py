"""From the spans that were handed over to encoded events: those of calls, with what other spans left for them.

The exporter sends what comes out of it at once; `moesif-otel replay` feeds it spans from files.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.candidates import Call, Candidates, Origin, is_candidate
from opentelemetry_exporter_moesif.encoding.head_sampler import HeadSampler
from opentelemetry_exporter_moesif.encoding.hooks import Hooks, MaskFailedError, text_of_error
from opentelemetry_exporter_moesif.encoding.identity_memory import (
    ID_ATTRIBUTES,
    REPEATED,
    ROUTE,
    IdentityMemory,
    values,
)
from opentelemetry_exporter_moesif.encoding.inbox import Inbox
from opentelemetry_exporter_moesif.encoding.notices import HeaderHint, NoCallWarning, ProgramNotice
from opentelemetry_exporter_moesif.encoding.repeated_spans import watch_for_repeated_spans
from opentelemetry_exporter_moesif.encoding.usual_calls import renderer_for
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES, attributes_of, is_call
from opentelemetry_exporter_moesif.mapping.weight import UNKNOWN_SAMPLING, HeadSampling, round_unbiased, sampling_weight
from opentelemetry_exporter_moesif.telemetry import ThrottledLog

_FAILED = 500
_METHOD = METHOD_ATTRIBUTES[0]
_NOTHING_IN = frozenset((*ID_ATTRIBUTES, *METHOD_ATTRIBUTES)).isdisjoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.encoding.inbox import Key
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.rendering.rendered import Rendered
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

    Loss = Callable[[str, str], None]


class Encoded(NamedTuple):
    """What became of the spans of one export.

    Args:
        events: The JSON of each event, or all of it in one piece.
        lost: Calls that could not be encoded.
    """

    events: list[bytes] | Rendered
    lost: int


class KnownCall(NamedTuple):
    """A call, by somebody who knows what else was said of it: the arguments of `Encoder.encode_call`.

    Args:
        span: Of the kind SERVER, or CLIENT with `capture_outgoing`.
        child_ids: What spans inside the call say of the caller, by the names of attributes.
        bodies: What was captured of its bodies.
    """

    span: ReadableSpan
    child_ids: Mapping[str, Any]
    bodies: CapturedBodies | None


class Encoder:
    """Makes encoded events of the spans of calls, and remembers what the others say of their callers.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.
        on_loss: Told of each call that is lost: the reason by which it is counted, and more for a person to read.
        clock: Seconds that never go back. By one that stands still, a span that may be a call waits for its parent
            however long that takes, as it does in a file.
    """

    def __init__(
        self,
        config: Config,
        sampling: DynamicSampling | None = None,
        on_loss: Loss = lambda _reason, _detail: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._sampling = sampling
        self._on_loss = on_loss
        self._kinds = (SpanKind.SERVER, SpanKind.CLIENT) if config.capture_outgoing else (SpanKind.SERVER,)
        self._rules = mapping_rules(config)
        self._head_sampler = HeadSampler()
        self._header_hint = HeaderHint()
        self._log = ThrottledLog()
        self._loaded_hooks: Hooks | None = None
        self._no_call_warning = NoCallWarning()
        watch_for_repeated_spans()
        self._inbox = Inbox()
        self._identities = IdentityMemory(self._inbox)
        self._candidates = Candidates(self._inbox, self._identities, ProgramNotice(), clock)
        self._bodies = _open_body_store(config) if config.capture_bodies else None
        self._renderer = renderer_for(config, self._rules, self._head_sampler, self._header_hint)

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
                if self._pass_over(span):
                    self._add_candidate(span, spans)
            except BaseException as error:  # whatever it is that is odd about the span, or fails in a hook
                if is_interrupt(error):
                    raise
                self._lose(error)
                lost += 1
            return None

        if self._candidates.is_active:
            self._note_calls(spans)
        events: list[bytes] | Rendered
        if self._renderer is not None:
            events = self._renderer.render(spans, self._inbox.by_span, encode_or_lose)
        else:
            events = [event for event in map(encode_or_lose, spans) if event is not None]
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

    def encode_span(self, span: ReadableSpan, bodies: CapturedBodies | None = None) -> bytes | None:
        """The event of a span as JSON; None where the span makes none, whose ids then move on to its parent.

        None as well where it is not known so far whether it is a call: `encode_waiting` has its event then.

        Args:
            span: Any ended span.
            bodies: What was captured of its call's bodies elsewhere than in this process.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        if self._candidates.is_active:
            self._note_calls((span,))
        if span.kind in self._kinds:
            return self._encode_if_call(span, bodies)
        if self._pass_over(span):
            self._add_candidate(span, (span,), bodies)
        return None

    def encode_call(
        self, span: ReadableSpan, child_ids: Mapping[str, Any], bodies: CapturedBodies | None = None
    ) -> bytes | None:
        """The event of a span that is known to be of a call, by somebody who knows what else was said of it.

        Args:
            span: A span of the kind SERVER, or CLIENT with `capture_outgoing`.
            child_ids: What spans inside the call say of the caller, by the names of attributes.
            bodies: What was captured of its bodies.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        return self._encode_event(span, attributes_of(span), dict(child_ids), bodies)

    def encode_calls(
        self, calls: Sequence[KnownCall], lose: Callable[[ReadableSpan, Exception], None]
    ) -> list[bytes] | Rendered:
        """The events of several calls as `encode_call` makes them, in order; faster, as `encode` is.

        Args:
            calls: The calls.
            lose: Told of a span that has no event, and of what `encode_call` would raise.
        """
        spans = [call.span for call in calls]
        said = {id(call.span): call for call in calls if call.child_ids or call.bodies}

        def encode_or_lose(span: ReadableSpan) -> bytes | None:
            call = said.get(id(span))
            try:
                return self.encode_call(*call) if call else self._encode_event(span, attributes_of(span), None, None)
            except Exception as error:  # noqa: BLE001 - whatever it is that is odd about the span, or fails in a hook
                lose(span, error)
                return None

        if self._renderer is not None:
            contexts = (call.span.context for call in said.values())
            remembered = {(context.trace_id, context.span_id): True for context in contexts if context is not None}
            return self._renderer.render(spans, remembered, encode_or_lose)
        return [event for event in map(encode_or_lose, spans) if event is not None]

    def finish(self, event: Event) -> bytes | None:
        """A redacted event as JSON, after `mask_event`; None where nothing is to be sent.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be encoded.
        """
        masked = self._hooks.mask(event)
        return None if masked is None else encode(masked)

    def close(self) -> None:
        """Gives the captured bodies up. May be called twice."""
        if self._bodies is not None:
            self._bodies.close_store()
            self._bodies = None

    @property
    def _hooks(self) -> Hooks:
        """Loaded at the first call, and not before."""
        hooks = self._loaded_hooks
        if hooks is None:
            hooks = self._loaded_hooks = Hooks(self._config, self._log)
        return hooks

    def _encode_if_call(self, span: ReadableSpan, bodies: CapturedBodies | None = None) -> bytes | None:
        """The event of a span of these `kinds`, if it is of an HTTP call: a gRPC server's is passed over."""
        attributes = attributes_of(span)
        if _METHOD not in attributes and not is_call(attributes):
            self._pass_over(span)
            return None
        context = span.context
        child_ids = None
        if context is not None:
            if self._inbox.by_span:
                child_ids = self._take_child_ids((context.trace_id, context.span_id))
            if self._bodies is not None:
                bodies = self._take_bodies(context) or bodies
        return self._encode_event(span, attributes, child_ids, bodies)

    def _take_child_ids(self, key: Key) -> dict[str, Any]:
        waiting = self._inbox.take(key)
        if not waiting:
            return {}
        if self._candidates.is_active:
            self._candidates.ask_again(waiting)
            waiting += self._inbox.take(key)  # the ids of those that are nested in this call
        return values(waiting)

    def _encode_event(
        self,
        span: ReadableSpan,
        attributes: Mapping[str, Any],
        child_ids: dict[str, Any] | None,
        bodies: CapturedBodies | None,
        head: HeadSampling | None = None,
    ) -> bytes | None:
        self._no_call_warning.is_settled = True
        if child_ids and child_ids.pop(REPEATED, False):
            return None
        hooks = self._loaded_hooks or self._hooks
        if hooks.may_skip and hooks.skips(span):
            return None
        route = child_ids.pop(ROUTE, None) if child_ids else None
        event = span_to_event(span, self._rules, child_ids or {}, bodies, attributes)
        if event is None:
            return None
        if self._bodies is not None and _is_unseen(event, bodies):
            event["metadata"]["response_body"] = "not seen"
        if route and not event["metadata"].get(ROUTE):
            event["metadata"][ROUTE] = route
        if hooks.may_tell:
            hooks.tell(event, span)
            self._rules.redaction.envelope(event)  # once more, with what the hooks told
        weight = sampling_weight(span, attributes, head or self._head_sampler.of(span))
        if (weight > 1 or self._sampling is not None) and not self._weigh(event, span, weight):
            return None
        if not self._header_hint.is_settled and head is None:
            self._header_hint.count(event)
        return self.finish(event) if hooks.may_mask else encode(event)

    def _add_candidate(
        self, span: ReadableSpan, batch: Sequence[ReadableSpan], bodies: CapturedBodies | None = None
    ) -> None:
        context = span.context
        if context is None:
            return
        if not self._candidates.is_active:
            self._candidates.is_active = True
            self._note_calls(batch)
        if self._bodies is not None:
            bodies = self._take_bodies(context) or bodies
        self._candidates.add(span, attributes_of(span), bodies)

    def _note_calls(self, spans: Sequence[ReadableSpan]) -> None:
        """Tells the candidates which calls have ended, before any of them is looked at."""
        for span in spans:
            if getattr(span, "kind", None) is SpanKind.SERVER and span.context and is_call(span.attributes or {}):
                self._candidates.note_call(span)

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

    def _encode_decided_call(self, call: Call) -> bytes | None:
        context = call.span.context
        child_ids = None if context is None else self._take_child_ids((context.trace_id, context.span_id))
        head = UNKNOWN_SAMPLING if call.origin is Origin.PROGRAM else self._head_sampler.of(call.span)
        return self._encode_event(call.span, call.attributes, child_ids, call.bodies, head)

    def _weigh(self, event: Event, span: ReadableSpan, weight: float) -> bool:
        """Gives an event its weight; False where dynamic sampling drops it."""
        context = span.context
        trace_id, span_id = (context.trace_id, context.span_id) if context else (0, 0)
        factor = 1.0 if self._sampling is None else self._sampling.weight_factor(event, trace_id, span_id)
        if factor is None:
            return False
        weight *= factor
        if weight > 1:
            event["weight"] = round_unbiased(weight, trace_id, span_id)
        return True

    def _pass_over(self, span: ReadableSpan) -> bool:
        """Moves what waits for a span that becomes no event, and the ids among its attributes, to its parent.

        Most spans have no id, and nothing waits for them: that is seen by one look at the names of their attributes
        (0.2 to 0.5 µs), and one look-up while anything waits at all. Hence no property more than these.

        Returns:
            Whether it is a candidate, to which nothing was done.
        """
        by_span = self._inbox.by_span
        try:
            if _NOTHING_IN(span.attributes) and (not by_span or span.context[:2] not in by_span):  # type: ignore[arg-type]  # caught below
                if self._bodies is not None and span.context is not None:
                    self._take_bodies(span.context)
                return False
        except TypeError:  # a span without attributes or without a context, made by hand
            if span.context is None:
                return False
        attributes = span.attributes or {}
        if is_call(attributes):
            if is_candidate(span):
                return True
            if not self._no_call_warning.is_settled:
                self._no_call_warning.count()
        self._move_to_parent(span, attributes)
        return False

    def _move_to_parent(self, span: ReadableSpan, attributes: Mapping[str, Any]) -> None:
        context, parent = span.context, span.parent
        if context is None:
            return
        if self._bodies is not None:
            self._take_bodies(context)
        waiting = self._inbox.take((context.trace_id, context.span_id))
        if parent is not None and not parent.is_remote:
            self._identities.leave((parent.trace_id, parent.span_id), attributes, waiting)
        if self._candidates.is_active:
            self._candidates.move_on(waiting, span)

    def _take_bodies(self, context: SpanContext) -> CapturedBodies | None:
        opening = self._bodies
        return None if opening is None else opening.take(context.trace_id, context.span_id)

    def _lose(self, error: BaseException) -> None:
        if isinstance(error, MaskFailedError):
            self._on_loss("mask_error", f": mask_event failed with {error}")
        else:
            what = f"{type(error).__name__}: {text_of_error(error)}"
            self._on_loss("mapping_error", f": a span cannot be mapped, {what}")


def _is_unseen(event: Event, bodies: CapturedBodies | None) -> bool:
    """Whether a call failed by an exception whose answer was made outside of what captures bodies.

    Starlette's outermost middleware makes the 500 of an unhandled one, around all that an application can add.
    """
    response = event.get("response")
    return (
        response is not None
        and event["direction"] == "Incoming"  # of a call that the process made there may have been no answer
        and response["status"] == _FAILED
        and "exception" in event["metadata"]
        and (bodies is None or bodies.response is None)
        and "body" not in response
    )


def _open_body_store(config: Config) -> ModuleType:
    from opentelemetry_exporter_moesif.capture import opening  # noqa: PLC0415 - optional: no import when off

    opening.open_store(
        max_bytes=config.body_store_max_bytes,
        body_max_bytes=config.body_max_bytes,
        with_streams=config.capture_streams,
        with_outgoing=config.capture_outgoing,
    )
    return opening
