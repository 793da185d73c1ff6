"""Tables of HTML: where their cells stand, and which rows are headings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.cells import Table
from opentelemetry_exporter_moesif.redaction.expressions import expression

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.masks import Span

_HEADING = expression(r"<th\b", re.IGNORECASE)
_ROW = expression(r"<tr\b", re.IGNORECASE)
_CELL = expression(
    r"<t(?P<kind>[hd])\b[^<>]{0,512}>(?P<content>.{0,4096}?)(?=</?t(?:[hdr]|head|body|foot)\b|</table|$)",
    re.IGNORECASE | re.DOTALL,
)
# What somebody may fill in: what is in there is told by its own name, or its label.
_FIELD = expression(r"<(?:input|select|textarea|button|form)\b", re.IGNORECASE)


def tables(text: str) -> Iterator[Table]:
    """The tables of a page that have headings, of their columns or their rows."""
    if not _HEADING.search(text):
        return
    rows: list[tuple[bool, list[Span]]] = []
    starts = [row.start() for row in _ROW.finditer(text)]
    for start, stop in itertools.pairwise([*starts, len(text)]):
        cells = list(_CELL.finditer(text, start, stop))
        is_heading = all(cell["kind"] in "hH" for cell in cells)  # else the first one is the heading of a row
        rows.append((is_heading, [_content(cell) for cell in cells]))
    for count, alike in itertools.groupby(rows, lambda row: len(row[1])):
        if count:
            kinds, spans = zip(*alike, strict=True)
            yield Table(spans, {index for index, is_heading in enumerate(kinds) if is_heading}, are_marked=True)


def _content(cell: re.Match[str]) -> Span:
    start, end = cell.span("content")
    return (start, start) if _FIELD.search(cell["content"]) else (start, end)
