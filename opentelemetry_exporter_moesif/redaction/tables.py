"""Values that stand below their names in a text: tables, the parts of a multipart form, a name alone on its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import aligned, cells, framed
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_SEPARATORS = ",;\t|"
_FIRST_LINE = expression(r"[\ufeff\s]*(?P<names>(?! )[\w .\"'\[\]$@/#%-]+(?:[,;\t|][\w .\"'\[\]$@/#%-]*)+)\r?\n(?=\S)")
_PART = expression(r"(?i:content-disposition)\s*:[^\n]{0,256}?\bname\*?=[\"']?(?P<name>[^\"';\r\n]{1,256})[^\n]*")
_BLANK_LINE = expression(r"\n\r?\n")
_ALONE = expression(
    r"^[ \t]*(?P<name>[^\s:=<>\"'{}(),;|]{2,64})(?:[ \t]*:)?\s*\n"
    r"(?:[ \t]*[-=]{3,}[ \t]*\r?\n)?(?=[ \t]*(?P<value>[^\s]+)[ \t]*\r?$)",
    re.MULTILINE,
)


def masked(text: str, names: SecretNames, steps: Steps) -> tuple[str, bool]:
    """The text without them, and whether the end of each could be told.

    Raises:
        TooManyStepsError: More names stand alone in it than in anything ordinary.
    """
    if "\n" not in text:
        return text, True
    clean = _without_lines(text, names, steps)
    clean = without(clean, _parts(clean, names))
    table = _FIRST_LINE.match(clean)
    if table and _is_table(clean, table, names):
        return clean[: table.end()] + MASKED, False
    return clean, True


def _without_lines(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without the lines below a name: each line may be a name, also one that stands below another."""
    secret = names.among({name for name, _ in _ALONE.findall(text)}, steps)
    if not secret:
        return text
    return without(text, (pair.span("value") for pair in _ALONE.finditer(text) if pair["name"] in secret))


def without_cells(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without the cells that stand beside or below a name in a table, as it was written.

    Raises:
        TooManyStepsError: It has more lines than anything ordinary.
    """
    text = cells.without_secrets(text, framed.tables(text), names, steps)
    return aligned.without_secrets(text, names, steps)


def _is_table(text: str, first: re.Match[str], names: SecretNames) -> bool:
    """Whether the first line names columns, one of which is a secret: the second has as many of their separators."""
    line = first["names"]
    separator = max(_SEPARATORS, key=line.count)
    columns = line.split(separator)
    if not any(is_name(column.strip(" \"'"), names) for column in columns):
        return False
    rows = text[first.end() :].splitlines()
    counts = {row.count(separator) for row in rows if separator in row}
    if separator == "|" and counts == {len(columns) - 1}:  # those were masked before, cell by cell
        return False
    return rows[0].count(separator) >= len(columns) - 1


def _parts(text: str, names: SecretNames) -> Iterator[Span]:
    """The values of secret fields of a multipart form, whatever it says that it is."""
    if "isposition" not in text:
        return
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
            end = len(text) if closing < 0 else closing
            yield value, end
