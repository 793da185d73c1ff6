"""All of it, with one command: ``python -m benchmarks``.

Prints the tables, and writes them as JSON and as charts. ``--quick`` is for a look while one works; the figures of the
documentation come from whole runs. Everything stays on the loopback interface.

Each section has a process of its own: what another left in memory and in the processor's caches made a span that is
passed over cost twice as much.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import bodies, export_cost, growth, hot_path, import_time, memory, passed_over, replay, serving, wire
from benchmarks.machine import machine_facts
from benchmarks.report import Section

SECTIONS: dict[str, Callable[..., Section]] = {
    "export_cost": export_cost.measure,
    "passed_over": passed_over.measure,
    "wire": wire.measure,
    "import_time": import_time.measure,
    "hot_path": hot_path.measure,
    "growth": growth.measure,
    "serving": serving.measure,
    "memory": memory.measure,
    "bodies": bodies.measure,
    "replay": replay.measure,
}


def main() -> None:
    """Runs what was asked for."""
    arguments = _arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    machine = machine_facts()
    print(" · ".join(f"{name} {value}" for name, value in machine.items()))
    found = {}
    for name in arguments.only or SECTIONS:
        section = _measured(name, quick=arguments.quick)
        print(section.as_text(), flush=True)
        found[name] = section.as_json()
    (arguments.output / "results.json").write_text(json.dumps({"machine": machine, **found}, indent=1) + "\n")
    if not arguments.no_charts:
        from benchmarks import charts  # noqa: PLC0415 - matplotlib in the measuring process only once it is done

        charts.draw(found, arguments.output)


def _measured(name: str, *, quick: bool) -> Section:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(SECTIONS[name], quick=quick).result()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer spans")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"), help="directory (%(default)s)")
    parser.add_argument("--no-charts", action="store_true", help="do not draw")
    return parser.parse_args()


if __name__ == "__main__":
    main()
