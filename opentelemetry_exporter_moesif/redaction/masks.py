"""What stands for a value that must not leave."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
"""Where a part of a text starts and ends."""

MASKED = "[REDACTED]"
"""As OpenTelemetry's own instrumentations write it."""

MASKED_PARAMETER = "REDACTED"
"""In a URI, where brackets would have to be percent-encoded."""


def without(text: str, spans: Iterable[Span], mask: str = MASKED) -> str:
    """The text with a mask in the place of some parts of it.

    Args:
        text: The text.
        spans: Those parts, in their order.
        mask: What stands for each of them.
    """
    pieces: list[str] = []
    end = 0
    for start, stop in spans:
        pieces += text[end:start], mask
        end = stop
    return "".join((*pieces, text[end:]))
