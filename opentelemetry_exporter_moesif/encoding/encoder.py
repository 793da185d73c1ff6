"""From the spans that were handed over to encoded events: those of calls, with what other spans left for them.

The exporter sends what comes out of it at once; `moesif-otel replay` feeds it spans from files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.head_sampler import HeadSampler
from opentelemetry_exporter_moesif.encoding.hooks import Hooks, MaskFailedError, text_of_error
from opentelemetry_exporter_moesif.encoding.identity_memory import IdentityMemory
from opentelemetry_exporter_moesif.encoding.interrupts import is_interrupt
from opentelemetry_exporter_moesif.encoding.notices import HeaderHint
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of, is_call
from opentelemetry_exporter_moesif.mapping.weight import round_unbiased, sampling_weight
from opentelemetry_exporter_moesif.telemetry import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

    Loss = Callable[[str, str], None]


class Encoded(NamedTuple):
    """What became of the spans of one export.

    Args:
        events: The JSON of each event.
        lost: Calls that could not be encoded.
    """

    events: list[bytes]
    lost: int


class Encoder:
    """Makes encoded events of the spans of calls, and remembers what the others say of their callers.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.
        on_loss: Told of each call that is lost: the reason by which it is counted, and more for a person to read.
    """

    def __init__(
        self, config: Config, sampling: DynamicSampling | None = None, on_loss: Loss = lambda _reason, _detail: None
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
        self._identities = IdentityMemory()
        self._bodies = _open_body_store(config) if config.capture_bodies else None

    def encode(self, spans: Sequence[ReadableSpan]) -> Encoded:
        """The events of the calls among these spans, in their order. What cannot be encoded costs itself.

        A faster road for the usual spans belongs here: it has to hand each span that it gives up to `_encode_or_lose`
        in its place among the others, since a span leaves its ids for the one that is exported after it.
        """
        events: list[bytes] = []
        lost = 0
        kinds, encode_call, pass_over = self._kinds, self._encode_call, self._pass_over
        for span in spans:
            try:
                if span.kind not in kinds:
                    pass_over(span)
                    continue
                event = encode_call(span)
            except BaseException as error:  # whatever it is that is odd about the span, or fails in a hook
                if is_interrupt(error):
                    raise
                self._lose(error)
                lost += 1
            else:
                if event is not None:
                    events.append(event)
        return Encoded(events, lost)

    def encode_span(self, span: ReadableSpan, bodies: CapturedBodies | None = None) -> bytes | None:
        """The event of a span as JSON; None where the span makes none, whose ids then move on to its parent.

        Args:
            span: Any ended span.
            bodies: What was captured of its call's bodies elsewhere than in this process.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        if span.kind in self._kinds:
            return self._encode_call(span, bodies)
        self._pass_over(span)
        return None

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

    def _encode_call(self, span: ReadableSpan, bodies: CapturedBodies | None = None) -> bytes | None:
        """The event of a span of these `kinds`, if it is of an HTTP call: a gRPC server's is passed over."""
        attributes = attributes_of(span)
        if not is_call(attributes):
            self._pass_over(span)
            return None
        context = span.context
        child_ids = None
        if context is not None:
            if self._identities.by_span:
                child_ids = self._identities.take(context.trace_id, context.span_id)
            if self._bodies is not None:
                bodies = self._take_bodies(context) or bodies
        return self._encode_event(span, attributes, child_ids, bodies)

    def _encode_event(
        self,
        span: ReadableSpan,
        attributes: Mapping[str, Any],
        child_ids: Mapping[str, Any] | None,
        bodies: CapturedBodies | None,
    ) -> bytes | None:
        hooks = self._loaded_hooks or self._hooks
        if hooks.may_skip and hooks.skips(span):
            return None
        event = span_to_event(span, self._rules, child_ids or {}, bodies, attributes)
        if event is None:
            return None
        if hooks.may_tell:
            hooks.tell(event, span)
            self._rules.redaction.envelope(event)  # once more, with what the hooks told
        weight = sampling_weight(span, attributes, self._head_sampler.of(span))
        if (weight > 1 or self._sampling is not None) and not self._weigh(event, span, weight):
            return None
        if not self._header_hint.is_settled:
            self._header_hint.count(event)
        return self.finish(event) if hooks.may_mask else encode(event)

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

    def _pass_over(self, span: ReadableSpan) -> None:
        self._identities.pass_over(span)
        if self._bodies is not None and span.context is not None:
            self._take_bodies(span.context)

    def _take_bodies(self, context: SpanContext) -> CapturedBodies | None:
        opening = self._bodies
        return None if opening is None else opening.take(context.trace_id, context.span_id)

    def _lose(self, error: BaseException) -> None:
        if isinstance(error, MaskFailedError):
            self._on_loss("mask_error", f": mask_event failed with {error}")
        else:
            what = f"{type(error).__name__}: {text_of_error(error)}"
            self._on_loss("mapping_error", f": a span cannot be mapped, {what}")


def _open_body_store(config: Config) -> ModuleType:
    from opentelemetry_exporter_moesif.capture import opening  # noqa: PLC0415 - optional: no import when off

    opening.open_store(max_bytes=config.body_store_max_bytes, body_max_bytes=config.body_max_bytes)
    return opening
