"""Tells what a piece of the user's code raised itself from what was raised into it, to end the program.

A hook may raise anything, SystemExit and KeyboardInterrupt included, and that is the hook's failure and nobody else's.
But a signal's handler runs in between any two instructions of the main thread, a hook's among them, and what it raises
is meant for the program: a Ctrl-C, or the `sys.exit()` of a handler for SIGTERM. That one has to pass.
"""

from __future__ import annotations

import dis
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, TracebackType

_RAISING = frozenset(("RAISE_VARARGS", "RERAISE"))


def is_interrupt(error: BaseException) -> bool:
    """Whether a signal raised this exception, and not the code that was called.

    Args:
        error: What was caught, with its traceback.
    """
    if isinstance(error, Exception) or threading.current_thread() is not threading.main_thread():
        return False
    steps = list(_steps(error.__traceback__))
    handlers = set(_codes_of_handlers())
    if any(code in handlers for code, _ in steps):
        return True
    if not isinstance(error, KeyboardInterrupt) or not steps:
        return False
    # Python's own handler of SIGINT is no Python function: it leaves no step of its own, and nothing there raises.
    code, instruction = steps[-1]
    return dis.opname[code.co_code[instruction]] not in _RAISING


def is_of_gevent(error: BaseException) -> bool:
    """Whether gevent threw this into a request's greenlet, which waited: its timeout, or its end."""
    return not isinstance(error, Exception) and type(error).__module__.partition(".")[0] in {"gevent", "greenlet"}


def _steps(traceback: TracebackType | None) -> Iterator[tuple[CodeType, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lasti
        traceback = traceback.tb_next


def _codes_of_handlers() -> Iterator[CodeType]:
    for number in signal.valid_signals():
        code = getattr(signal.getsignal(number), "__code__", None)
        if code is not None:
            yield code
