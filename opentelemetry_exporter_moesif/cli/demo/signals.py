"""Ctrl-C, SIGTERM and a closed terminal end the demonstration in good order, and never in the middle of a clean-up."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.terminal.interruption import held_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """The first signal raises `KeyboardInterrupt` or `SystemExit`; an impatient second one is ignored."""

    def end(number: int, _frame: FrameType | None) -> None:
        for other in _ENDING:
            signal.signal(other, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def signals_held_back() -> contextlib.AbstractContextManager[None]:
    """A signal that comes in the block takes effect behind it: a process that was started is one that is known."""
    return held_back(*_ENDING)
