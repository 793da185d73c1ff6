"""Texts that are JSON, JSON on each line, or events of a stream: a walk finds what their escapes hide from a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.redaction.expressions import expression

if TYPE_CHECKING:
    from typing_extensions import Self

    from opentelemetry_exporter_moesif.redaction.structures import Structures

# White space (RFC 8259, section 2), and a byte order mark.
_BEFORE_JSON = " \t\r\n\ufeff"
_STARTS_OF_JSON = frozenset('{["')
# A stream's events (HTML Standard, section 9.2.6), and what a language model's ends with.
_EVENT_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_END_OF_A_STREAM = "[DONE]"
_EVENT_FIELD = expression(r"(?:event|id|retry)?:[ ]?(?P<word>[\w.-]{0,256})\r?")


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
        return _of_events(text, structures) if content.startswith(_EVENT_FIELDS) else None
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


def _of_events(text: str, structures: Structures) -> str | None:
    """The events of a stream, each of whose data is JSON on one line."""
    clean: list[str] = []
    for line in text.split("\n"):
        name, _, data = line.partition(":")
        data = data.strip()
        if name == "data" and data != _END_OF_A_STREAM:
            of_data = masked(data, structures) if data[:1] in _STARTS_OF_JSON else None
            if of_data is None:
                return None
            clean.append(line if of_data == data else f"data: {of_data}")
        elif not line.strip() or name == "data":
            clean.append(line)
        elif field := _EVENT_FIELD.fullmatch(line):
            clean.append(line[: field.start("word")] + structures.masked(field["word"]) + line[field.end("word") :])
        else:
            return None
    return "\n".join(clean)
