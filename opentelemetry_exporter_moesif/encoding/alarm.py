"""Has something done later, where nothing else may come by until then: the last calls of a service that idles."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarm:
    """Calls a function once after some time, in a thread that exists only until then.

    Args:
        ring: What to call.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: threading.Timer | None = None

    def set(self, seconds: float | None) -> None:
        """Has it called after these seconds; nothing where there are none, or where it will be called anyway."""
        if seconds is None or (self._timer is not None and self._timer.is_alive()):
            return
        timer = threading.Timer(seconds, self._wake)
        timer.daemon = True
        timer.name = "moesif-waiting-calls"
        try:
            timer.start()
        except RuntimeError:  # no thread starts any more while the interpreter ends: `shutdown` comes by soon
            return
        self._timer = timer

    def cancel(self) -> None:
        """Nothing is called any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _wake(self) -> None:
        self._timer = None
        self._ring()
