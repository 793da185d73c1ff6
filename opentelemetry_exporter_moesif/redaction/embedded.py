"""JSON that a page brings along: `<script type="application/json">…</script>`."""

from __future__ import annotations

import re
from collections.abc import Callable

from opentelemetry_exporter_moesif.redaction.expressions import expression

_START = expression(
    r"<script\b[^<>]{0,512}?\btype\s?=\s?[\"']?application/(?:[\w.-]{1,64}\+)?json\b[^<>]{0,512}>", re.IGNORECASE
)
_END = expression(r"</script\b", re.IGNORECASE)


def masked(text: str, look: Callable[[str], str | None]) -> str:
    """The text without the secrets of that.

    Args:
        text: Any text.
        look: Gives JSON without its secrets; None where it is none.
    """
    if "/json" not in text and "+json" not in text:
        return text
    pieces: list[str] = []
    at = 0
    while (start := _START.search(text, at)) and (end := _END.search(text, start.end())):
        content = text[start.end() : end.start()]
        pieces += text[at : start.end()], look(content) or content
        at = end.start()
    return "".join((*pieces, text[at:]))
