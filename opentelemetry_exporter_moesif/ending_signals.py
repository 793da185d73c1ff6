"""Where the default action of a signal would end the process at once, its last calls are sent first."""

from __future__ import annotations

import _thread
import functools
import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from opentelemetry_exporter_moesif.open_calls import open_calls
from opentelemetry_exporter_moesif.process_end import end_later_by, is_of_the_end, shut_down_for

if TYPE_CHECKING:
    from types import FrameType

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# What orchestrators, terminals and shells end a process with. Windows has some of them.
_ENDING = frozenset(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)

# How long the interrupted code stands still. It may hold a lock that the flush needs, and then has to go on.
_STILL_SECONDS = 1.0
# After how long a signal that was put off is sent again.
_AGAIN_SECONDS = 0.1
# How long calls of other threads may take to end meanwhile: less, since then the interrupted code goes on.
_OTHERS_SECONDS = 0.2

# Elsewhere, no thread can send this process a signal that it handles.
_IS_POSIX = os.name == "posix"

_set_handler = signal.signal
_get_handler = signal.getsignal
_installed: set[str] = set()
# Signals that wait for calls which are being answered.
_put_off: set[int] = set()


def flush_at_ending_signals() -> None:
    """Puts a handler where a signal has its default action, now and whenever somebody asks for that action again.

    uvicorn, waitress and Werkzeug end by the default action: no `atexit` runs. gunicorn's UvicornWorker, and every
    asyncio loop that is closed, restores it after us. So `signal.signal` takes "the default" to mean "flush, and then
    the default", and nobody can tell the two apart: `signal.getsignal` says `SIG_DFL`, and the exit status is the same.
    Servers with handlers of their own replace this one.
    """
    global _set_handler, _get_handler
    if not _installed:
        _installed.add("signal")
        _set_handler, _get_handler = signal.signal, signal.getsignal
        signal.signal = functools.update_wrapper(_signal, _set_handler)
        signal.getsignal = functools.update_wrapper(_getsignal, _get_handler)
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            if _get_handler(number) is signal.SIG_DFL:
                _set_handler(number, _flush_and_end)


def _signal(signalnum: int, handler: Any) -> Any:
    """What `signal.signal` is from now on."""
    if isinstance(handler, int) and handler == signal.SIG_DFL and signalnum in _ENDING:
        handler = _flush_and_end
    return _as_default(_set_handler(signalnum, handler))


def _getsignal(signalnum: int) -> Any:
    """What `signal.getsignal` is from now on."""
    return _as_default(_get_handler(signalnum))


def _as_default(handler: Any) -> Any:
    return signal.SIG_DFL if handler is _flush_and_end else handler


def _flush_and_end(number: int, _frame: FrameType | None) -> None:
    if number in _put_off:
        _put_off.discard(number)
    elif _interrupts_a_call() and _puts_off(number):
        return
    # First of all: a second signal ends the process at once.
    _set_handler(number, signal.SIG_DFL)
    try:
        _thread.start_new_thread(_end, (number,))
        # Nobody gives this lock back: either the process ends meanwhile, or the interrupted code goes on.
        never = _thread.allocate_lock()
        never.acquire()
        never.acquire(timeout=_STILL_SECONDS)
    except RuntimeError as error:
        if is_of_the_end(error):
            end_later_by(number)
            return
        _logger.warning("Moesif exporter: no thread can be started to flush at the end of the process")
        signal.raise_signal(number)
    except AssertionError:  # gevent's hub cannot wait (BlockingSwitchOutError): the greenlet just started ends it all
        return


def _interrupts_a_call() -> bool:
    """Whether this very thread is answering a call. A server that raises the signal itself must not go on after it."""
    return _IS_POSIX and bool(open_calls) and trace.get_current_span().is_recording()


def _puts_off(number: int) -> bool:
    """Lets the call that is interrupted here end first."""
    _put_off.add(number)
    try:
        _thread.start_new_thread(_come_again, (number,))
    except RuntimeError:
        _put_off.discard(number)
    return number in _put_off


def _come_again(number: int) -> None:
    open_calls.wait(_STILL_SECONDS)
    # Until it is handled, or has come a second time meanwhile: one that meets the main thread on its way into a system
    # call, such as a long sleep, is handled only after that.
    while number in _put_off:
        os.kill(os.getpid(), number)
        time.sleep(_AGAIN_SECONDS)


def _end(number: int) -> None:
    try:
        open_calls.wait(_OTHERS_SECONDS)
        shut_down_for(number)
    finally:
        signal.raise_signal(number)
