"""uWSGI's workers: at SIGTERM and SIGINT, what waits is sent before uWSGI ends them.

uWSGI ends a worker inside a signal handler of its own, in C, and leaves out whatever Python has for its end where a
request is being answered, or has just been (`uwsgi_python_atexit`, "if busy do not run atexit hooks"). So Python's
handler, which only notes the signal, takes the place of uWSGI's; a thread sends what waits, puts uWSGI's handler back,
and sends the signal again. Where a loop such as gevent's serves the calls, uWSGI calls `uwsgi.atexit` behind the loop.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.open_calls import open_calls
from opentelemetry_exporter_moesif.process_end import finish_quietly, shut_down_tracing

if TYPE_CHECKING:
    from types import FrameType, ModuleType

_ENDING = (signal.SIGTERM, signal.SIGINT)
# More than a `struct sigaction` has anywhere.
_ACTION_BYTES = 1024
# How long a call that is being answered may take to end.
_ANSWER_SECONDS = 1.0


class _Worker:
    """What was put into the place of uWSGI's own actions, in this process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._theirs: dict[int, Any] = {}
        self._descriptors: tuple[int, int] = (-1, -1)

    def begin(self) -> None:
        """Puts Python's handler where uWSGI's is. Only in the main thread.

        Raises:
            OSError: There are no descriptors.
            RuntimeError: No thread can be started.
            ValueError: This is not Python's main thread, or not its main interpreter.
        """
        self._descriptors = read, write = os.pipe()
        os.set_blocking(write, False)
        before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        if before != -1:  # an event loop's, say
            signal.set_wakeup_fd(before)
            self._close()
            return
        threading.Thread(target=self._attend, args=(read,), name="moesif-uwsgi", daemon=True).start()
        for number in _ENDING:
            self._theirs[number] = ctypes.create_string_buffer(_ACTION_BYTES)
            self._library.sigaction(int(number), None, self._theirs[number])
            signal.signal(number, _note)
            signal.siginterrupt(number, False)  # noqa: FBT003 - its second argument is positional

    def after_fork(self) -> None:
        """In a child of the worker: nobody attends there, and the pipe is the worker's."""
        if self._theirs:
            self._give_back()
            signal.set_wakeup_fd(-1)
            self._close()

    def _attend(self, read: int) -> None:
        number = 0
        while number not in _ENDING:
            noted = os.read(read, 1)
            if not noted:
                return
            number = noted[0]
        try:
            open_calls.wait(_ANSWER_SECONDS)
            finish_quietly(shut_down_tracing)
        finally:
            self._give_back()
            os.kill(os.getpid(), number)

    def _close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)

    def _give_back(self) -> None:
        theirs, self._theirs = self._theirs, {}
        for number, action in theirs.items():
            self._library.sigaction(int(number), action, None)


_workers: list[_Worker] = []


def attend_to_a_worker() -> bool:
    """Where this is a worker of uWSGI, has what waits sent before uWSGI ends it.

    Returns: whether that is settled in this process; False where it has to be tried in another thread, or later.
    """
    uwsgi = sys.modules.get("uwsgi")
    if uwsgi is None or not _has_threads(uwsgi):
        return True
    if not uwsgi.worker_id():
        return False
    if uwsgi.loop:
        _flush_behind_the_loop(uwsgi)
        return True
    if threading.current_thread() is not threading.main_thread():
        return False
    worker = _Worker()
    _workers.append(worker)
    start_anew_after_fork(worker, only_at_once=True)
    worker.begin()
    return True


def _has_threads(uwsgi: ModuleType) -> bool:
    """Whether Python's threads run beside the requests, as they do by default since uWSGI 2.0.27."""
    return bool(uwsgi.has_threads)


def _flush_behind_the_loop(uwsgi: ModuleType) -> None:
    theirs = getattr(uwsgi, "atexit", None)

    def finish() -> None:
        try:
            if theirs is not None:
                theirs()
        finally:
            open_calls.wait(_ANSWER_SECONDS)
            finish_quietly(shut_down_tracing)

    uwsgi.atexit = finish  # type: ignore[attr-defined]  # a module that uWSGI makes


def _note(_number: int, _frame: FrameType | None) -> None:
    """What Python does in the main thread, once that runs Python again: nothing. The thread knows already."""
