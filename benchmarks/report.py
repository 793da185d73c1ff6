"""What a section of the benchmarks found, and how it is shown on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """One question and its answer in figures.

    Attributes:
        name: For the command line and JSON.
        question: What it answers, one line.
        rows: The table; every row has the same keys in the same order.
        notes: What a reader has to know beside the figures.
        curves: Points for the charts, by the curve's name.
        more: Further tables, by name.
    """

    name: str
    question: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    curves: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)
    more: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "rows": [dict(row) for row in self.rows],
            "notes": list(self.notes),
            "curves": {name: [list(point) for point in points] for name, points in self.curves.items()},
            "more": {name: [dict(row) for row in rows] for name, rows in self.more.items()},
        }

    def as_text(self) -> str:
        lines = [f"\n{self.question}", *_aligned(self.rows), *(f"  {note}" for note in self.notes)]
        for rows in self.more.values():
            lines += ["", *_aligned(rows)]
        return "\n".join(lines)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    if not rows:
        return ""
    names = list(rows[0])
    lines = [" | ".join(names), " | ".join("---" if index == 0 else "---:" for index in range(len(names)))]
    lines += [" | ".join(shown(row[name]) for name in names) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def shown(value: Any) -> str:
    """A figure with about three digits that mean something."""
    if isinstance(value, Mapping):
        return f"{shown(value['median'])} ({shown(value['low'])} to {shown(value['high'])})"
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def _aligned(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    cells = [list(rows[0]), *([shown(value) for value in row.values()] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    ]
