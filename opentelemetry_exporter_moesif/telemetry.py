"""What became of the events, in the exporter's own metrics and in its log."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry.metrics import MeterProvider, get_meter_provider

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.http_syntax import DEFAULT_PORTS
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.util.types import Attributes

    from opentelemetry_exporter_moesif.config import Config

_logger = logging.getLogger("opentelemetry_exporter_moesif")

_ENABLED = "OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED"
_COMPONENT_TYPE = "opentelemetry_exporter_moesif.MoesifSpanExporter"

_components = itertools.count()


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
            self._metrics = _Metrics(target.hostname, target.port or DEFAULT_PORTS.get(target.scheme), config)

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
        """Nothing will be taken until a setting is put right; `count` events wait."""
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
