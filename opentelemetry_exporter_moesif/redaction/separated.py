"""Tables whose cells stand between commas, semicolons or tabs: what is behind a secret's name, and below one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS_IN_TEXTS, NAMING
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.several import is_one
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_SEPARATORS = ",;\t|"
_PAIR = 2
_LONGEST = 4096
_NO_ROW = ("sep=", "#")
_LINES_BEFORE = 16  # a heading: titles, comments, `sep=;`
_STEPS_OF_A_HEADING = 64
_STEPS_OF_A_ROW = 8
_HEADING = expression(
    r"(?P<names>(?! )[\w .\"'\[\]$@/#%()?*-]*(?:[,;\t|][\w .\"'\[\]$@/#%()?*-]*)+)\r?\n(?=\s{0,16}\S)"
)
# A cell in quotes may hold separators, and ends of lines.
_IN_QUOTES = expression(r'"[^"]{0,4096}"')
_RECORD = expression(r'(?:[^"\n]|"[^"]{0,4096}"|")*')
# The name that a line starts with, perhaps behind a number.
_LABEL = expression(
    r"^\ufeff?(?:\d{1,9}[,;\t])?(?P<quote>[\"']?)(?P<name>[\w.@#$/-]{1,64}(?: [\w.@#$/-]{1,64}){0,3})(?P=quote)"
    r"(?P<separator>[,;\t])(?! )",
    re.MULTILINE,
)
_AROUND_A_NAME = " \"'\ufeff\r"
_AROUND_A_CELL = _AROUND_A_NAME + "\n"
_BLANK = "\ufeff \t\r\n"
_MOST_SHORT_ROWS = 4  # below a heading, before one that has all of its columns


def without_labelled(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without what stands behind a secret's name where each line has a name and a value: `password,…`.

    Raises:
        TooManyStepsError: More names stand in it than in anything ordinary.
    """
    if "\n" not in text or not any(map(text.__contains__, ",;\t")):
        return text
    secret = names.among({label["name"] for label in _LABEL.finditer(text)}, steps)
    secret = {name for name in secret if is_name(name, names)}
    return without(text, _labelled(text, secret, steps)) if secret else text


def _labelled(text: str, secret: set[str], steps: Steps) -> Iterator[Span]:
    end = 0
    of_names: dict[str, set[int]] = {}
    for label in _LABEL.finditer(text):
        if label["name"] not in secret or label.start() < end:
            continue
        steps.take(_STEPS_OF_A_ROW)
        start, separator = label.end(), label["separator"]
        record = _RECORD.match(text, label.start())
        end = record.end() if record else start
        count = _count(text[label.start() : end], separator)
        behind = text[end + 1 : end + _LONGEST].partition("\n")[0]
        if count not in {_count(_line_before(text, label.start()), separator), _count(behind, separator)}:
            continue
        if separator not in of_names:
            of_names[separator] = {_PAIR - 1, *_of_names(text, separator)}
        content = text[start:end].rstrip()
        if content and count in of_names[separator]:
            yield start, start + len(content)


def _of_names(text: str, separator: str) -> Iterator[int]:
    """How many separators the lines have whose first one says that each starts with a name: `key,value,…`, `,0,1`."""
    seen: set[int] = set()
    for line in text.splitlines():
        count = line.count(separator)
        if count in seen:
            continue
        seen.add(count)
        columns = [column.strip(_AROUND_A_NAME) for column in line.split(separator)]
        if not columns[0] or (
            any(map(NAMING.__getitem__, columns)) and any(map(COMPANIONS_IN_TEXTS.__getitem__, columns))
        ):
            yield count


def _count(record: str, separator: str) -> int:
    return _IN_QUOTES.sub("", record).count(separator)


def without_column(text: str, names: SecretNames) -> str | None:
    """A table of one column that is a secret's, without it; None where it is anything else."""
    heading, *rows = text.lstrip(_BLANK).splitlines(keepends=True) or [""]
    is_one = not any(map(text.__contains__, _SEPARATORS)) and is_name(heading.strip(_AROUND_A_CELL), names)
    if not is_one:
        return None
    before = text[: len(text) - len(text.lstrip(_BLANK))] + heading
    return before + "".join(MASKED + row[len(row.rstrip("\r\n")) :] if row.strip() else row for row in rows)


def heading_end(text: str, names: SecretNames, steps: Steps) -> int | None:
    """Where the line ends that names columns, one of which is a secret's; None where there is none.

    It is one of the first lines of the text, or the first one behind an empty line.

    Raises:
        TooManyStepsError: It has more parts than anything ordinary.
    """
    start = len(text) - len(text.lstrip(_BLANK))
    number = 0
    while start >= 0:
        heading = _HEADING.match(text, start)
        if heading and _is_heading(text, heading, names, is_first=number == 0, steps=steps):
            return heading.end()
        number += 1
        if number % _LINES_BEFORE == 0:
            steps.look()
        start = text.find("\n" if number < _LINES_BEFORE else "\n\n", start)
        while text[start : start + 1] == "\n":
            start += 1
    return None


def _is_heading(text: str, heading: re.Match[str], names: SecretNames, *, is_first: bool, steps: Steps) -> bool:
    """Whether a line names columns, one of which is a secret: the next record has as many of their separators."""
    line = heading["names"]
    separator = max(_SEPARATORS, key=line.count)
    columns = [column.strip(_AROUND_A_NAME) for column in line.split(separator)]
    steps.take(1)
    rows = text[heading.end() : heading.end() + _LONGEST]
    if not (any(is_name(column, names) for column in columns) or _holds_several(rows, columns, separator, names)):
        return is_first and _has_names_elsewhere(text[heading.end() :], columns, separator, names, steps)
    steps.take(_STEPS_OF_A_HEADING)
    if not is_first:
        before = _line_before(text, heading.start())
        is_row = before.count(separator) == len(columns) - 1 and not before.startswith(_NO_ROW)
        if is_row or line.startswith("|") or f"{separator} " in line:  # those were looked at before; blanks: a sentence
            return False
    start = heading.end()
    if separator == "|":
        is_boxed = line.startswith("|")
        if (is_boxed and MASKED in line) or _are_masked(text[start:].splitlines(), len(columns) - 1, is_boxed=is_boxed):
            return False
        start = len(text) - len(text[start:].lstrip())
    if f"{separator} " not in line:  # an empty line may stand below it, and short rows
        return any(_count(record, separator) >= len(columns) - 1 for record in _records(text, start))
    if text[start].isspace():
        return False
    record = _RECORD.match(text, start)
    return record is not None and _count(record[0], separator) >= len(columns) - 1


def _records(text: str, start: int) -> Iterator[str]:
    """The first records behind a heading."""
    start += len(text[start : start + _LONGEST]) - len(text[start : start + _LONGEST].lstrip("\r\n"))
    if text[start : start + 1].isspace():
        return
    for _ in range(_MOST_SHORT_ROWS):
        record = _RECORD.match(text, start)
        if record is None or not record[0]:
            return
        yield record[0]
        start = record.end() + 1


def _holds_several(rows: str, columns: list[str], separator: str, names: SecretNames) -> bool:
    """Whether a column of a plural name has what looks like a secret in one of the first rows."""
    several = [place for place, column in enumerate(columns) if names.several[column]]
    cells = [row.split(separator) for row in rows.split("\n")[:_LINES_BEFORE]] if several else []
    return any(
        is_one(columns[place], row[place].strip(_AROUND_A_NAME))
        for row in cells
        for place in several
        if place < len(row)
    )


def _are_masked(rows: list[str], count: int, *, is_boxed: bool) -> bool:
    """Whether rows between bars were masked before, cell by cell: each has as many of them, and none stands apart."""
    if is_boxed:
        return {row.count("|") for row in rows if "|" in row and MASKED not in row} <= {count}
    others = (at for at, row in enumerate(rows) if row.count("|") != count or row.lstrip()[:2] == "||")
    first_other = next(others, len(rows))
    return first_other > 0 and not any("|" in row for row in rows[first_other:])


def _has_names_elsewhere(rows: str, columns: list[str], separator: str, names: SecretNames, steps: Steps) -> bool:
    """Whether a column that is none of the first tells a secret's name, and another one its value: `value,key`."""
    places = [place for place, column in enumerate(columns) if NAMING[column]]
    if not any(places) or not any(map(COMPANIONS_IN_TEXTS.__getitem__, columns)):
        return False
    cells = (row.split(separator) for row in rows.splitlines() if MASKED not in row)
    return bool(
        names.among({row[place].strip(_AROUND_A_NAME) for row in cells for place in places if place < len(row)}, steps)
    )


def _line_before(text: str, start: int) -> str:
    end = max(start - 1, 0)
    return text[text.rfind("\n", 0, end) + 1 : end]
