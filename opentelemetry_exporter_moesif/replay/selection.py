"""Which calls a replay was asked for: of which services and scopes, and of which time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.moments import moment

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.replay.options import Options

_NANOSECONDS = 1_000_000_000
_OLDEST = 30 * 86_400 * _NANOSECONDS
# Clocks of other machines differ, and some write their local time without saying so.
_YOUNGEST = 3_600 * _NANOSECONDS

TOO_OLD = "older than 30 days: Moesif does not take them (--any-age sends them all the same)"
FUTURE = "of the future (--any-age sends them all the same)"
BEFORE_SINCE = "before --since"
AFTER_UNTIL = "after --until"
OF_ANOTHER = "of another service or scope"


class Selection:
    """Tells why a call is not wanted.

    Args:
        options: What was asked for.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._is_of_all = not (options.services or options.scopes)

    def against_span(self, span: ReadableSpan) -> str | None:
        """Why the call of a span is left out; None where it is not."""
        if not self._is_of_all and not self._has_made(span):
            return OF_ANOTHER
        return self._against_time(span.start_time or span.end_time or 0)

    def against_event(self, event: Mapping[str, Any]) -> str | None:
        """Why an event is left out; None where it is not."""
        if not self._is_of_all and not self._has_sent(event):
            return OF_ANOTHER
        time = moment(event["request"]["time"])
        return None if time is None else self._against_time(time)

    def _has_made(self, span: ReadableSpan) -> bool:
        options, scope = self._options, span.instrumentation_scope
        return (not options.services or span.resource.attributes.get("service.name") in options.services) and (
            not options.scopes or (scope is not None and scope.name in options.scopes)
        )

    def _has_sent(self, event: Mapping[str, Any]) -> bool:
        metadata = event.get("metadata")
        resource = metadata.get("resource") if isinstance(metadata, dict) else None
        name = resource.get("service.name") if isinstance(resource, dict) else None
        return not self._options.scopes and name in self._options.services

    def _against_time(self, time: int) -> str | None:
        options = self._options
        if options.since is not None and time < options.since:
            return BEFORE_SINCE
        if options.until is not None and time > options.until:
            return AFTER_UNTIL
        if options.any_age:
            return None
        age = options.now - time
        return TOO_OLD if age > _OLDEST else FUTURE if age < -_YOUNGEST else None
