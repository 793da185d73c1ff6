"""The tables of docs/performance.md: several runs side by side, ``python -m benchmarks.summary run-1 run-2 run-3``.

Each argument is the output directory of a run, of all sections or of some. Of each figure the median of the runs is shown, and the lowest and
highest of their medians: how far one run is from the next. ``--into docs/performance.md`` writes each table where the
page has a comment with the section's name, such as ``<!-- export_cost -->``.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import markdown, shown


def main() -> None:
    arguments = _arguments()
    runs = [json.loads((directory / "results.json").read_text()) for directory in arguments.runs]
    for run in runs:
        print("<!--", ", ".join(f"{name} {value}" for name, value in run.pop("machine").items()), "-->")
    page = arguments.into.read_text() if arguments.into else ""
    for name in dict.fromkeys(name for run in runs for name in run):
        sections = [run[name] for run in runs if name in run]
        tables = {name: _table([section["rows"] for section in sections])}
        tables |= {more: _table([section["more"][more] for section in sections]) for more in sections[0]["more"]}
        notes = dict.fromkeys(note for section in sections for note in section["notes"])
        print(f"\n### {sections[0]['question']}\n", *tables.values(), *notes, sep="\n")
        for each, table in tables.items() if arguments.into else ():
            page = _with_table(page, each, table)
    if arguments.into:
        arguments.into.write_text(page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.summary", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="output directory of a run")
    parser.add_argument(
        "--into", type=Path, metavar="PAGE", help="a page of the documentation to write the tables into"
    )
    return parser.parse_args()


def _table(runs: Sequence[Sequence[dict[str, Any]]]) -> str:
    rows = zip(*runs, strict=True)
    return markdown([{_title(column): _together([row[column] for row in same]) for column in same[0]} for same in rows])


def _title(column: str) -> str:
    return column.removesuffix(" (quartiles)")  # of the rounds of one run; here, of the runs


def _with_table(page: str, name: str, table: str) -> str:
    page, count = re.subn(rf"(<!-- {name} -->\n\n)(?:\|.*\n)*", lambda match: f"{match[1]}{table}\n", page)
    if not count:
        message = f"the page has no comment <!-- {name} -->"
        raise SystemExit(message)
    return page


def _together(values: Sequence[Any]) -> str:
    figures = [value["median"] if isinstance(value, dict) else value for value in values]
    if not all(isinstance(figure, (int, float)) for figure in figures):
        return str(figures[0])
    middle = shown(float(statistics.median(figures)))
    lowest, highest = shown(float(min(figures))), shown(float(max(figures)))
    return middle if lowest == highest else f"{middle} ({lowest} to {highest})"


if __name__ == "__main__":
    main()
