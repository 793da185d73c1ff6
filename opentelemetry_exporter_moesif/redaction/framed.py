"""Tables whose cells stand between bars, or between the signs that a markup language has for that."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.cells import Table
from opentelemetry_exporter_moesif.redaction.expressions import expression

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.steps import Steps

BARS = "|\u2502\u2503\u2551"
SIGNS = frozenset(f"{BARS}^")
_BAR = expression("[|\u2502\u2503\u2551]")
_DOUBLED_BAR = expression(r"\|\|")  # Jira, MoinMoin
_CARET = expression(r"[|^]")  # DokuWiki's headings
FRAME = expression(r"[-+=|: \t\r\u2500-\u257f]+")
_LINE = expression(r"[^\n]+")
_LONGEST_ROWS = 4096
_LEAST_COLUMNS = 2
# LaTeX: `user & password \\`.
_END_OF_ROW = expression(r"\\\\")
_AMPERSAND = expression(r"(?<!\\)&")
# MediaWiki: a table, its rows, and what its cells start with, each on a line or several on one.
_WIKI = expression(r"\{\|[^\n]*(?P<rows>.*?)(?=\n[ \t]*\|\}|\{\||$)", re.DOTALL)
_WIKI_ROW = expression(r"\n[ \t]*\|-[^\n]*")
_WIKI_CELL = expression(r"\n[ \t]*[!|](?![-+}|])|!!|\|\|")


def has_bars(text: str) -> bool:
    """Whether a sign that parts cells from each other is in a text."""
    return any(map(text.__contains__, BARS))


def is_in_row(text: str, at: int) -> bool:
    """Whether a place is in a row below another one of the same table, so that what its cells hold is known.

    Args:
        text: The text.
        at: The place.
    """
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    end = len(text) if end < 0 else end
    lines = text[max(start - _LONGEST_ROWS, 0) : start].splitlines()[-2:]
    above = lines[-1:] if lines and not FRAME.fullmatch(lines[-1]) else lines[:-1]
    line, below = text[start:end], text[end + 1 : end + 1 + _LONGEST_ROWS].partition("\n")[0]
    return (
        bool(above)
        and len(above[0]) < _LONGEST_ROWS // 2
        and _sketch(above[0]) == _sketch(line)
        and line.lstrip()[:1] in BARS
        and not FRAME.fullmatch(below)
    )


def _sketch(line: str) -> tuple[int, bool]:
    """How many bars a line has, and whether it starts with two: that of the rows of one table is the same."""
    return len(_BAR.findall(line)), line.lstrip()[:2] == "||"


def tables(text: str, steps: Steps) -> Iterator[Table]:
    """The tables of a text."""
    if has_bars(text):
        yield from _between_bars(text, steps)
        if "{|" in text:
            yield from _of_media_wiki(text, steps)
    if "&" in text and "\\\\" in text:
        yield from _of_latex(text, steps)


def _between_bars(text: str, steps: Steps) -> Iterator[Table]:
    rows: list[list[Span]] = []
    ruled: set[int] = set()  # the rows that a line is drawn below
    end = -1
    for line in steps.watched(_LINE.finditer(text)):
        between = text[end : line.start()] if rows else ""
        is_next = between == "\n" or (
            len(rows) == 1 and not ruled and between.isspace()
        )  # an empty line below a heading
        if FRAME.fullmatch(line[0]):
            if is_next and rows:
                end = line.end()
                ruled.add(len(rows) - 1)
            continue
        row = _row(text, *line.span()) if any(map(line[0].__contains__, SIGNS)) else []
        if rows and not (is_next and row and abs(len(row) - len(rows[0])) <= 1):  # a cell or a bar may be missing
            yield from _table(text, rows, ruled)
            rows, ruled = [], set()
        if row:
            rows.append(row)
            end = line.end()
    yield from _table(text, rows, ruled)


def _row(text: str, start: int, end: int) -> list[Span]:
    """The cells of a line; what stands before its first bar and behind its last one are some of them."""
    first = text[start:end].lstrip()[:2]
    bar = _DOUBLED_BAR if first == "||" else _CARET if first[:1] == "^" else _BAR
    bars = [found.span() for found in bar.finditer(text, start, end)]
    return _between([(start, start), *bars], end)


def _between(signs: list[Span], end: int) -> list[Span]:
    """What stands behind each of several signs, up to the next one or to an end."""
    return list(zip((after for _, after in signs), (*(before for before, _ in signs[1:]), end), strict=True))


def _table(text: str, rows: list[list[Span]], ruled: set[int]) -> Iterator[Table]:
    """A table of those rows; a single one is none unless bars stand around it."""
    for place in (0, -1):
        if rows and len(rows[0]) > 1 and not any(text[slice(*row[place])].strip() for row in rows):
            rows = [row[1:] if place == 0 else row[:-1] for row in rows]
    is_boxed = bool(rows) and text[rows[0][0][0] - 1 : rows[0][0][0]] in SIGNS
    if len(rows) > 1 or (is_boxed and len(rows[0]) == _LEAST_COLUMNS):
        yield Table(rows, {0, *ruled} if len(ruled) <= len(rows) // 2 else (0,))


def _of_latex(text: str, steps: Steps) -> Iterator[Table]:
    rows: list[list[Span]] = []
    start = 0
    for end in (row.start() for row in steps.watched(_END_OF_ROW.finditer(text))):
        at = max(text.rfind("\n", start, end) + 1, start)
        rows.append(_between([(at, at), *(sign.span() for sign in _AMPERSAND.finditer(text, at, end))], end))
        start = end + 2
    yield from _alike(rows)


def _of_media_wiki(text: str, steps: Steps) -> Iterator[Table]:
    for table in steps.watched(_WIKI.finditer(text)):
        starts = [table.start("rows"), *(row.end() for row in _WIKI_ROW.finditer(text, *table.span("rows")))]
        rows: list[list[Span]] = []
        for start, stop in itertools.pairwise([*starts, table.end("rows")]):
            cells = [cell.span() for cell in _WIKI_CELL.finditer(text, start, stop)]
            if cells:
                rows.append(
                    list(zip((at for _, at in cells), (*(before for before, _ in cells[1:]), stop), strict=True))
                )
        yield from _alike(rows)


def _alike(rows: Iterable[list[Span]]) -> Iterator[Table]:
    """Tables of the rows that follow each other and have as many cells."""
    for count, alike in itertools.groupby(rows, len):
        if count >= _LEAST_COLUMNS:
            yield Table(list(alike))
