"""How many calls an event stands for: 1 / the probability with which its span was sampled.

A wrong weight is worse than none, because weights are money: where the probability is not certain there is none.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import DEFAULT_TRACE_STATE, SpanKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

_WEIGHT_ATTRIBUTE = "moesif.weight"
# Beyond this, JSON numbers are not exact everywhere (RFC 8259, section 6).
_LARGEST_WEIGHT = 2**53 - 1

# It keeps every call, whatever an upstream sampler's threshold in the inherited tracestate says.
_ALWAYS_ON = "AlwaysOnSampler"
_RATIO = re.compile(r"TraceIdRatioBased\{(?P<ratio>[^{},]+)\}")
_PARENT_BASED = re.compile(r"ParentBased\{root:" + _RATIO.pattern + r",.*\}", re.DOTALL)

# https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/: `th` is a hexadecimal fraction of
# 2**56 without its trailing zeros; a span is kept with the probability 1 - th.
_THRESHOLD = re.compile(r"[0-9a-f]{1,14}")
_THRESHOLD_DIGITS = 14
_ALWAYS = 16**_THRESHOLD_DIGITS

_DRAWS = 2**64

_TRACE_STATE = 4  # its place in a SpanContext, which is a tuple: its property is a call more


@dataclass(frozen=True, slots=True)
class HeadSampling:
    """What the tracer provider's own sampler is known to do; a probability of 0 stands for "not known"."""

    probability: float = 0.0
    root_only: bool = False


UNKNOWN_SAMPLING = HeadSampling()


def read_sampler(description: str) -> HeadSampling:
    """Reads the description of a sampler of the SDK.

    Args:
        description: What `Sampler.get_description()` returns, such as ``TraceIdRatioBased{0.1}``.
    """
    if description == _ALWAYS_ON:
        return HeadSampling(1.0)
    for pattern, root_only in ((_RATIO, False), (_PARENT_BASED, True)):
        match = pattern.fullmatch(description)
        if match:
            probability = _number(match["ratio"])
            if probability is not None and 0 < probability <= 1:
                return HeadSampling(probability, root_only)
    return UNKNOWN_SAMPLING


def sampling_weight(span: ReadableSpan, attributes: Mapping[str, Any], head: HeadSampling) -> float:
    """How many calls a span stands for, not rounded; 1 where nothing is known.

    The first of these that tells: the attribute ``moesif.weight``; the provider's own sampler; the rejection threshold
    in the tracestate of the span, or of its remote parent.

    Args:
        span: The span of the call.
        attributes: Its attributes.
        head: The provider's own sampler.
    """
    attribute = attributes.get(_WEIGHT_ATTRIBUTE)
    if attribute is not None and (weight := _own_weight(attribute)) is not None:
        return weight
    if head.probability and _decides(head, span):
        return 1 / head.probability
    context, parent = span.context, span.parent
    if parent is None and (context is None or context[_TRACE_STATE] is DEFAULT_TRACE_STATE):
        return 1.0  # as for most calls: it saves 0.4 µs to say so here
    return 1 / _threshold_probability(context, parent)


def round_unbiased(weight: float, trace_id: int, span_id: int) -> int:
    """Rounds a weight so that the sum over many calls is right: down, plus 1 with the probability of the rest.

    The draw is a keyed hash of the span's ids: the same whenever the span is exported, and independent of every
    sampler's draw, which are made from the trace id's own bits or under another key.
    """
    whole = math.floor(weight)
    rest = weight - whole
    return whole + (rest > 0 and draw(b"rounding", trace_id, span_id) < rest)


def draw(key: bytes, trace_id: int, span_id: int) -> float:
    """A number of [0, 1) that depends on the ids and the key alone.

    Args:
        key: What the number is for: draws under different keys are independent of each other.
        trace_id: The span's trace.
        span_id: The span.
    """
    ids = trace_id.to_bytes(16, "big") + span_id.to_bytes(8, "big")
    return int.from_bytes(blake2b(ids, digest_size=8, key=key).digest(), "big") / _DRAWS


def _own_weight(value: Any) -> float | None:
    number = _number(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    return number if number is not None and 1 <= number <= _LARGEST_WEIGHT else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _decides(head: HeadSampling, span: ReadableSpan) -> bool:
    """Whether it was the provider's own sampler that decided on this span."""
    parent = span.parent
    if parent is None or not head.root_only:
        return True
    # A SERVER span under a local one shares its process's decision. The parent of a CLIENT span may well have a remote
    # parent that decided, and the span does not tell.
    return span.kind is SpanKind.SERVER and not parent.is_remote


def _threshold_probability(context: SpanContext | None, parent: SpanContext | None) -> float:
    entry = _ot_entry(context)
    if entry is None and parent is not None and parent.is_remote:
        entry = _ot_entry(parent)
    if not entry:
        return 1.0
    rejected = _threshold(entry)
    # A probability so small that its weight is beyond exact numbers is no sampler's.
    return 1 - rejected / _ALWAYS if (_ALWAYS - rejected) * _LARGEST_WEIGHT >= _ALWAYS else 1.0


def _ot_entry(context: SpanContext | None) -> str | None:
    trace_state = None if context is None else context.trace_state
    return trace_state.get("ot") if trace_state else None


def _threshold(entry: str) -> int:
    """The rejection threshold in OpenTelemetry's entry of a tracestate, as a fraction of 2**56; 0 for none."""
    for member in entry.split(";"):
        name, _, digits = member.partition(":")
        if name == "th" and _THRESHOLD.fullmatch(digits):
            return int(digits.ljust(_THRESHOLD_DIGITS, "0"), 16)
    return 0
