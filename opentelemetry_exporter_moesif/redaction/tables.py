"""Values that stand below their names in a text: CSV, the parts of a multipart form, a name alone on its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_SEPARATORS = ",;\t|"
_FIRST_LINE = re.compile(r"[\ufeff\s]*(?P<names>[\w .\"'\[\]$-]+(?:[,;\t|][\w .\"'\[\]$-]*)+)\r?\n(?=\S)")
_PART = re.compile(r"(?i:content-disposition)\s*:[^\n]{0,256}?\bname\*?=[\"']?(?P<name>[^\"';\r\n]{1,256})[^\n]*(?=\n)")
_BLANK_LINE = re.compile(r"\n\r?\n")
_ALONE = re.compile(
    r"^[ \t]*(?P<name>[^\s:=<>\"'{}(),;]{2,64})[ \t]*:?\s*\n(?=[ \t]*(?P<value>[^\s]+)[ \t]*\r?$)", re.MULTILINE
)


def masked(text: str, names: SecretNames) -> tuple[str, bool]:
    """The text without them, and whether the end of each could be told."""
    if "\n" not in text:
        return text, True
    clean = _without_parts(_without_lines(text, names), names)
    table = _FIRST_LINE.match(clean)
    if table and _is_table(clean, table, names):
        return clean[: table.end()] + MASKED, False
    return clean, True


def _without_lines(text: str, names: SecretNames) -> str:
    """The text without the lines below a name: each line may be a name, also one that stands below another."""
    pieces: list[str] = []
    end = 0
    for pair in _ALONE.finditer(text):
        if names[pair["name"]]:
            pieces += text[end : pair.start("value")], MASKED
            end = pair.end("value")
    return "".join((*pieces, text[end:]))


def _is_table(text: str, first: re.Match[str], names: SecretNames) -> bool:
    """Whether the first line names columns, one of which is a secret: the second has as many of their separators."""
    line = first["names"]
    separator = max(_SEPARATORS, key=line.count)
    columns = line.split(separator)
    if not any(names[column.strip(" \"'")] for column in columns):
        return False
    second = text[first.end() :].partition("\n")[0]
    return second.count(separator) >= len(columns) - 1


def _without_parts(text: str, names: SecretNames) -> str:
    """The text without the values of secret fields of a multipart form, whatever it says that it is."""
    if "isposition" not in text:
        return text
    pieces: list[str] = []
    end = value = 0
    for part in _PART.finditer(text):
        if part.start() >= end and names[part["name"]]:
            # One blank line may be the next one of many parts: it is looked for once.
            if value <= part.end():
                blank = _BLANK_LINE.search(text, part.end())
                if blank is None:
                    break
                value = blank.end()
            closing = text.find("\n--", value - 1)
            pieces += text[end:value], MASKED
            end = len(text) if closing < 0 else closing
    return "".join((*pieces, text[end:]))
