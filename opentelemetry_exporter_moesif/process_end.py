"""Gets the last calls of a process out, whichever way it ends, and never holds that end up for longer than agreed.

A process that returns from its program, or raises SystemExit, runs `atexit`, and with it the SDK's own shutdown. What
does not has a file each: signals (`ending_signals`), children of `multiprocessing` (`forking_libraries`), and
`os._exit` and `os.exec…` (`hard_exits`).
"""

from __future__ import annotations

import _thread
import atexit
import logging
import signal
import sys
import time
from typing import TYPE_CHECKING

from opentelemetry import trace

from opentelemetry_exporter_moesif.fork_safety import is_unnoticed, start_anew_after_fork
from opentelemetry_exporter_moesif.last_words import say_last_words
from opentelemetry_exporter_moesif.open_calls import open_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.delivery.sender import Sender

_logger = logging.getLogger("opentelemetry_exporter_moesif")

_SENDER_MODULE = "opentelemetry_exporter_moesif.delivery.sender"

# The exporter keeps to `shutdown_timeout` by itself; this is for locks that nobody will give back.
_MARGIN_SECONDS = 0.5
# What orchestrators give a process before they kill it.
_MOST_SECONDS = 30.0
_LOOK_SECONDS = 0.25


class _LastShutdown:
    """The one that this process has, and the signal that ends the process after it.

    The SDK's processors answer a second shutdown at once, in the middle of the first one's last POST. Whoever comes
    second here waits: it would end the process.
    """

    def __init__(self) -> None:
        self.after_fork()
        start_anew_after_fork(self)

    def after_fork(self) -> None:
        """In a forked child: what its parent does at its end is not the child's."""
        # The whole last export runs while this is held, log handlers and garbage collection included. Who waits for it
        # has a limit (`finish_in_time`), or is `atexit`, behind somebody who has one.
        self.turn = _thread.allocate_lock()
        self.signal: int | None = None


_last_shutdown = _LastShutdown()


def live_senders() -> list[Sender]:
    """The senders of this process; none where no exporter was made, which imports nothing for it."""
    module = sys.modules.get(_SENDER_MODULE)
    return list(module.live_senders()) if module else []


def shut_down_tracing() -> None:
    """Has the tracer provider send what waits in its processors, and then the exporters what waits in them.

    Where another thread does that already, waits for it.
    """
    if not _has_nothing_of_its_own():
        with _last_shutdown.turn:
            _call_provider("shutdown")
        say_last_words()


def shut_down_for(number: int) -> None:
    """Shuts tracing down in time, since a signal ends this process: whichever end comes first, it is the signal's."""
    _last_shutdown.signal = number
    finish_in_time(shut_down_tracing)


def shut_down_at_exit() -> None:
    """Has this module see to the SDK's shutdown at the end of the program, which `atexit` runs.

    It is left out in a forked child that has nothing to send, as a worker of uWSGI that served none: BatchSpanProcessor
    would wait there for a thread that only its parent has, for 30 seconds.
    """
    atexit.register(_at_exit)


def _at_exit() -> None:
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None and _has_nothing_of_its_own():
        atexit.unregister(shutdown)
    elif _last_shutdown.turn.acquire(blocking=False):
        try:
            _call_provider("shutdown")
        finally:
            _last_shutdown.turn.release()
    else:
        finish_quietly(shut_down_tracing)
    end_by_signal()


def _has_nothing_of_its_own() -> bool:
    """Whether nobody told the SDK of the fork that made this process, and no span that ended here did so either."""
    return is_unnoticed() and open_calls.has_known_none


def finish_in_time(work: Callable[[], None]) -> None:
    """Does some last work in a thread of its own, and waits for it for `shutdown_timeout` after the last delivery.

    Not in this thread: what it was interrupted in may hold a lock that the work needs, and then nothing would ever end.
    Raises what waiting raises, as it does in gevent's hub; the work goes on then.

    Raises:
        RuntimeError: No thread can be started.
    """
    # `_thread`, by attribute, as for gevent: `threading.Thread.start` waits for a lock that this thread may hold.
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            work()
        except Exception:
            _logger.exception("Moesif exporter: the flush at the end of the process failed")
        finally:
            done.release()

    began = time.monotonic()
    try:
        _thread.start_new_thread(run, ())
    except RuntimeError as error:
        if not is_of_the_end(error):
            raise
        run()  # this is `atexit`, which interrupts nothing
    while (left := _end_of_patience(began) - time.monotonic()) > 0:
        if done.acquire(timeout=min(left, _LOOK_SECONDS)):
            return


def is_of_the_end(error: RuntimeError) -> bool:
    """Whether no thread can be started since the program has ended: Python 3.12 starts none in `atexit` either."""
    return "interpreter shutdown" in str(error)


def end_by_signal() -> None:
    """Ends the process as the signal would have, where one has come."""
    if _last_shutdown.signal is not None:
        signal.raise_signal(_last_shutdown.signal)


def end_later_by(number: int) -> None:
    """Has the end that is under way be a signal's."""
    _last_shutdown.signal = number


def flush_tracing() -> None:
    """Has the tracer provider and the exporters send what waits, and go on: an `exec` may fail."""
    _call_provider("force_flush")
    for sender in live_senders():
        sender.force_flush(sender.config.shutdown_timeout * 1000)
    say_last_words()


def finish_quietly(work: Callable[[], None]) -> None:
    """Does some last work as `finish_in_time` does, and only logs what goes wrong."""
    try:
        finish_in_time(work)
    except Exception:
        _logger.warning("Moesif exporter: calls that waited at the end of the process may be lost", exc_info=True)


def _call_provider(method: str) -> None:
    call = getattr(trace.get_tracer_provider(), method, None)
    if call is not None:
        call()


def _end_of_patience(began: float) -> float:
    """Until when an end is waited for: a little after the collector's last answer, or after it could first be asked."""
    senders = live_senders()
    last = max((sender.last_progress for sender in senders), default=began)
    longest = max((sender.config.shutdown_timeout for sender in senders), default=0.0)
    return min(began + _MOST_SECONDS, max(began, last) + longest + _MARGIN_SECONDS)
