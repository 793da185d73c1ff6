"""What the log says once about the spans that come by, when they tell of a setting that is missing."""

from __future__ import annotations

import itertools
import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.event import Event

_logger = logging.getLogger(__name__)

_EVENTS_BEFORE_THE_HINT = 10
_NOT_CAPTURED = frozenset(("User-Agent", "Content-Length", "X-Moesif-Tags"))
_NO_HEADERS = (
    "Moesif exporter: the first %d calls came without a captured header, so that events have no headers, and behind a"
    " proxy the proxy's address. Set OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST and _RESPONSE to '.*'."
)

_SPANS_BEFORE_THE_WARNING = 1_000
_NO_CALL = (
    "Moesif exporter: none of the first %d spans with HTTP attributes was of a call that was answered here, so nothing"
    " was sent. Calls come from the instrumentation of a web framework or server, whose spans are of the kind SERVER:"
    " is the one of yours installed (opentelemetry-bootstrap -a requirements lists them) and not disabled?"
)

_SPANS_BEFORE_THE_LOOK = 100
# Modules that only a process which serves loads, and neither its parent nor one that makes calls.
_SERVING = {
    "uvicorn": "uvicorn.protocols.http",
    "daphne": "daphne.http_protocol",
    "waitress": "waitress.channel",
    "cheroot": "cheroot.server",
    "Sanic": "sanic.server",  # in its parent, too; what its own server answers is seen by nothing of OpenTelemetry's
}
# Elsewhere code of the service's own set OpenTelemetry up, and knows what it wraps.
_STARTED_BY_OPENTELEMETRY = "opentelemetry.instrumentation.auto_instrumentation"
# One of them is at the bottom of every instrumentation that sees what these serve.
_INSTRUMENTATIONS = ("opentelemetry.instrumentation.asgi", "opentelemetry.instrumentation.wsgi")
_UNSEEN = (
    "Moesif exporter: %s serves here, and nothing of OpenTelemetry's is loaded that makes spans of the calls that it"
    " answers, so none of them was sent. An application without an instrumentation of its own has to be wrapped in"
    " opentelemetry.instrumentation.asgi.OpenTelemetryMiddleware, or in that of opentelemetry.instrumentation.wsgi;"
    " opentelemetry-bootstrap -a requirements lists the instrumentations that find theirs by themselves."
)

_CALLS_BEFORE_THE_NOTICE = 2
_CLICK = "opentelemetry.instrumentation.click"
_IN_A_PROGRAM = (
    "Moesif exporter: %s stands around the calls that are served here, so that OpenTelemetry's instrumentation takes"
    " each for a part of something else: they are sent all the same, but without headers, and all of them are in one"
    " trace. %s"
)
_CURE_OF_CLICK = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=click cures it."
_CURE = (
    "Where it is contrib's instrumentation of click, OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=click cures it; else start"
    " the server outside of that span."
)


class HeaderHint:
    """Says once, after the first ten calls, where no header is ever captured.

    Attributes:
        is_settled: A header was seen, or the hint was given: nothing needs to be counted any more.
    """

    def __init__(self) -> None:
        self.is_settled = False
        self._calls = itertools.count(1)

    def count(self, event: Event) -> None:
        """Looks at the headers of an event."""
        headers = event["request"]["headers"].keys() | event.get("response", event["request"])["headers"].keys()
        if not headers <= _NOT_CAPTURED:
            self.is_settled = True
        elif next(self._calls) == _EVENTS_BEFORE_THE_HINT:  # so one thread says it, of any number
            self.is_settled = True
            _logger.info(_NO_HEADERS, _EVENTS_BEFORE_THE_HINT)


class NoCallWarning:
    """Says once where none of the first thousand spans with HTTP attributes was of a call.

    Attributes:
        is_settled: A call was seen, or it was said: nothing needs to be counted any more.
    """

    def __init__(self) -> None:
        self.is_settled = False
        self._spans = itertools.count(1)

    def count(self) -> None:
        """Counts a span with HTTP attributes that is no call."""
        if next(self._spans) == _SPANS_BEFORE_THE_WARNING:
            self.is_settled = True
            _logger.warning(_NO_CALL, _SPANS_BEFORE_THE_WARNING)


class UnseenServerWarning:
    """Says once where `opentelemetry-instrument` started a server, and nothing makes spans of its calls."""

    def __init__(self) -> None:
        self._spans = 0
        self._is_said = False

    def count(self, spans: int) -> None:
        """Counts spans, none of which was of a call. What an application needs is loaded before the last of them."""
        self._spans += spans
        if self._spans >= _SPANS_BEFORE_THE_LOOK:
            self.look()

    def look(self) -> None:
        """Looks at what is loaded."""
        server = next((name for name, module in _SERVING.items() if module in sys.modules), None)
        if (
            server is not None
            and not self._is_said
            and _STARTED_BY_OPENTELEMETRY in sys.modules
            and sys.modules.keys().isdisjoint(_INSTRUMENTATIONS)
        ):
            self._is_said = True
            _logger.warning(_UNSEEN, server)


class ProgramNotice:
    """Says once which span stands around calls, and how to be rid of it."""

    def __init__(self) -> None:
        self._calls = itertools.count(1)

    def count(self, name: str | None) -> None:
        """Counts a call inside a span that is no call.

        Args:
            name: That span's name, where it is known: nothing tells it of one that is still open.
        """
        if next(self._calls) != _CALLS_BEFORE_THE_NOTICE:
            return
        is_of_click = name is None and _CLICK in sys.modules
        what = f"the span {name!r}" if name is not None else "a span that is still open"
        if is_of_click:
            what += ", that of a click command as it seems,"
        _logger.info(_IN_A_PROGRAM, what, _CURE_OF_CLICK if is_of_click else _CURE)
