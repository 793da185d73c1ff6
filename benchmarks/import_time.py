"""What importing the package takes, beside the import of the SDK that every user of it has paid already."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from benchmarks.report import Section
from benchmarks.rounds import Spread

_PROGRAM = """
import sys, time
before = time.process_time()
import opentelemetry.sdk.trace.export
between = time.process_time()
import opentelemetry_exporter_moesif
after = time.process_time()
from opentelemetry_exporter_moesif import MoesifSpanExporter
exporter = MoesifSpanExporter(application_id="benchmark-application-id", endpoint="http://127.0.0.1:9/v1")
print(between - before, after - between, time.process_time() - after, "requests" in sys.modules)
"""


# The modules' bytecode is there, as it is where a package was installed: the first run writes what is missing of it.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(*, quick: bool) -> Section:
    _import_once()
    runs = [_import_once() for _ in range(7 if quick else 25)]
    sdk, package, constructor = (Spread.of([run[at] * 1e3 for run in runs]) for at in range(3))
    share = Spread.of([run[1] / run[0] for run in runs])
    rows: list[dict[str, Any]] = [
        {"": "opentelemetry.sdk.trace.export", "ms of processor (quartiles)": sdk.as_json(), "of the SDK's": 1.0},
        {
            "": "opentelemetry_exporter_moesif",
            "ms of processor (quartiles)": package.as_json(),
            "of the SDK's": share.median,
        },
        {
            "": "from it MoesifSpanExporter, and one made",
            "ms of processor (quartiles)": constructor.as_json(),
            "of the SDK's": Spread.of([run[2] / run[0] for run in runs]).median,
        },
    ]
    loaded = any(run[3] for run in runs)
    return Section("import_time", "What does the import take?", rows, [f"requests imported by it: {loaded}"])


def _import_once() -> tuple[float, float, float, bool]:
    command = [sys.executable, "-c", _PROGRAM]
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=_ENVIRONMENT).stdout.split()
    return float(output[0]), float(output[1]), float(output[2]), output[3] == "True"
