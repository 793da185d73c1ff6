"""The results of `faults.py`: JSON, and the tables of docs/delivery.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"

COLUMNS: dict[str, Callable[[dict], str]] = {
    "client": lambda row: row["client"],
    "answered": lambda row: f"{row['answered']:,}",
    "exported": lambda row: "" if row["exported"] is None else f"{row['exported']:,}",
    "arrived": lambda row: f"{row['arrived']:,}",
    "sent again": lambda row: f"{row['again']:,}",
    "lost": lambda row: f"**{row['lost']:,}**" if row["lost"] else "0",
    "of them in the SDK's queue": lambda row: "" if row["lost_in_queue"] is None else f"{row['lost_in_queue']:,}",
    "left in the spool": lambda row: "" if row["in_spool"] is None else f"{row['in_spool']:,}",
    "slowest export": lambda row: f"{row['slowest']:.2f} s",
    "exit": lambda row: row["exit"],
}


def write(rows: list[dict], rate: int) -> None:
    packages = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "moesifapi", "moesifwsgi")
    versions = {name: version(name) for name in packages}
    load = [round(load, 1) for load in os.getloadavg()]
    about = {
        "load": load,
        "python": platform.python_version(),
        "rate": rate,
        "cores": os.cpu_count(),
        "niceness": os.nice(0) if hasattr(os, "nice") else 0,
        "versions": versions,
    }
    (HERE / "faults.json").write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n")
    write_page(rows, about)


def write_page(rows: list[dict], about: dict) -> None:
    page = HERE.parent / "docs" / "delivery.md"
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text("\n".join([f"{before}{BEGIN}", *table(rows, about), "", END + rest.partition(END)[2]]))


def table(rows: list[dict], about: dict) -> Iterator[str]:
    named = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    yield ""
    yield f"{about['rate']} calls a second, BatchSpanProcessor's defaults, Python {about['python']}, {about['cores']} cores shared with other work (load average {about['load'][1]}, niceness {about['niceness']}); {named}."
    for title in dict.fromkeys(row["fault"] for row in rows):
        yield ""
        yield f"**{title[0].upper()}{title[1:]}**"
        yield ""
        yield f"| {' | '.join(COLUMNS)} |"
        yield f"|---|{'---:|' * (len(COLUMNS) - 1)}"
        for row in rows:
            if row["fault"] == title:
                yield f"| {' | '.join(show(row) for show in COLUMNS.values())} |"
