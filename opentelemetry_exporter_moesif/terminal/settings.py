"""The exporter's settings on the command line: a few as arguments, all of them from their variables."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.config import SETTINGS, resolve_config
from opentelemetry_exporter_moesif.terminal.output import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.config import Config

_ARGUMENTS = {
    "application_id": ("ID", "the Collector Application Id; other users of this machine can see arguments"),
    "endpoint": ("URL", "where Moesif, or the local collector, is"),
    "timeout": ("SECONDS", "how long one request may take"),
}
_OPTIONS = {name: f"--{name.replace('_', '-')}" for name in _ARGUMENTS}

NO_APPLICATION_ID = (
    "no application id: set OTEL_EXPORTER_MOESIF_APPLICATION_ID to the Collector Application Id"
    " of Moesif's API keys page"
)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds the settings that all verbs which send have in common."""
    group = parser.add_argument_group(
        "settings", "Each falls back to its variable; every other setting of the exporter is read from its own."
    )
    for name, (metavar, text) in _ARGUMENTS.items():
        group.add_argument(
            _OPTIONS[name], metavar=metavar, type=_reader(name), help=f"{text} ({SETTINGS[name].variable})"
        )


def config_of(arguments: argparse.Namespace) -> Config:
    """The configuration: arguments, then the environment. What is wrong in it is said on standard error."""
    log_to_standard_error()
    return resolve_config({name: getattr(arguments, name) for name in _ARGUMENTS})


def _reader(name: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return SETTINGS[name].read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def log_to_standard_error() -> None:
    """The package's own warnings (what a delivery waits for, what was lost) are for whoever runs the command."""
    logger = logging.getLogger("opentelemetry_exporter_moesif")
    if not any(isinstance(handler, _ToStandardError) for handler in logger.handlers):
        logger.addHandler(_ToStandardError(logging.WARNING))


_PREFIX = "Moesif exporter: "  # whoever runs the command knows


class _ToStandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(f"{record.levelname.lower()}: {record.getMessage().removeprefix(_PREFIX)}")
