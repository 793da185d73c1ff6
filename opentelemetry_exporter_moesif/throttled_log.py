"""A log that says each thing once a minute at most."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from contextlib import suppress

from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.last_words import owing
from opentelemetry_exporter_moesif.redaction import scrub

# No NullHandler: most services configure no logging before the exporter is made, or none for us, and it would keep
# the standard library from showing them the warnings and errors (on standard error).
_logger = logging.getLogger("opentelemetry_exporter_moesif")

LOG_SECONDS = 60.0

_ONE = {
    "{count} events wait": "1 event waits",
    "{count} events": "1 event",
    "{count} calls": "1 call",
}


class _Line:
    """What is to be said of one kind: how many since the last time, and when that was."""

    def __init__(self) -> None:
        self.counts: deque[int] = deque()
        self.said = -math.inf
        self.level, self.text, self.promised = logging.WARNING, "", False


class ThrottledLog:
    """Logs the first of a kind at once, then one line a minute at most that says how many there were.

    It has no lock: a handler of the log is code of others, which may take its time, or export in its turn. Counts are
    appended and taken out in one step each, so whoever logs them logs each once.
    """

    def __init__(self) -> None:
        self.after_fork()
        start_anew_after_fork(self)

    def after_fork(self) -> None:
        """In a forked child: nothing was logged yet; what is held back is the parent's to say."""
        self._lines: dict[str, _Line] = {}
        self._timer: threading.Timer | None = None

    def log(self, kind: str, level: int, count: int, text: str, *, promised: bool = False) -> None:
        """Logs `text`, in which `{count}` becomes the number since the last line of this kind.

        Args:
            kind: What is throttled together.
            level: The level of the record.
            count: How many events it is about.
            text: The line.
            promised: What throttling holds back is logged when its minute ends, at `close`, or when the process ends.
        """
        line = self._lines.setdefault(kind, _Line())
        line.level, line.text, line.promised = level, text, promised
        line.counts.append(count)
        left = line.said + LOG_SECONDS - time.monotonic()
        if left <= 0:
            self._say(line)
        elif promised:
            self._promise(left)

    def reset(self, kind: str) -> None:
        """The next of this kind is a first one again."""
        self._lines.pop(kind, None)

    def say_what_is_owed(self) -> None:
        """Logs now what was promised and held back."""
        owing.discard(self)
        self._timer = None
        for line in self._promised_lines():
            self._say(line)

    def close(self) -> None:
        """Says what is owed. What comes after it, of a thread still under way, is a first of its kind again.

        The process may end within the minute, and by a signal: not only what runs at its end is to say it.
        """
        timer = self._timer
        if timer is not None:
            timer.cancel()
        self.say_what_is_owed()
        for line in self._promised_lines():
            line.said = -math.inf

    def _promised_lines(self) -> list[_Line]:
        return [line for line in tuple(self._lines.values()) if line.promised]

    def _promise(self, seconds: float) -> None:
        owing.add(self)
        if self._timer is not None:
            return
        self._timer = timer = threading.Timer(seconds, self.say_what_is_owed)
        timer.daemon = True
        timer.name = "moesif-log"
        try:
            timer.start()
        except (RuntimeError, MemoryError):  # no thread can be started: it is said at the end
            self._timer = None

    def _say(self, line: _Line) -> None:
        count = 0
        while line.counts:
            with suppress(IndexError):  # another thread says it
                count += line.counts.popleft()
        if not count:
            return
        line.said = time.monotonic()
        # By one argument: a `%` in a host or a hint is not a format.
        text = scrub(line.text)  # it may quote an exception of the user's code
        if count == 1:
            for several, one in _ONE.items():
                text = text.replace(several, one)
        try:
            _logger.log(line.level, "Moesif exporter: %s", text.replace("{count}", str(count)))
        except BaseException as error:  # of a handler of the user's own: what is logged about goes on
            if is_interrupt(error):
                raise
