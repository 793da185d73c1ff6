"""Texts that are JSON, or JSON on each line: a walk through them finds what their escapes hide from a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

if TYPE_CHECKING:
    from typing_extensions import Self

    from opentelemetry_exporter_moesif.redaction.structures import Structures

# White space (RFC 8259, section 2), and a byte order mark.
_BEFORE_JSON = " \t\r\n\ufeff"
_STARTS_OF_JSON = frozenset('{["')


class _Number(float):
    """A number as it is written, with all its digits, which is one to whoever asks."""

    def __new__(cls, _written: str) -> Self:
        return super().__new__(cls, 0)  # any: what matters is that it is finite

    def __init__(self, written: str) -> None:
        self.written = written


def masked(text: str, structures: Structures) -> str | None:
    """The text without its secrets; None where it is none of those."""
    content = text.lstrip(_BEFORE_JSON)
    if content[:1] not in _STARTS_OF_JSON:
        return None
    try:
        document = loads(content)
        clean = structures.masked(loads(content))
        if clean == document and not _tells_one_name_twice(content):
            return text
        clean = structures.masked(json.loads(content, parse_float=_Number, parse_int=_Number))
    except (ValueError, RecursionError):
        return _of_lines(text, structures)
    return text[: len(text) - len(content)] + _written(clean)


def _written(value: Any) -> str:
    """A document as `json.dumps` writes it, each number as it was."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(name)}: {_written(field)}" for name, field in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return value.written if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _tells_one_name_twice(content: str) -> bool:
    """Whether an object holds a name twice: only the last of them is in what was parsed."""
    twice = False

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        document = dict(pairs)
        twice = twice or len(document) < len(pairs)
        return document

    json.loads(content, object_pairs_hook=fields)
    return twice


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
