"""What a run of the benchmarks was made on, and with."""

from __future__ import annotations

import os
import platform
import re
import time
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "moesifapi", "orjson", "isal", "requests")


def machine_facts() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "at": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
        **{package: version(package) for package in _PACKAGES},
    }


def _processor() -> str:
    """Its model, where the system tells."""
    found = re.search(r"^model name\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
