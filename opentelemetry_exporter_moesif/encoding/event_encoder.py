"""From a span that is known to be of a call to the JSON of its event: the mapping, hooks, the weight, the encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.encoding.head_sampler import HeadSampler
from opentelemetry_exporter_moesif.encoding.hooks import Hooks
from opentelemetry_exporter_moesif.encoding.identity_memory import REPEATED, ROUTE
from opentelemetry_exporter_moesif.encoding.notices import HeaderHint, NoCallWarning
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.mapping.span_reader import SWITCHING_PROTOCOLS
from opentelemetry_exporter_moesif.mapping.weight import HeadSampling, round_unbiased, sampling_weight
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

_FAILED = 500


class EventEncoder:
    """Makes encoded events of calls.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.

    Attributes:
        rules: Those of the mapping.
        head_sampler: What is known of the sampler that decided on the spans.
        header_hint: Looks at the headers of the first events.
        no_call_warning: Settled by the first call.
    """

    def __init__(self, config: Config, sampling: DynamicSampling | None = None) -> None:
        self.rules = mapping_rules(config)
        self.head_sampler = HeadSampler()
        self.header_hint = HeaderHint()
        self.no_call_warning = NoCallWarning()
        self._config = config
        self._sampling = sampling
        self._captures_bodies = bool(config.capture_bodies)
        self._log = ThrottledLog()
        self._loaded_hooks: Hooks | None = None

    def encode(
        self,
        span: ReadableSpan,
        attributes: Mapping[str, Any],
        child_ids: dict[str, Any] | None,
        bodies: CapturedBodies | None,
        head: HeadSampling | None = None,
    ) -> bytes | None:
        """The event of a call as JSON; None where none is to be sent.

        Args:
            span: The span of the call.
            attributes: Those of the span.
            child_ids: What spans inside the call say of the caller, by the names of attributes; changed.
            bodies: What was captured of its bodies.
            head: What sampled it, where that is not to be asked of the span.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        self.no_call_warning.is_settled = True
        if child_ids and child_ids.pop(REPEATED, False):
            return None
        hooks = self._loaded_hooks or self._hooks
        if hooks.may_skip and hooks.skips(span):
            return None
        route = child_ids.pop(ROUTE, None) if child_ids else None
        event = span_to_event(span, self.rules, child_ids or {}, bodies, attributes)
        if event is None or (
            "response" in event
            and event["response"]["status"] == SWITCHING_PROTOCOLS
            and self._has_sockets(span, attributes)
        ):
            return None
        if self._captures_bodies and _is_unseen(event, bodies):
            event["metadata"]["response_body"] = "not seen"
        if route and not event["metadata"].get(ROUTE):
            event["metadata"][ROUTE] = route
        if hooks.may_tell:
            hooks.tell(event, span)
            self.rules.redaction.envelope(event)  # once more, with what the hooks told
        weight = sampling_weight(span, attributes, head or self.head_sampler.of(span))
        if (weight > 1 or self._sampling is not None) and not self._weigh(event, span, weight):
            return None
        if not self.header_hint.is_settled and head is None:
            self.header_hint.count(event)
        return self.finish(event) if hooks.may_mask else encode(event)

    def _has_sockets(self, span: ReadableSpan, attributes: Mapping[str, Any]) -> bool:
        return self.rules.shapes.of(span.instrumentation_scope, attributes).dialect.has_sockets

    def finish(self, event: Event) -> bytes | None:
        """A redacted event as JSON, after `mask_event`; None where nothing is to be sent.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be encoded.
        """
        masked = self._hooks.mask(event)
        return None if masked is None else encode(masked)

    @property
    def _hooks(self) -> Hooks:
        """Loaded at the first call, and not before."""
        hooks = self._loaded_hooks
        if hooks is None:
            hooks = self._loaded_hooks = Hooks(self._config, self._log)
        return hooks

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
