"""A file that grows past a few screens is asking for a second room."""

from __future__ import annotations

from pathlib import Path

import pytest

import opentelemetry_exporter_moesif

PACKAGE = Path(opentelemetry_exporter_moesif.__file__).parent
MOST_LINES = 260  # about 250: nobody is to reformat a file for one line more

FILES = {
    path.relative_to(PACKAGE).as_posix(): path
    for pattern in ("*.py", "*.c", "*.h", "*.js")
    for path in sorted(PACKAGE.rglob(pattern))
    if path.parent.name != "uplot"  # a library of others
}


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_a_file_is_about_250_lines_long_at_most(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
