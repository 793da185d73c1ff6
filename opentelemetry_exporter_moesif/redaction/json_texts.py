"""Texts that are JSON, or JSON on each line: a walk through them finds what their escapes hide from a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.json_codec import loads

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.structures import Structures

# White space (RFC 8259, section 2), and a byte order mark.
_BEFORE_JSON = " \t\r\n\ufeff"
_STARTS_OF_JSON = frozenset('{["')


def masked(text: str, structures: Structures) -> str | None:
    """The text without its secrets; None where it is none of those."""
    content = text.lstrip(_BEFORE_JSON)
    if content[:1] not in _STARTS_OF_JSON:
        return None
    try:
        document = loads(content)
        clean = structures.masked(loads(content))
    except (ValueError, RecursionError):
        return _of_lines(text, structures)
    if clean == document:
        return text
    return text[: len(text) - len(content)] + json.dumps(clean, ensure_ascii=False)


def _of_lines(text: str, structures: Structures) -> str | None:
    lines = text.split("\n")
    if len(lines) == 1 or any(line[:1] not in _STARTS_OF_JSON for line in map(str.strip, lines) if line):
        return None
    clean: list[str] = []
    for line in lines:
        of_line = masked(line, structures) if line.strip() else line
        if of_line is None:
            return None
        clean.append(of_line)
    return "\n".join(clean)
