"""The faster way for usual calls: the compiled renderer, where it is there and nothing has to see each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif import rendering
from opentelemetry_exporter_moesif.encoding.hooks import NAMES
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.weight import round_unbiased, sampling_weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.encoding.event_encoder import EventEncoder
    from opentelemetry_exporter_moesif.rendering.renderer import Renderer


def renderer_for(config: Config, events: EventEncoder) -> Renderer | None:
    """The renderer of an exporter; None where every span is the mapping's.

    Args:
        config: The exporter's settings.
        events: Makes the others; its header hint has to see each event until it is settled.
    """
    has_hooks = any(getattr(config, name) is not None for name in NAMES)
    if config.renderer == "python" or has_hooks or config.capture_bodies or config.dynamic_sampling:
        return None
    room = rendering.compiled()
    if room is None:
        return None

    head_sampler, header_hint = events.head_sampler, events.header_hint

    def weigh(attributes: Mapping[str, Any], span: ReadableSpan) -> bytes:
        weight = sampling_weight(span, attributes, head_sampler.of(span))
        context = span.context
        if weight <= 1 or context is None:
            return b""
        return b',"weight":%d' % round_unbiased(weight, context.trace_id, context.span_id)

    def is_weightless(resource: Resource) -> bool:
        return head_sampler.of_resource(resource).probability in {0, 1}

    renderer: Renderer = room.Renderer(
        events.rules, CHILD_ID_ATTRIBUTES, weigh, is_weightless, is_ready=lambda: header_hint.is_settled
    )
    return renderer
