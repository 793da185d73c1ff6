"""SIGKILL at the system calls of whoever writes, joins, sends and drains the spool costs no event.

`SPOOL_KILL_STRIDE=1 pytest tests/e2e/test_spool_kills.py` kills at every one of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.faulty_server import FaultyServer

TESTS = Path(__file__).parents[1]
STRIDE = os.environ.get("SPOOL_KILL_STRIDE", "13")


def test_a_process_that_is_killed_at_any_system_call_costs_nothing_that_it_had_taken_charge_of(
    tmp_path: Path, record_property
) -> None:
    # Measuring coverage writes files as well, whose calls would be among the points.
    passed_on = (name for name in os.environ if "proxy" not in name.lower() and not name.startswith("COVERAGE_"))
    environment = {name: os.environ[name] for name in passed_on}
    with FaultyServer() as server:
        ended = subprocess.run(
            [sys.executable, TESTS / "support" / "kill_points.py", server.url, tmp_path, STRIDE],
            env=environment | {"PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=True,
        )
        runs = [json.loads(line) for line in ended.stdout.splitlines()]
        record_property("runs", len(runs))
        lost = [
            (name, point, set(promised) - set(server.arrived), left)
            for name, point, _, promised, left in runs
            if left or not set(promised) <= set(server.arrived)
        ]
    assert lost == []
    assert {name for name, _, killed, _, _ in runs if killed} == {"writer", "joiner", "sender", "drainer"}
    print(f"{len(runs)} runs, {sum(killed for _, _, killed, _, _ in runs)} killed")
