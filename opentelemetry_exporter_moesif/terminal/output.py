"""Where the command writes: results to standard output, everything said besides to standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from opentelemetry_exporter_moesif.redaction import scrub

_SIZES = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_AGES = ((86_400, "d"), (3_600, "h"), (60, "min"))


def say(text: str = "") -> None:
    """A line of the result."""
    print(text)  # noqa: T201 - the command's output


def note(text: str) -> None:
    """A line beside the result: a warning, a hint, what goes on. A name of a span or a file may hold a secret."""
    print(scrub(text), file=sys.stderr, flush=True)  # noqa: T201 - the command's output


def say_json(result: Any) -> None:
    """The result for a program: one JSON document."""
    print(json.dumps(result, indent=2, ensure_ascii=False))  # noqa: T201 - the command's output


def on_terminal() -> bool:
    """Whether a person watches standard error."""
    return sys.stderr.isatty()


def size(count: float) -> str:
    """A number of bytes as people read it."""
    for unit, name in _SIZES:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count:.0f} B"


def age(seconds: float) -> str:
    """A time span as people read it."""
    for unit, name in _AGES:
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{max(seconds, 0):.0f} s"


def counted(count: int, noun: str) -> str:
    """`1 event`, `2,000 events`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def silence_standard_output() -> None:
    """Keeps the interpreter's last flush from complaining of a pipe that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
