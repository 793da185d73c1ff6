"""Runs `moesif-otel`, in this process or as the command that a user would call."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentelemetry_exporter_moesif.cli import main

COMMAND = Path(sys.executable).parent / "moesif-otel"
CLONE = Path(__file__).parents[2]
"""Where the tests' package was installed from, which hints name instead of a release."""
APPLICATION_ID = "an-application-id-that-must-not-show"


@dataclass(frozen=True)
class Said:
    """What a call of the command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Returns: the one document on standard output."""
        return json.loads(self.out)


def environment(**settings: str) -> dict[str, str]:
    """Returns: the variables of this process without those that would configure an exporter or a proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("OTEL_", "MOESIF_")) and not name.upper().endswith("_PROXY")
    }
    return kept | settings


def call(capfd: Any, *arguments: str) -> Said:
    """Calls `main` in this process.

    Args:
        capfd: pytest's fixture.
        arguments: the words of the command line.
    """
    capfd.readouterr()
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as exit_:
        code = exit_.code
    out, err = capfd.readouterr()
    return Said(code, out, err)


def run(*arguments: object, timeout: float = 110, stdin: Any = None, **settings: str) -> Said:
    """Runs the installed command as a process of its own; `settings` are its variables."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment(**settings),
        capture_output=True,
        timeout=timeout,
        check=False,
        input=stdin,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def interrupt_when(condition: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 100) -> None:
    """Sends Ctrl-C to a process once the condition holds.

    Raises:
        TimeoutError: It never held.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end or process.poll() is not None:
            raise TimeoutError
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
