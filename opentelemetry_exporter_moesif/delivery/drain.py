"""Sends what waits: in one daemon thread while something does, and in the caller's own thread at the end."""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.delivery.accounted_backlog import AccountedBacklog
    from opentelemetry_exporter_moesif.delivery.pause import Pause
    from opentelemetry_exporter_moesif.delivery.turn import Turn

_logger = logging.getLogger(__name__)


class Drain:
    """Empties a backlog.

    Args:
        turn: taken for each POST.
        pause: kept between attempts.
        backlog: what waits.
        send_oldest: POSTs what has waited longest, with the seconds that its argument returns, and gives the turn back.
        timeout: seconds for one POST.
    """

    def __init__(
        self,
        turn: Turn,
        pause: Pause,
        backlog: AccountedBacklog,
        send_oldest: Callable[[Callable[[], float]], None],
        timeout: float,
    ) -> None:
        self._turn = turn
        self._pause = pause
        self._backlog = backlog
        self._send_oldest = send_oldest
        self._timeout = timeout
        self._thread: threading.Thread | None = None
        self._ended = False

    def start(self) -> bool:
        """Sees to it that a thread drains what waits; False where no thread can be started."""
        with self._turn.changed:
            if self._thread is not None or self._ended or self._backlog.due() is None:
                return True
            thread = threading.Thread(target=self._run, name="moesif-drain", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is ending: shutdown drains
                return False
            self._thread = thread
            return True

    def end(self) -> None:
        """No thread is started any more, and one that runs makes no further POST."""
        with self._turn.changed:
            self._ended = True
            self._turn.changed.notify_all()

    def here(self, limit: Callable[[], float]) -> None:
        """Drains in the calling thread what this process can take now.

        Args:
            limit: until when, a moment that may move as attempts fail.
        """

        def left() -> float:
            return min(limit() - time.monotonic(), self._timeout)

        while left() > 0:
            with self._turn.changed:
                # What other processes have claimed is theirs to send: an exit does not wait for them.
                if self._backlog.due() != 0 and not self._turn.taken:
                    return
                wait = self._wait()
                if wait > 0 or not self._turn.take_if(lambda: True):
                    self._turn.changed.wait(min(wait or math.inf, max(0.0, limit() - time.monotonic())))
                    continue
            self._send_oldest(left)

    def _run(self) -> None:
        try:
            while self._await_turn():
                self._send_oldest(lambda: 0.0 if self._ended else self._timeout)
        except Exception:
            with self._turn.changed:
                self._thread = None
            _logger.exception("Moesif exporter: draining stopped; the next export starts it again")

    def _await_turn(self) -> bool:
        """Waits for the pause to end and the turn to be free. False, and no thread any more: nothing to do."""
        with self._turn.changed:
            while not self._ended and self._backlog.due() is not None:
                wait = self._wait()
                if wait <= 0 and self._turn.take_if(lambda: True):
                    return True
                self._turn.changed.wait(wait or None)
            self._thread = None
            self._turn.changed.notify_all()
            return False

    def _wait(self) -> float:
        return max(self._backlog.due() or 0.0, self._pause.remaining())
