"""Numbers on the command line: what makes no sense is refused in words, and never bent into something else."""

from __future__ import annotations

import argparse
import math

_PATIENCE_SECONDS = 300.0
_LAST_PORT = 65_535


def port(text: str) -> int:
    """A TCP port, 0 for a free one. The socket library takes larger numbers modulo 65,536."""
    number = int(text) if _is_whole(text) else -1
    if not 0 <= number <= _LAST_PORT:
        message = f"{text!r} is not a port: that is a number from 0 to {_LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return number


def at_least_one(text: str) -> int:
    """A whole number above nothing."""
    number = int(text) if _is_whole(text) else 0
    if number < 1:
        message = f"{text!r} is no number of 1 or more"
        raise argparse.ArgumentTypeError(message)
    return number


def seconds(text: str) -> float:
    """A time span: 0 or more, and an end to it."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        message = f"{text!r} is no number of seconds"
        raise argparse.ArgumentTypeError(message)
    return number


def add_give_up_after(parser: argparse.ArgumentParser, condition: str = "") -> None:
    """Adds `--give-up-after`, of the verbs that wait for deliveries.

    Args:
        parser: The verb's.
        condition: Begins the help, where another argument has to be given as well.
    """
    parser.add_argument(
        "--give-up-after",
        type=seconds,
        default=_PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"{condition}give up after so long without a delivery (default: %(default)g)",
    )


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20  # noqa: PLR2004 - digits of 2**63
