"""Texts that are JSON, JSON on each line, or events of a stream: a walk finds what their escapes hide from a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    import re

    from typing_extensions import Self

    from opentelemetry_exporter_moesif.redaction.structures import Structures

# White space (RFC 8259, section 2), a byte order mark, and what parts records (RFC 7464).
_BEFORE_JSON = " \t\r\n\ufeff\x1e"
_STARTS_OF_JSON = frozenset('{["')
# A stream's events (HTML Standard, section 9.2.6), and what a language model's ends with.
_EVENT_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_END_OF_A_STREAM = "[DONE]"
# What stands before JSON that is called or guarded (JSONP, Angular, Google), and before what SockJS sends.
_BEFORE = expression(
    r"\)\]\}',?\s{0,8}|(?:while|for)\s?\([1;]{1,2}\);\s{0,8}|(?:/\*\*/\s?)?[\w.$]{1,64}\((?=[\[{])|a(?=\[\")"
    r"|(?P<message>\d{1,4}(?:/[\w/-]{0,64},)?\d{0,9})(?=\[)"
)
_BEHIND = " \t\r\n;,)\x1e"
_GOES_ON = (",", "\x1e")  # behind JSON that stood in a longer list, and SignalR's
_EVENT_FIELD = expression(r"(?:event|id|retry)?:[ ]?(?P<word>[\w.-]{0,256})\r?")
_EVENT = '{{"event": "{}", "data": '


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
        if content.startswith(_EVENT_FIELDS):
            return _of_events(text, structures)
        before = _BEFORE.match(content)
        return _within(content, before, structures) if before else None
    try:
        clean = _masked(content, structures)
    except (ValueError, RecursionError):
        return _of_lines(text, structures)
    return text if clean is None else text[: len(text) - len(content)] + clean


def _masked(content: str, structures: Structures) -> str | None:
    """JSON without its secrets; None where it has none.

    Raises:
        ValueError: It is no JSON, or nested too deep.
        RecursionError: It is nested deeper still.
    """
    document = loads(content)
    clean = structures.masked(loads(content))
    if clean == document and not _tells_one_name_twice(content):
        return None
    return _written(structures.masked(json.loads(content, parse_float=_Number, parse_int=_Number)))


def _within(text: str, before: re.Match[str], structures: Structures) -> str | None:
    """The same of JSON with something before it and behind it: `callback({…});`, `42["login", …]`."""
    content = text[before.end() :]
    inner = content.rstrip(_BEHIND)
    try:
        clean = _of_message(inner, structures) if before["message"] else _masked(inner, structures)
    except (ValueError, RecursionError):
        return None
    return text if clean is None else before[0] + clean + content[len(inner) :]


def _of_message(content: str, structures: Structures) -> str | None:
    """The name of an event, and what it was given, as JSON-RPC has a method and its parameters."""
    name, *given = loads(content)
    document = {"event": name, "args": given}
    clean = structures.masked({"event": name, "args": given[:]})
    if not isinstance(name, str) or clean["args"] != MASKED:
        return _masked(content, structures)
    return None if clean == document else _written([name, MASKED])


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
    if text.rstrip(" \t\r\n").endswith(_GOES_ON):
        content = text.rstrip(_BEHIND)
        inner = masked(content, structures)
        return None if inner is None else inner + text[len(content) :]
    lines = text.split("\n")
    if len(lines) == 1 or any(line[:1] not in _STARTS_OF_JSON for line in map(str.strip, lines) if line):
        return None
    if (rows := _rows(lines)) and structures.mask_lines(rows):
        of_rows = iter([_written(rows[0]), *(_written(structures.masked(row)) for row in rows[1:])])
        return "\n".join(next(of_rows) if line.strip() else line for line in lines)
    clean: list[str] = []
    for line in lines:
        of_line = masked(line, structures) if line.strip() else line
        if of_line is None:
            return None
        clean.append(of_line)
    return "\n".join(clean)


def _rows(lines: list[str]) -> list[list[Any]]:
    """The lists of which each stands on a line, as many values in each; nothing where it is anything else."""
    if not lines[0].startswith("["):
        return []
    try:
        rows = [json.loads(line, parse_float=_Number, parse_int=_Number) for line in lines if line.strip()]
    except (ValueError, RecursionError):
        return []
    return rows if all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows) else []


def _of_events(text: str, structures: Structures) -> str | None:
    """The events of a stream, each of whose data is JSON on one line: what an event is called tells of its data."""
    clean: list[str] = []
    before = ""
    for line in text.split("\n"):
        name, _, data = line.partition(":")
        data = data.strip()
        if name == "data" and data != _END_OF_A_STREAM:
            whole = f"{before}{data}}}" if before else data
            of_data = masked(whole, structures) if data[:1] in _STARTS_OF_JSON else None
            if of_data is None:
                return None
            clean.append(line if of_data == whole else f"data: {of_data[len(before) : -1 if before else None]}")
        elif not line.strip() or name == "data":
            before = ""
            clean.append(line)
        elif field := _EVENT_FIELD.fullmatch(line):
            before = _EVENT.format(field["word"]) if name == "event" else before
            clean.append(line[: field.start("word")] + structures.masked(field["word"]) + line[field.end("word") :])
        else:
            return None
    return "\n".join(clean)
