"""The command `moesif-otel`. A verb's module is imported only when that verb is asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.verbs import VERBS, run_verb, usage

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `moesif-otel`.

    Args:
        argv: The words after the command's name; `sys.argv`'s where None.

    Returns:
        The exit code: 0 done, 1 not (all of it), 2 called wrongly or an extra is missing, 130 interrupted.

    Raises:
        SystemExit: `argparse` printed help (0), the version (0) or what is wrong with the arguments (2).
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in VERBS:
        return run_verb(arguments[0], arguments[1:])
    parser = usage()
    if arguments:
        parser.parse_args(arguments)
    parser.print_help()
    return 0
