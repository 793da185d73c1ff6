"""Tables whose cells stand below each other, with nothing but white space between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import cells, framed
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_STEPS_OF_A_ROW = 6
_LEAST = 2  # cells of a row
_LONGEST_HEADING = 1024
_MOST_WORDS = 4  # of what is the value of a name, and no sentence about it
_ENDS = ("?", "!", ".", ",", ";", "{", "(", "[")
_ABBREVIATED = expression(r"[\w.]{1,32}[.?]")  # a column's name, as in `No.` and `Active?`
_BRANCHES = frozenset("\u251c\u2514")  # of a tree: no line of it heads the next ones
_EDGES = framed.BARS + " \t\r"
_CELL = expression(r"[^\s|\u2502\u2503\u2551]+(?:[ ][^\s|\u2502\u2503\u2551]+)*")
_COLUMNS = expression(r"[ \t]*(?:\.\.|\w[\w.-]*)(?:[ \t]+\w[\w.-]*)+[ \t]*")
# A name of a column, perhaps with a remark: no sentence, number, path, or assignment.
_HEAD = expression(r"\.\.|(?![\d.,%-]+\w{0,2}$)[\w#*@$%][\w.#*'?-]*(?: (?:[\w.#*&'?-]+|\([^()]+\))){0,3}")
# What pandas writes below the headings, and below the values of one column.
_INDEX_NAME = expression(r"[^\s]+(?: [^\s]+){0,3} {2,}")
_NAME_BELOW = "\nName: "
_NAME = expression(
    r"(?<=\n)Name: (?P<name>[^\n,]{1,64})(?:, Length: \d{1,12})?(?:, dtype: [^\n]{1,64})?[ \t\r]{0,8}(?=\n|$)"
)


def without_secrets(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without the cells that stand beside a secret's name, and without all that stands below one.

    Raises:
        TooManyStepsError: It has more lines than anything ordinary.
    """
    if "\n" not in text or not ("  " in text or "\t" in text):
        return text
    if _NAME_BELOW in text:
        text = without(text, _named_below(text, names))
    steps.take(text.count("\n") // 2)
    lines = text.split("\n")
    steps.take(_STEPS_OF_A_ROW * sum(map(_has_gap, steps.watched(lines))))
    heading = _heading(lines, names, steps)
    text = cells.without_secrets(text, _labelled(text, steps), names, steps)
    return text if heading is None else "\n".join((*text.split("\n")[: heading + 1], MASKED))


def _heading(lines: list[str], names: SecretNames, steps: Steps) -> int | None:
    """Which line heads columns, one of which is a secret's."""
    around = zip(["", *lines], lines, lines[1:], [*lines[2:], ""], strict=False)
    return next((at for at, each in enumerate(steps.watched(around)) if _heads_columns(*each, names)), None)


def _named_below(text: str, names: SecretNames) -> Iterator[Span]:
    """The values of a column whose name stands below them."""
    end = 0
    for name in _NAME.finditer(text):
        if names[name["name"].strip()]:
            start = max(text.rfind("\n\n", end, name.start()) + 2, end)
            end = name.start()
            yield start, end


def _labelled(text: str, steps: Steps) -> Iterator[cells.Table]:
    """The names that lines start with, and what stands behind them, where several lines have them at one place."""
    rows: list[list[Span]] = []
    former: list[Span] = []
    at = 0
    for line in steps.watched(text.split("\n")):
        start, at = at, at + len(line) + 1
        if framed.FRAME.fullmatch(line):
            continue
        row = _row(line) or _continued(line, former)
        if rows and not (row and _is_below(row, former, line)):
            yield from _several(rows)
            rows = []
        former = row
        if row and not _is_prose(line, row):
            rows.append([(start + first, start + last) for first, last in row])
    yield from _several(rows)


def _several(rows: list[list[Span]]) -> Iterator[cells.Table]:
    if len(rows) > 1:
        yield cells.Table(rows, headings=())


def _has_gap(line: str) -> bool:
    """Whether something in a line stands apart with nothing but white space between."""
    content = line.strip(_EDGES)
    return ("  " in content or "\t" in content) and not framed.has_bars(content)


def _row(line: str) -> list[Span]:
    """What a line starts with, behind a number, and all that follows it; nothing for a line without a gap."""
    if not _has_gap(line):
        return []
    found = [cell.span() for cell in _CELL.finditer(line)]
    if len(found) < _LEAST:  # what is beside the gap may be white space of another kind
        return []
    if len(found) > _LEAST and line[slice(*found[0])].isdigit():
        del found[0]
    return [found[0], (found[1][0], found[-1][1])]


def _continued(line: str, former: list[Span]) -> list[Span]:
    """What goes on with the value of the former row, and stands below it."""
    start = len(line) - len(line.lstrip())
    return [(0, 0), (start, len(line.rstrip()))] if former and start == former[1][0] else []


def _is_below(row: list[Span], former: list[Span], line: str) -> bool:
    if not former:
        return False
    (_, end), (start, stop) = row
    (_, former_end), (former_start, former_stop) = former
    is_in_place = start == former_start or stop == former_stop or start - end == former_start - former_end
    return is_in_place or "\t" in line.strip()


def _is_prose(line: str, row: list[Span]) -> bool:
    """Whether a line is a sentence, an option with its description, a path, or a list of a program."""
    label, value = (line[start:end] for start, end in row)
    return (
        label.startswith("-")
        or (label.endswith(_ENDS) and _ABBREVIATED.fullmatch(label) is None)
        or " /" in f" {label}"
        or value.startswith(",")
        or any(len(cell.split()) > _MOST_WORDS for cell in value.split("  "))
    )


def _heads_columns(above: str, line: str, below: str, next_below: str, names: SecretNames) -> bool:
    """Whether a line is the heading of columns that stand below each other, one of which is a secret's."""
    is_indented = line[:2] == "  "
    if not (is_indented or _has_gap(line)) or len(line) > _LONGEST_HEADING or _is_drawn(line):
        return False
    has_index = is_indented and abs(len(below) - len(line)) <= 1 and _INDEX_NAME.fullmatch(below) is not None
    if has_index and names[below.strip()]:
        return True
    if below.strip() and framed.FRAME.fullmatch(below):
        return _heads_ruled(line, below, names)
    below = next_below if has_index else below
    row = _row(line)
    if not _has_gap(below) or (row and _is_prose(line, row)):
        return False
    secret = [cell for cell in _secret_cells(line, names) if below[slice(*cell)].strip()]
    if row and _is_below(row, _row(above), line):  # its first cell is no heading, but a name
        return any(cell != row[0] for cell in secret) and _fits(line, below)
    count = len(below.split()) - len(line.split())
    return (bool(secret) and _fits(line, below)) or (count in {0, 1} and _has_secret_words(line, names))


def _heads_ruled(line: str, ruler: str, names: SecretNames) -> bool:
    """Whether a line above a drawn one names columns: a title is underlined where it stands, and as long as it is."""
    is_title = len(line.strip()) == len(ruler.strip()) and " " not in ruler.strip() and not _has_gap(line)
    return (not is_title and bool(_secret_cells(line, names))) or _has_secret_words(line, names)


def _fits(line: str, below: str) -> bool:
    """Whether the cells of a line are names, and those of the next one stand below them."""
    heads, cells_below = ([cell.span() for cell in _CELL.finditer(each)] for each in (line, below))
    if line[0] == below[0] == "#" or not all(_HEAD.fullmatch(line[start:end]) for start, end in heads):
        return False
    if len(heads) == 1:  # beside an index
        start, end = cells_below[0]
        is_index = start == 0 or below[start:end].isdigit()
        return is_index and end <= heads[0][0] and len(cells_below) == _LEAST
    if line[slice(*heads[0])] == below[slice(*cells_below[0])]:  # two lines of a log
        return False
    return len(cells_below) >= len(heads) or {start for start, _ in cells_below} <= {start for start, _ in heads}


def _has_secret_words(line: str, names: SecretNames) -> bool:
    """Whether names stand in a line, and nothing else, one of which is a secret's."""
    return _COLUMNS.fullmatch(line) is not None and bool(names.among(set(line.split())))


def _secret_cells(line: str, names: SecretNames) -> list[Span]:
    found = {cell[0]: cell.span() for cell in _CELL.finditer(line) if not cell[0].endswith(_ENDS)}
    return [found[name] for name in names.among(found) if is_name(name, names)]


def _is_drawn(line: str) -> bool:
    """Whether bars stand between the words of a line, or it is one of a tree."""
    return framed.has_bars(line.strip(_EDGES)) or not _BRANCHES.isdisjoint(line)
