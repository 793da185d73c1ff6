"""The same spans through the compiled renderer and through the mapping alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.encoding.usual_calls import renderer_for


@dataclass
class BothWays:
    """What became of spans.

    Attributes:
        rendered: The events of a whole batch, as the renderer made them, with the mapping's for what it gave up.
        mapped: The same, as the mapping alone made them.
        given_up: The spans that the renderer gave up.
    """

    rendered: bytes
    mapped: bytes
    given_up: Sequence[ReadableSpan] = field(default_factory=list)


def both_ways(
    spans: Sequence[ReadableSpan], learned: Sequence[ReadableSpan] | None = None, **settings: Any
) -> BothWays:
    """Returns: what becomes of spans, when the shapes of the learned ones (or their own) are known."""
    reference = Encoder(resolve_config({**settings, "renderer": "python"}, {}))
    mapped = b",\n".join(event for event in (_encode(reference, span) for span in spans) if event is not None)
    renderer, encoder = renderer_with(1, **settings)
    renderer.render(spans if learned is None else learned, {}, lambda _span: None)
    given_up: list[ReadableSpan] = []

    def encode(span: ReadableSpan) -> bytes | None:
        given_up.append(span)
        return _encode(encoder, span)

    rendered = renderer.render(spans, encoder._inbox.by_span, encode)
    assert b",\n".join(rendered.events()) == rendered.inside
    return BothWays(rendered.inside, mapped, given_up)


def _encode(encoder: Encoder, span: ReadableSpan) -> bytes | None:
    try:
        return encoder.encode_span(span)
    except ValueError:  # a moment beyond any calendar costs the span itself
        return None


def renderer_with(worth: int = 1, **settings: Any) -> tuple[Any, Encoder]:
    """Returns: a renderer, and an encoder for what that gives up."""
    config = resolve_config(settings, {})
    encoder = Encoder(config)
    encoder._events.header_hint.is_settled = True
    renderer = renderer_for(config, encoder._events)
    assert renderer is not None, "the compiled renderer is not installed"
    renderer._worth = worth
    return renderer, encoder
