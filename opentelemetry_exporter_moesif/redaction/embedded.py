"""JSON in another text: `<script type="application/json">…</script>`, and at the end of a line: `failed: {…}`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from opentelemetry_exporter_moesif.redaction.expressions import expression

_START = expression(
    r"<script\b[^<>]{0,512}?\btype\s?=\s?[\"']?application/(?:[\w.-]{1,64}\+)?json\b[^<>]{0,512}>", re.IGNORECASE
)
_OPENING = expression(r"[{\[](?=[\s{\[\"\d])")
_CLOSING = frozenset("}]")
_LONGEST_LINE = 4096
_MOST_TRIED = 4
_END = expression(r"</script\b", re.IGNORECASE)


def may_be_in(text: str) -> bool:
    """Whether a text may have some in it: one cheap look."""
    return "<script" in text or (text[-1:] in _CLOSING and len(text) <= _LONGEST_LINE and "\n" not in text)


def masked(text: str, look: Callable[[str], str | None]) -> str:
    """The text without the secrets of that.

    Args:
        text: Any text that may have some in it.
        look: Gives JSON without its secrets; None where it is none.
    """
    return _of_scripts(text, look) if "<script" in text else _at_the_end(text, look)


def _at_the_end(text: str, look: Callable[[str], str | None]) -> str:
    for start in itertools.islice(_OPENING.finditer(text), _MOST_TRIED):
        content = text[start.start() :]
        if (clean := look(content)) is not None:
            return text[: start.start()] + clean
    return text


def _of_scripts(text: str, look: Callable[[str], str | None]) -> str:
    if "/json" not in text and "+json" not in text:
        return text
    pieces: list[str] = []
    at = 0
    while (start := _START.search(text, at)) and (end := _END.search(text, start.end())):
        content = text[start.end() : end.start()]
        pieces += text[at : start.end()], look(content) or content
        at = end.start()
    return "".join((*pieces, text[at:]))
