"""JSON access logs: nginx's, Envoy's, Caddy's, Traefik's, API Gateway's, and others by the same names of fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.formats.access_fields import call_of_line

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

LABEL = "JSON access logs"

# Where a log collector keeps the line that a server wrote, and the time of it.
_MESSAGES = ("log", "message", "MESSAGE", "textPayload", "msg")
_MOST_OPEN = 10_000
_TIMES = ("time", "@timestamp", "timestamp", "__REALTIME_TIMESTAMP", "ts", "date")


def call_of(fields: dict[str, Any], recorded: Any = None) -> Call | None:
    """The call of one entry; None where it is of none.

    Args:
        fields: The entry.
        recorded: When it was written down, for one that tells no time.
    """
    return call_of_line(fields, json.dumps(fields, sort_keys=True), recorded)


class Halves:
    """Puts together what Fastify tells of a call in two entries: that it has come, and what became of it."""

    def __init__(self) -> None:
        self._asked: dict[tuple[Any, ...], Any] = {}

    def whole(self, value: dict[str, Any]) -> dict[str, Any]:
        """The entry, with the request that another one told before."""
        request, response = value.get("req"), value.get("res")
        key = tuple(str(value.get(name)) for name in ("hostname", "pid", "reqId"))
        if isinstance(request, dict) and response is None:
            self._asked[key] = request
            if len(self._asked) > _MOST_OPEN:
                del self._asked[next(iter(self._asked))]
        elif isinstance(response, dict) and request is None and key in self._asked:
            return {**value, "req": self._asked.pop(key)}
        return value


def message_in(value: dict[str, Any]) -> tuple[str, Any] | None:
    """The text of a log record, and when it was written; None where it is no log record."""
    message = next((value[name] for name in _MESSAGES if isinstance(value.get(name), str)), None)
    time = next((value[name] for name in _TIMES if value.get(name)), None)
    return None if message is None or (time is None and "level" not in value) else (message, time)
