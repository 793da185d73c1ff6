"""What the arguments of `moesif-otel replay` have to be: what makes no sense is refused with what is right."""

from __future__ import annotations

import argparse
import re
from urllib.parse import urlsplit

from opentelemetry_exporter_moesif.replay import moments
from opentelemetry_exporter_moesif.replay.formats.log_format import LogFormat, LogFormatError
from opentelemetry_exporter_moesif.terminal import argument_types

# Times without what everybody leaves out.
_SHORT_TIMES = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "{}T00:00:00"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), "{}:00"),
)
# Of 2001: a smaller number is a date without its hyphens, or a slip.
_EARLIEST = 10**18


def log_format(text: str) -> str:
    """A notation of nginx's, as it was given."""
    try:
        LogFormat(text)
    except LogFormatError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def base_url(text: str) -> str:
    """Where calls went, as it was given."""
    try:
        parts = urlsplit(text)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or set("?#@ \t\r\n") & set(text):
        message = f"{text.rpartition('@')[2]!r} is no URL like https://api.example.com"
        raise argparse.ArgumentTypeError(message)
    return text


def moment(text: str) -> int:
    """Nanoseconds since the epoch."""
    whole = next((filled for shape, filled in _SHORT_TIMES if shape.fullmatch(text)), "{}").format(text)
    time_ = moments.moment(whole)
    if time_ is None or time_ < _EARLIEST:
        message = (
            f"{text!r} is no time like 2026-11-01, 2026-11-01T12:00:00Z, or a number of seconds since 1970, all in UTC"
            " where no zone is told"
        )
        raise argparse.ArgumentTypeError(message)
    return time_


def rate(text: str) -> float:
    """Events a second."""
    try:
        rate = argument_types.seconds(text)
    except argparse.ArgumentTypeError:
        rate = 0
    if rate <= 0:
        message = f"{text!r} is no number of events a second above 0"
        raise argparse.ArgumentTypeError(message)
    return rate


def name(text: str) -> str:
    """Any name."""
    if not text:
        message = "the name is empty"
        raise argparse.ArgumentTypeError(message)
    return text


def contradiction(arguments: argparse.Namespace) -> str | None:
    """Which arguments cannot be given together, and why; None where all of them can."""
    if None not in (arguments.since, arguments.until) and arguments.since > arguments.until:
        return "--since is later than --until: no call lies between them"
    if arguments.log_format is not None and arguments.format not in {None, "common"}:
        return f"--log-format says how lines of text are written, and --format {arguments.format} reads none"
    if arguments.cluster is not None and "-" in arguments.files:
        return "--cluster: a cluster cannot read the standard input of this process"
    return None
