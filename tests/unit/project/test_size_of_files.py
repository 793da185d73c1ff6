"""A file that grows past a few screens is asking for a second room."""

from __future__ import annotations

from pathlib import Path

import pytest

import opentelemetry_exporter_moesif

PACKAGE = Path(opentelemetry_exporter_moesif.__file__).parent
MOST_LINES = 260  # about 250: nobody is to reformat a file for one line more

# What is one thing although it is longer, and why.
LONGER = {
    "capture/stand_in.py": "one class, whose every special method passes on to another object",
    "replay/events.py": "what becomes of each thing that a reader of a format finds",
    "replay/formats/access_fields.py": "the table of the fields of all access logs",
    "replay/formats/otlp_lines.py": "two ways to read one format",
}
FILES = {
    path.relative_to(PACKAGE).as_posix(): path
    for pattern in ("*.py", "*.c", "*.h", "*.js")
    for path in sorted(PACKAGE.rglob(pattern))
    if path.parent.name != "uplot"  # a library of others
}


def _lines(name: str) -> int:
    return len(FILES[name].read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", sorted(FILES.keys() - LONGER.keys()))
def test_a_file_is_about_250_lines_long_at_most(name: str) -> None:
    assert _lines(name) <= MOST_LINES
