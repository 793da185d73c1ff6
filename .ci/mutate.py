"""Breaks the code in many small ways, in a copy of the tree, and names the breaks that no test notices.

Usage: python .ci/mutate.py [--sample N] [MODULE…]

    MODULE   below opentelemetry_exporter_moesif/: mapping/uri.py, or a folder (default: mapping delivery)
    N        tries only so many breaks of each, drawn by chance with a fixed seed; the rest takes hours
"""

from __future__ import annotations

import argparse
import ast
import functools
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "opentelemetry_exporter_moesif"
TESTS = {
    "mapping": "tests/unit/mapping",
    "encoding": "tests/unit/encoding tests/unit/test_dynamic_sampling.py tests/contract/test_exporter_calls.py"
    " tests/contract/test_sampled_calls.py tests/contract/test_hook_of_the_program.py",
    "redaction": "tests/unit/redaction tests/unit/mapping/test_secrets_redacted.py"
    " tests/unit/mapping/test_event_body.py",
    "delivery": "tests/unit/delivery tests/contract/test_delivery_answers.py tests/contract/test_delivery_transport.py"
    " tests/contract/test_delivery_shutdown.py"
    " tests/contract/test_poison_and_own_faults.py tests/contract/test_odd_spools.py"
    " tests/contract/test_spool_delivery.py",
}
CONFIGURATION = """
[cosmic-ray]
module-path = "{module}"
timeout = 300.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -n 0 -p no:cacheprovider -o addopts= {tests}"

[cosmic-ray.distributor]
name = "local"
"""
SURVIVORS = """
SELECT module_path, start_pos_row, operator_name, diff FROM work_results
JOIN mutation_specs USING (job_id) WHERE test_outcome = 'SURVIVED' ORDER BY 1, 2
"""


def copy_of_the_tree(place: Path) -> Path:
    """The tracked files, where nothing of the contributor's can be left broken."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607
    for name in listed.stdout.splitlines():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    return place


def annotations(module: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the type annotations of a module begin and end, as row and column."""
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    found = (getattr(node, name, None) for node in nodes for name in ("annotation", "returns"))
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if isinstance(node, ast.expr)
    ]


def draw(session: Path, sample: int) -> None:
    """Leaves only so many breaks in a session. One of a type annotation is none: annotations are not evaluated."""
    with sqlite3.connect(session) as database:
        specs = "SELECT job_id, module_path, start_pos_row, start_pos_col FROM mutation_specs"
        by_module = functools.cache(lambda path: annotations(Path(session.parent, path)))
        jobs = [
            job
            for job, path, row, column in database.execute(specs)
            if not any(start <= (row, column) < end for start, end in by_module(path))
        ]
        chosen = set(random.Random(1).sample(jobs, min(sample, len(jobs))))  # noqa: S311 - no secret depends on it
        for (job,) in database.execute("SELECT job_id FROM work_items").fetchall():
            if job not in chosen:
                for table in ("work_items", "mutation_specs"):
                    database.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))  # noqa: S608 - two names from above


def try_module(tree: Path, module: str, sample: int | None) -> int:
    """Tries the breaks of one module or folder, prints those that survive, and returns how many did."""
    configuration, session = tree / "cosmic-ray.toml", tree / "session.sqlite"
    tests = TESTS[Path(module).parts[0]]
    configuration.write_text(CONFIGURATION.format(module=f"{PACKAGE}/{module}", python=sys.executable, tests=tests))
    session.unlink(missing_ok=True)
    tool = [sys.executable, "-m", "cosmic_ray.cli"]
    # Tests that fail anyway would notice every break.
    subprocess.run([*tool, "baseline", configuration], cwd=tree, check=True)  # noqa: S603 - of this file
    subprocess.run([*tool, "init", configuration, session], cwd=tree, check=True)  # noqa: S603 - of this file
    if sample:
        draw(session, sample)
    subprocess.run([*tool, "exec", configuration, session], cwd=tree, check=True)  # noqa: S603 - of this file
    with sqlite3.connect(session) as database:
        tried = database.execute("SELECT count(*) FROM work_results").fetchone()[0]
        survivors = database.execute(SURVIVORS).fetchall()
    for path, row, operator, diff in survivors:
        print(f"\n{path}:{row} {operator}\n{diff}")  # noqa: T201 - a script
    print(f"\n{module}: {tried} breaks tried, {len(survivors)} survived")  # noqa: T201 - a script
    return len(survivors)


def main() -> int:
    """Tries each named module; the exit code is 1 where a break survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=["mapping", "delivery"])
    parser.add_argument("--sample", type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tree = copy_of_the_tree(Path(place))
        return min(1, sum(try_module(tree, module, arguments.sample) for module in arguments.modules))


if __name__ == "__main__":
    sys.exit(main())
