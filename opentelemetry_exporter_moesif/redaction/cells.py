"""Tables, however they are written: which of their cells hold a secret, by the heading of a column or of a row."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.names import SecretNames
from opentelemetry_exporter_moesif.redaction.things import is_like_one
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_STEPS_OF_A_TABLE = 16
_STEPS_OF_A_ROW = 6
_PAIR = 2
_LONGEST_NAME = 64
_AROUND_A_NAME = " \t\r\n\ufeff*_`'\"=^"
_IN_NO_NAME = ("  ", ": ", "->")
_TAG = expression(r"<[^<>]{0,512}>")
# Columns with what their table is about.
_VALUES = frozenset("Key Value Secret Code Token key value secret code token".split())
# Columns that tell about what a row is named after, and hold none of its values.
_ABOUT = SecretNames("=type =data_type =description =required =optional =mandatory =nullable =format =in".split())


class Table(NamedTuple):
    """A table of a text.

    Args:
        rows: Where each cell of each row starts and ends in the text. Short rows end before the last columns.
        headings: Which rows may be headings of columns: those that a line is drawn below, and the first. None are where
            the rows start with names alone.
        are_marked: They are headings, and nothing else, as the text itself says.
        title: What stands above it. It is what a column *Key* or *Value* is about.
        is_guessed: Nobody knows whether it is one: only what looks like a secret is.
    """

    rows: Sequence[Sequence[Span]]
    headings: Collection[int] = (0,)
    are_marked: bool = False
    title: str = ""
    is_guessed: bool = False


def without_secrets(text: str, tables: Iterable[Table], names: SecretNames, steps: Steps) -> str:
    """The text without the cells of its tables that are secrets.

    Raises:
        TooManyStepsError: They have more rows and cells than anything ordinary.
    """
    read: list[tuple[Table, list[list[str]]]] = []
    for table in tables:
        steps.take(_STEPS_OF_A_TABLE + sum(_STEPS_OF_A_ROW + len(row) for row in table.rows))
        read.append((table, [[_plain(text[start:end]) for start, end in row] for row in table.rows]))
    told = {cell for _, rows in read for row in rows for cell in row if _may_be_name(cell)}
    secret = {cell for cell in names.among(told, steps) if is_name(cell, names)}
    entitled = {table.title for table, _ in read if is_name(table.title, names) or names.of_several(table.title)}
    if not secret and not entitled:
        return text
    spans = {
        table.rows[row][place]
        for table, rows in read
        for row, place in _secret_cells(table, rows, secret | _VALUES if table.title in entitled else secret)
        if not table.is_guessed or is_like_one(rows[row][place])
    }
    return without(text, _inner(text, spans))


def _plain(cell: str) -> str:
    """What a cell says, without the markup in it."""
    return (_TAG.sub("", cell) if "<" in cell else cell).strip(_AROUND_A_NAME)


def _may_be_name(cell: str) -> bool:
    """Whether a cell is short enough for a name, and no part of a program: `token: Token | None`."""
    return len(cell) <= _LONGEST_NAME and not any(map(cell.__contains__, _IN_NO_NAME))


def _inner(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """What stands in those cells, without the blanks around it, and without those that hold nothing."""
    for start, end in sorted(spans):
        content = text[start:end].strip()
        if content and content != MASKED:
            inner = text.index(content, start)
            yield inner, inner + len(content)


def _secret_cells(table: Table, rows: Sequence[Sequence[str]], secret: Collection[str]) -> Iterator[tuple[int, int]]:
    """Below a secret's name, and beside one that stands first in its row: their rows and places."""
    labels = [
        None if table.are_marked and index in table.headings else _label(row, secret) for index, row in enumerate(rows)
    ]
    about = {place for place, cell in enumerate(rows[0]) if _ABOUT[cell]}
    are_several = len(rows) - labels.count(None) > 1
    places: list[int] = []
    label: int | None = None  # of this row, or of one that it goes on with
    for index, row in enumerate(rows):
        is_heading = index in table.headings
        if labels[index] is not None or not _goes_on(row, label):
            label = labels[index]
        if label is not None and (not is_heading or are_several or _is_pair(row)):
            yield from ((index, place) for place in range(label + 1, len(row)) if place not in about)
        if places:
            there = itertools.takewhile(len(row).__gt__, places)
            yield from ((index, place) for place in there if row[place] not in secret or place != labels[index])
        elif (table.headings or table.are_marked) and (is_heading or labels[index] is None):
            places = [place for place, cell in enumerate(row) if cell in secret]


def _label(row: Sequence[str], secret: Collection[str]) -> int | None:
    """Where in a row the name of a secret stands that all of it is about: first, or behind a number."""
    for place, cell in enumerate(row[:_PAIR]):
        if cell in secret:
            return place if place + 1 < len(row) else None
        if cell and not cell.isdigit():
            break
    return None


def _is_pair(row: Sequence[str]) -> bool:
    """Whether a row has a name and a value, and nothing else."""
    return bool(row[0]) and sum(map(bool, row)) == _PAIR


def _goes_on(row: Sequence[str], label: int | None) -> bool:
    """Whether a row goes on with the cells of the former one, which were too long for a line."""
    return label is not None and label < len(row) and not row[label]
