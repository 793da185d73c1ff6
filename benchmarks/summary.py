"""The tables of docs/performance.md: several runs side by side, ``python -m benchmarks.summary run-1 run-2 run-3``.

Each argument is the output directory of a run. Of each figure the median of the runs is shown, and the lowest and
highest of their medians: how far one run is from the next.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import markdown, shown

_LEFT_OUT = {"machine"}


def main() -> None:
    runs = [json.loads((Path(directory) / "results.json").read_text()) for directory in sys.argv[1:]]
    for run in runs:
        print("<!--", ", ".join(f"{name} {value}" for name, value in run["machine"].items()), "-->")
    for name in runs[0]:
        if name not in _LEFT_OUT:
            _print_section([run[name] for run in runs if name in run])


def _print_section(sections: Sequence[dict[str, Any]]) -> None:
    print(f"\n### {sections[0]['question']}\n")
    rows = zip(*(section["rows"] for section in sections), strict=True)
    print(markdown([{column: _together([row[column] for row in same]) for column in same[0]} for same in rows]))
    for section in sections:
        print("\n".join(section["notes"]))


def _together(values: Sequence[Any]) -> str:
    figures = [value["median"] if isinstance(value, dict) else value for value in values]
    if not all(isinstance(figure, (int, float)) for figure in figures):
        return str(figures[0])
    middle = shown(float(statistics.median(figures)))
    lowest, highest = shown(float(min(figures))), shown(float(max(figures)))
    return middle if lowest == highest else f"{middle} ({lowest} to {highest})"


if __name__ == "__main__":
    main()
