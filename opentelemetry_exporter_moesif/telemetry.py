"""The exporter's own metrics, and its log that says each thing once a minute at most."""

from __future__ import annotations

import itertools
import logging
import math
import os
import threading
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry.metrics import MeterProvider, get_meter_provider

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.redaction import scrub

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.util.types import Attributes

    from opentelemetry_exporter_moesif.config import Config

# No NullHandler: most services configure no logging before the exporter is made, or none for us, and it would keep
# the standard library from showing them the warnings and errors (on standard error).
_logger = logging.getLogger("opentelemetry_exporter_moesif")

LOG_SECONDS = 60.0

_ENABLED = "OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED"
_COMPONENT_TYPE = "opentelemetry_exporter_moesif.MoesifSpanExporter"
_DEFAULT_PORTS = {"http": 80, "https": 443}

_components = itertools.count()


class _Line:
    """What is to be said of one kind: how many since the last time, and when that was."""

    def __init__(self) -> None:
        self.counts: deque[int] = deque()
        self.said = -math.inf
        self.level, self.text = logging.WARNING, ""


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
            promised: What throttling holds back is logged when its minute ends, or at `close`.
        """
        line = self._lines.setdefault(kind, _Line())
        line.level, line.text = level, text
        line.counts.append(count)
        left = line.said + LOG_SECONDS - time.monotonic()
        if left <= 0:
            self._say(line)
        elif promised:
            self._promise(left)

    def reset(self, kind: str) -> None:
        """The next of this kind is a first one again."""
        self._lines.pop(kind, None)

    def say_what_was_held_back(self, kinds: str = "") -> None:
        """Logs it now, of the kinds that begin like this."""
        self._timer = None
        for kind, line in tuple(self._lines.items()):
            if kind.startswith(kinds):
                self._say(line)

    def close(self) -> None:
        """Nothing is held back any more of what was promised."""
        timer = self._timer
        if timer is not None:
            timer.cancel()
        self.say_what_was_held_back("lost")

    def _promise(self, seconds: float) -> None:
        if self._timer is not None:
            return
        self._timer = timer = threading.Timer(seconds, self.say_what_was_held_back, ("lost",))
        timer.daemon = True
        timer.name = "moesif-log"
        try:
            timer.start()
        except (RuntimeError, MemoryError):  # no thread can be started: `close` says it
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
            text = text.replace("{count} events wait", "1 event waits").replace("{count} events", "1 event")
        try:
            _logger.log(line.level, "Moesif exporter: %s", text.replace("{count}", str(count)))
        except BaseException as error:  # of a handler of the user's own: what is logged about goes on
            if is_interrupt(error):
                raise


class Telemetry:
    """Counts spans that became events, each once, when its fate is known. Knows nothing of their contents.

    Metrics are off unless OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED is `true`, as in the SDK.
    """

    def __init__(self, config: Config) -> None:
        target = urlsplit(config.endpoint)
        self._host = target.hostname or config.endpoint
        self._log = ThrottledLog()
        self._failing = False
        self._metrics = None
        if os.environ.get(_ENABLED, "").strip().lower() == "true":
            self._metrics = _Metrics(target.hostname, target.port or _DEFAULT_PORTS.get(target.scheme), config)

    def started(self, count: int) -> None:
        """`count` spans became events."""
        if self._metrics:
            self._metrics.started(count)

    def delivered(self, count: int) -> None:
        """The collector has taken `count` events."""
        if self._metrics:
            self._metrics.finished(count, None)
        _logger.debug("Moesif exporter: %d events delivered to %s", count, self._host)
        if self._failing:
            self._failing = False
            for kind in ("kept", "misconfigured"):
                self._log.reset(kind)
            _logger.info("Moesif exporter: %s takes events again", self._host)

    def lost(self, count: int, reason: str, detail: str = "") -> None:
        """`count` events will never arrive; `reason` is the `error.type`, `detail` more for a person to read."""
        if count <= 0:
            return
        if self._metrics:
            self._metrics.finished(count, reason)
        self._log.log(
            f"lost {reason}", logging.WARNING, count, f"{{count}} events lost ({reason}){detail}", promised=True
        )

    def kept(self, count: int, reason: str, hint: str | None) -> None:
        """An attempt failed; `count` events wait for the next one."""
        self._fail("kept", logging.WARNING, count, reason, hint)

    def misconfigured(self, count: int, reason: str, hint: str | None) -> None:
        """Nothing will be taken until a setting is mended; `count` events wait."""
        self._fail("misconfigured", logging.ERROR, count, reason, hint)

    def attempted(self, seconds: float, error_type: str | None) -> None:
        """One POST ended."""
        if self._metrics:
            self._metrics.attempted(seconds, error_type)

    def handed_over(self, count: int) -> None:
        """`count` events are in the spool, or left to the parent: whoever delivers or drops them counts them."""
        if self._metrics:
            self._metrics.started(-count)

    def taken_over(self, count: int) -> None:
        """`count` events came out of the spool."""
        self.started(count)

    def close(self) -> None:
        """Says at last what throttling has held back of losses."""
        self._log.close()

    def after_fork(self) -> None:
        """In a forked child: no attempt of its own has failed yet."""
        self._failing = False

    def _fail(self, kind: str, level: int, count: int, reason: str, hint: str | None) -> None:
        self._failing = True
        text = f"{{count}} events wait ({reason} from {self._host})"
        self._log.log(kind, level, count, f"{text}: {hint}" if hint else text)


class _Metrics:
    """The three instruments that OpenTelemetry's semantic conventions give to span exporters.

    Instruments are code of others, with locks that cannot be taken twice. Garbage may be collected within one, end a
    span and export it in this very thread: what is counted there is handed to the instrument by the call around it.
    A meter provider that fails costs a number, and no event.
    """

    def __init__(self, host: str | None, port: int | None, config: Config) -> None:
        provider: MeterProvider = config.meter_provider or get_meter_provider()
        meter = provider.get_meter("opentelemetry_exporter_moesif", __version__)
        self._inflight = meter.create_up_down_counter(
            "otel.sdk.exporter.span.inflight", "{span}", "Spans that became events and whose fate is not known yet."
        )
        self._exported = meter.create_counter(
            "otel.sdk.exporter.span.exported", "{span}", "Spans whose events were delivered, or lost (error.type)."
        )
        self._duration = meter.create_histogram(
            "otel.sdk.exporter.operation.duration", "s", "How long each POST of a batch took."
        )
        self._attributes: dict[str, str | int] = {
            "otel.component.type": _COMPONENT_TYPE,
            "otel.component.name": f"{_COMPONENT_TYPE}/{next(_components)}",
        }
        if host:
            self._attributes["server.address"] = host
        if port:
            self._attributes["server.port"] = port
        self._mine = threading.local()

    def started(self, count: int) -> None:
        self._count(self._inflight.add, count, self._attributes)

    def finished(self, count: int, error_type: str | None) -> None:
        self._count(self._inflight.add, -count, self._attributes)
        self._count(self._exported.add, count, self._with_error(error_type))

    def attempted(self, seconds: float, error_type: str | None) -> None:
        self._count(self._duration.record, seconds, self._with_error(error_type))

    def _count(self, instrument: Callable[[Any, Attributes], None], amount: float, attributes: Attributes) -> None:
        due: deque[Callable[[], None]] | None = getattr(self._mine, "due", None)
        if due is not None:
            due.append(partial(instrument, amount, attributes))
            return
        self._mine.due = due = deque((partial(instrument, amount, attributes),))
        try:
            while due:
                with suppress(Exception):
                    due.popleft()()
        finally:
            self._mine.due = None

    def _with_error(self, error_type: str | None) -> Attributes:
        return self._attributes if error_type is None else {**self._attributes, "error.type": error_type}
