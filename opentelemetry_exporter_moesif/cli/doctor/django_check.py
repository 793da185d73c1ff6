"""Django's instrumentation asks for the settings before the project has named them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry_exporter_moesif.cli.doctor.surroundings import Surroundings

_VARIABLE = "DJANGO_SETTINGS_MODULE"
_NAMED = re.compile(rf"""{_VARIABLE}["']\s*,\s*["'](?P<module>[\w.]+)["']""")


def check_django(around: Surroundings) -> Iterator[Finding]:
    """In a Django project whose settings are named only by `manage.py` or `wsgi.py`, the service does not start."""
    if "django" not in around.packages or around.variable(_VARIABLE):
        return
    named = _settings_named_in(around.directory)
    if named is not None:
        yield Finding(
            "django-settings",
            "error",
            f"{_VARIABLE} is not set: under opentelemetry-instrument Django is asked for its settings before the"
            " project names them, and fails.",
            f"export {_VARIABLE}={named}",
        )


def _settings_named_in(directory: Path) -> str | None:
    """The settings module that the project's own files name; None where there is no project."""
    files = [directory / "manage.py", *sorted(directory.glob("*/[aw]sgi.py")), *sorted(directory.glob("[aw]sgi.py"))]
    there = [file for file in files if file.is_file()]
    for file in there:
        named = _NAMED.search(file.read_text("utf-8", "replace"))
        if named:
            return named["module"]
    return "yourproject.settings" if there else None
