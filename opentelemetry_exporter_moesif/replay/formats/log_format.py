"""Access logs of one line a call, by the notation that nginx has for them: `$variable`, and what stands between.

The Common and the Combined Log Format are two of them, written the same way by Apache, nginx and many others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.replay.call import logged_call
from opentelemetry_exporter_moesif.replay.formats import access_fields

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

COMMON = '$remote_addr $_ $remote_user [$time_local] "$request" $status $body_bytes_sent'
COMBINED = f'{COMMON} "$http_referer" "$http_user_agent"'
# Apache's `vhost_combined`, and what many append to Combined.
VHOST_COMBINED = f"$vhost {COMBINED}"

# Envoy's own default, and Istio's, with the names that their logs in JSON have for the same.
_ENVOY_SIZES = "$bytes_received $bytes_sent $duration $upstream_service_time"
_ENVOY_TEXTS = '"$x_forwarded_for" "$user_agent" "$request_id" "$authority" "$upstream_host"'
_ENVOY_BEGINS = '[$start_time] "$request" $response_code $response_flags'
ENVOY = f"{_ENVOY_BEGINS} {_ENVOY_SIZES} {_ENVOY_TEXTS}"
ISTIO = (
    f"{_ENVOY_BEGINS} $response_code_details $connection_termination_details"
    f' "$upstream_transport_failure_reason" {_ENVOY_SIZES} {_ENVOY_TEXTS}'
)

_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")
_UNNAMED = "_"
_LONGEST_LINE = 64 * 1024
# How Apache and nginx write what cannot stand in a line (`\x22`, `\"`).
_ESCAPE = re.compile(r'\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<plain>["\\]))')


class LogFormatError(ValueError):
    """A `--log-format` that cannot be read; its text says why."""


class LogFormat:
    """The lines that one format describes.

    Args:
        notation: As the arguments of nginx's `log_format` have it.
        rest: Whether more may stand behind what it describes.
        is_start: Whether the line's time is that of the request, as Apache has it, and not that of the answer.

    Raises:
        LogFormatError: It has no variable, or the same one twice.
    """

    def __init__(self, notation: str, *, rest: bool = False, is_start: bool = False) -> None:
        self._is_start = is_start
        pattern, at = "", 0
        names: list[str] = []
        for variable in _VARIABLE.finditer(notation):
            name = variable["braced"] or variable["plain"]
            following = notation[variable.end() : variable.end() + 1]
            if following == "$":
                message = f"nothing tells where ${name} ends: {notation[variable.start() :][:40]!r}"
                raise LogFormatError(message)
            pattern += re.escape(notation[at : variable.start()]) + _value(following, len(names))
            names.append(name)
            at = variable.end()
        if not names:
            message = "there is no $variable in it"
            raise LogFormatError(message)
        self._names = names
        end = r"(?:\s.*)?" if rest else r"\s*"
        self._pattern = re.compile(pattern + re.escape(notation[at:].rstrip()) + end, re.DOTALL)

    def call_of(self, line: str) -> Call | None:
        """The call of a line; None where it is not of this format."""
        match = self._pattern.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if match is None:
            return None
        fields = {name: _plain(value) for name, value in zip(self._names, match.groups(), strict=True)}
        fields.pop(_UNNAMED, None)
        entry = access_fields.entry(fields, is_start=self._is_start)
        if entry is None:
            return None
        return logged_call(entry.attributes, entry.start, entry.end, content=line.encode(), name=entry.name)


def _value(following: str, number: int) -> str:
    """What matches a variable's value, up to the character behind it.

    No value runs over that character, unless a backslash stands before it: each line is matched in one way only, in
    time that grows with its length.
    """
    if not following:
        return r"(.*)" if number else r"(.+)"
    if following == '"':
        return r'((?:[^"\\]|\\.)*)'
    return f"([^{re.escape(following)}]*)"


def _plain(value: str) -> str:
    return _ESCAPE.sub(_unescaped, value) if "\\" in value else value


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match["hex"], 16)) if match["hex"] else match["plain"]
