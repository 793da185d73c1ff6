"""Tables of HTML: where their cells stand, and which rows are headings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.cells import Table
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.labels import shown_in_fields
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_HEADING = expression(r"<th\b", re.IGNORECASE)
_NAME = expression(r"<td\b[^<>]{0,512}>(?:\s{0,64}<[^<>/]{0,128}>){0,4}\s{0,64}(?P<name>[^<>]{2,64})<", re.IGNORECASE)
_PART = expression(r"<(?P<kind>tr|/?table)\b", re.IGNORECASE)
_CELL = expression(
    r"<t(?P<kind>[hd])\b(?P<attributes>[^<>]{0,512})>(?P<content>.{0,4096}?)(?=</?t(?:[hdr]|head|body|foot)\b|</table|$)",
    re.IGNORECASE | re.DOTALL,
)
# What stands above a table, or in it.
_TITLE = expression(
    r"<(?P<tag>caption|h[1-6])\b[^<>]{0,128}>\s{0,64}(?P<title>[^<>]{2,64}?)\s{0,64}</(?P=tag)>", re.IGNORECASE
)
_LONGEST_TITLE = 512
_SPAN = expression(r"(?<!\S)colspan\s?=\s?[\"']?(?P<columns>\d{1,2})(?!\d)", re.IGNORECASE)
_WIDEST_SPAN = 16
_PAIR = 2
# What somebody may fill in is told by its own name, or its label; and what a button is for is no value.
_FIELD = expression(r"<(?:input|select|textarea|button|form)\b", re.IGNORECASE)
# A heading that has more than its name: `<th>Token <a>sort</a></th>`.
_DECORATED = expression(
    r"\s{0,64}(?:<[^<>]{0,128}>\s{0,64}){0,4}[^<\s][^<]{0,64}<(?:a|small|sup|svg|i|img)\b", re.IGNORECASE
)
_FILLED_IN = expression(r"<(?:input|select|textarea)\b", re.IGNORECASE)
_RUN = expression(r"(?:^|<(?P<tag>[^\s<>]{1,32})[^<>]{0,512}>)(?P<run>[^<]+)")


class _Row(NamedTuple):
    """A row with cells.

    Args:
        is_heading: All of its cells are headings; else the first one may be the heading of the row.
        cells: Where they stand: one of several columns is there for each.
    """

    is_heading: bool
    cells: list[Span]


def tables(text: str, names: SecretNames, steps: Steps) -> Iterator[Table]:
    """The tables of a page; the first row of one without headings may be one.

    A row without cells, a short one, and one cell in place of several all leave the headings to the rows below.
    """
    if _HEADING.search(text) or names.among({cell["name"] for cell in names.near(_NAME, text, steps)}, steps):
        yield from (_table(text, rows) for rows in _groups(text, steps) if rows)


def _groups(text: str, steps: Steps) -> Iterator[list[_Row]]:
    """The rows of each table: a table may stand in a cell of another one."""
    groups: list[list[_Row]] = [[]]
    former: list[_Row] = []
    parts = [(part.start(), part["kind"].lower()) for part in _PART.finditer(text)]
    for (start, kind), (stop, _) in steps.watched(itertools.pairwise([*parts, (len(text), "")])):
        if kind == "table":
            groups.append([])
            continue
        if kind == "/table" and len(groups) > 1:
            yield former
            former = groups.pop()
        cells = list(_CELL.finditer(text, start, stop))
        is_heading = all(cell["kind"] in "hH" for cell in cells)
        spans = [span for cell in cells for span in _spans(cell)]
        if is_heading and len(cells) == 1:  # that of a group of rows
            del spans[1:]
        if kind == "/table":
            if groups[-1]:  # what follows in the row that the table stands in
                groups[-1][-1].cells.extend(spans)
        elif spans:
            row = _Row(is_heading, spans)
            if not groups[-1] and former and _goes_on(row, former):
                groups[-1], former = former, []
            elif groups[-1] and _starts_anew(row, groups[-1][-1]):
                yield groups[-1]
                groups[-1] = []
            groups[-1].append(row)
    yield former
    yield from groups


def _goes_on(row: _Row, former: list[_Row]) -> bool:
    """Whether the headings of a row stand in the table before: a page that scrolls has them in one of their own."""
    is_headed = any(each.is_heading for each in former)
    return is_headed and not row.is_heading and (len(row.cells) == len(former[-1].cells) or former[-1].is_heading)


def _starts_anew(row: _Row, former: _Row) -> bool:
    """Whether a row is the heading of other columns."""
    is_like = len(row.cells) == len(former.cells)
    return row.is_heading and not former.is_heading and not is_like and len(row.cells) > 1


def _table(text: str, rows: list[_Row]) -> Table:
    widest = max((len(row.cells) for row in rows if not row.is_heading), default=0)
    if not widest:
        return _of_headings(text, [row.cells for row in rows])
    headings = {index for index, row in enumerate(rows) if row.is_heading}
    if not headings:
        return Table([row.cells for row in rows], is_guessed=True)
    first = rows[0].cells[0][0]
    titles = _TITLE.findall(text, max(0, first - _LONGEST_TITLE), first)
    title = titles[-1][1] if titles else ""
    return Table([_within(row, widest) for row in rows], headings, are_marked=True, title=title)


def _of_headings(text: str, rows: list[list[Span]]) -> Table:
    """A table that has nothing but headings: one row of them heads columns, unless it is a name with a secret."""
    is_one = len(rows) == 1 and not (len(rows[0]) == _PAIR and is_opaque(text[slice(*rows[0][1])]))
    return Table(rows, {0}, are_marked=is_one)


def _within(row: _Row, widest: int) -> list[Span]:
    """The cells of a row; those of a heading that say that they take more columns than there are take fewer."""
    surplus = len(row.cells) - widest
    if not row.is_heading or surplus <= 0:
        return row.cells
    cells = row.cells[:1]
    for cell in row.cells[1:]:
        if surplus and cell == cells[-1]:
            surplus -= 1
        else:
            cells.append(cell)
    return cells


def _spans(cell: re.Match[str]) -> list[Span]:
    """Where a cell's content stands, for each of its columns: what heads a group of rows is in the first one alone."""
    span = _SPAN.search(cell["attributes"])
    columns = max(1, min(int(span["columns"]), _WIDEST_SPAN) if span else 1)
    content = start, end = _content(cell)
    is_of_all = cell["kind"] in "hH" or is_opaque(cell.string[start:end])
    return [content] * columns if is_of_all else [content, *[(start, start)] * (columns - 1)]


def _content(cell: re.Match[str]) -> Span:
    """What a cell says: beside a field or a button, what is none of what they say, or looks like a secret."""
    start, end = cell.span("content")
    is_decorated = cell["kind"] in "hH" and _DECORATED.match(cell["content"])
    if not (is_decorated or _FIELD.search(cell["content"])):
        return start, end
    runs = [run for run in _RUN.finditer(cell["content"]) if run["run"].strip()]
    if cell["kind"] in "hH":
        said = [run.span("run") for run in runs[:1]]
    else:
        is_filled_in = _FILLED_IN.search(cell["content"]) is not None
        said = [run.span("run") for run in runs if is_opaque(run["run"]) or _is_value(run, is_filled_in=is_filled_in)]
        said = sorted((*said, *shown_in_fields(cell["content"])))
    return (start + said[0][0], start + said[-1][1]) if said else (start, start)


def _is_value(run: re.Match[str], *, is_filled_in: bool) -> bool:
    tag = (run["tag"] or "").lower()
    return tag == "textarea" or not (is_filled_in or tag == "button")
