"""What the log says once about the spans that come by, when they tell of a setting that is missing."""

from __future__ import annotations

import itertools
import logging
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


class HeaderHint:
    """Says once, after the first hundred calls, where no header is ever captured.

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
