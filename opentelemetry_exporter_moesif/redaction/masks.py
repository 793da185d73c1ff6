"""What stands for a value that must not leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Span = tuple[int, int]
"""Where a part of a text starts and ends."""

MASKED = "[REDACTED]"
"""As OpenTelemetry's own instrumentations write it."""

MASKED_PARAMETER = "REDACTED"
"""In a URI, where brackets would have to be percent-encoded."""


def masked_value(value: Any) -> Any:
    """What stands for the value of a secret: true, false and null are none, nor is what is empty."""
    return value if value is None or value is True or value is False or value in ([], {}, "") else MASKED


def without(text: str, spans: Iterable[Span], mask: str = MASKED) -> str:
    """The text with a mask in the place of some parts of it.

    Args:
        text: The text.
        spans: Those parts, in their order.
        mask: What stands for each of them.
    """
    return replaced(text, ((span, mask) for span in spans))


def replaced(text: str, found: Iterable[tuple[Span, str]]) -> str:
    """The text with something else in the place of some parts of it.

    Args:
        text: The text.
        found: Those parts, in their order, each with what stands there.
    """
    pieces: list[str] = []
    end = 0
    for (start, stop), other in found:
        pieces += text[end:start], other
        end = stop
    return "".join((*pieces, text[end:]))
