"""What the doctor looks at: the variables, the installed packages, the directory, and the command to be started."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from importlib.metadata import distributions, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.remembered import once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry_exporter_moesif.config import Config

INSTRUMENT = "opentelemetry-instrument"
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True)
class Surroundings:
    """Everything that the checks may ask.

    Attributes:
        variables: The environment, with what the command itself sets.
        packages: The versions of the installed distributions by their normalized names (PEP 503).
        directory: Where the service is started.
        command: The words of the service's own command; empty where none was given.
        is_instrumented: Whether the command begins with `opentelemetry-instrument`.
        has_separator: Whether `--` stands between that and the service's own words.
    """

    variables: Mapping[str, str]
    packages: Mapping[str, str]
    directory: Path
    command: tuple[str, ...] = ()
    is_instrumented: bool = False
    has_separator: bool = False

    @property
    def program(self) -> str:
        """The command's program: its file's name, or the module after `python -m`."""
        if not self.command:
            return ""
        name = Path(self.command[0]).name
        if name.startswith("python") and "-m" in self.command[1:2]:
            return self.command[2] if len(self.command) > 2 else ""  # noqa: PLR2004 - python -m MODULE
        return name

    @once
    def settings(self) -> tuple[Config, list[str]]:
        """The configuration that the exporter would have, and what it would warn of."""
        said: list[str] = []

        class Listener(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                said.append(record.getMessage().removeprefix("Moesif exporter: "))

        logger = logging.getLogger("opentelemetry_exporter_moesif.config")
        listener = Listener()
        logger.addHandler(listener)
        propagates, logger.propagate = logger.propagate, False
        try:
            return resolve_config({}, self.variables), said
        finally:
            logger.propagate = propagates
            logger.removeHandler(listener)

    def variable(self, name: str) -> str:
        """A variable's value without blanks around it, empty where it is not set."""
        return self.variables.get(name, "").strip()

    def names(self, name: str) -> set[str]:
        """The comma-separated names that a variable holds."""
        return {part.strip() for part in self.variable(name).split(",") if part.strip()}


def look_around(words: Sequence[str]) -> Surroundings:
    """Looks at this process's environment, and at a command line given to the doctor.

    Args:
        words: `[NAME=VALUE…] [opentelemetry-instrument [--flag value…] [--]] program [argument…]`, or nothing.
    """
    variables, rest = dict(os.environ), list(words)
    while rest and (assigned := _ASSIGNMENT.fullmatch(rest[0])):
        variables[assigned["name"]] = assigned["value"]
        rest.pop(0)
    is_instrumented = bool(rest) and Path(rest[0]).name == INSTRUMENT
    has_separator = False
    if is_instrumented:
        flags, rest, has_separator = _split_flags(rest[1:])
        variables |= flags
    return Surroundings(variables, _packages(), Path.cwd(), tuple(rest), is_instrumented, has_separator)


def instrument_flags() -> dict[str, str]:
    """The flags of `opentelemetry-instrument`, and the variable that each sets: it makes them of these entry points."""
    flags = {}
    for entry_point in entry_points(group="opentelemetry_environment_variables"):
        try:
            module = entry_point.load()
        except Exception:  # noqa: BLE001, S112 - somebody else's package, broken: its flags are missing there as well
            continue
        for name in vars(module):
            if name.startswith("OTEL_"):
                flags["--" + re.sub(r"OTEL_(PYTHON_)?", "", name, count=1).lower()] = name
    return flags


def _split_flags(words: Sequence[str]) -> tuple[dict[str, str], list[str], bool]:
    """The variables that flags of `opentelemetry-instrument` set, the words after them, whether `--` stood there."""
    known, rest = instrument_flags(), list(words)
    flags: dict[str, str] = {}
    while rest and rest[0].startswith("--"):
        if rest[0] == "--":
            return flags, rest[1:], True
        name, separator, value = rest.pop(0).partition("=")
        if not separator and name in known and rest:
            value = rest.pop(0)
        if name in known:
            flags[known[name]] = value
    return flags, rest, False


def _packages() -> dict[str, str]:
    packages: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            packages.setdefault(normalized(name), distribution.version)
    return packages


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
