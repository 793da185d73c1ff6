"""What the command's exit codes mean, for scripts and for `--help`."""

from __future__ import annotations

DONE = 0
NOT_DONE = 1
WRONG_USAGE = 2
"""argparse's own code for wrong arguments; a missing extra gives it as well."""
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

EXIT_CODES = """exit codes:
  0    done
  1    not done, or not all of it: the output says what and why
  2    called wrongly, or an extra is not installed
  130  interrupted (Ctrl-C)"""
