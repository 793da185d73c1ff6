"""Lines of which each value has its name before it: logfmt (`method=GET path=/a`, as Heroku's router) and LTSV."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.formats.access_fields import LONGEST_LINE, call_of_line

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

LABEL = "logfmt, LTSV"

_PAIR = re.compile(r'(?P<name>[A-Za-z_@][\w.@-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s"]*))(?:\s+|$)')
_ESCAPE = re.compile(r"\\(.)")
_FEWEST = 3
# http://ltsv.org/: what it calls otherwise than everybody else.
_LTSV_NAMES = {
    "host": "remote_addr",
    "req": "request",
    "protocol": "server_protocol",
    "reqsize": "request_body_size",
    "ua": "user_agent",
    "vhost": "host",
    "reqtime": "request_time",
    "forwardedfor": "x_forwarded_for",
}


def call_of(line: str, recorded: Any = None) -> Call | None:
    """The call of a line; None where it is of none, or its values have no names."""
    if len(line) > LONGEST_LINE:
        return None
    fields = _ltsv(line) if "\t" in line else _logfmt(line)
    return None if len(fields) < _FEWEST else call_of_line(fields, line, recorded)


def _ltsv(line: str) -> dict[str, Any]:
    pairs = [piece.partition(":") for piece in line.split("\t")]
    if not all(name and colon for name, colon, _ in pairs):
        return {}
    return {_LTSV_NAMES.get(name, name): value for name, _, value in pairs}


def _logfmt(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    at = 0
    while at < len(line):
        pair = _PAIR.match(line, at)
        if pair is None:
            return {}
        quoted = pair["quoted"]
        fields[pair["name"]] = pair["plain"] if quoted is None else _ESCAPE.sub(r"\1", quoted)
        at = pair.end()
    return fields
