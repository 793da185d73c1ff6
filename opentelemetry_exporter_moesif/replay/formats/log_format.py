"""Access logs of one line a call, by the notation that nginx has for them: `$variable`, and what stands between.

Those that servers write by themselves are in `notations`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.formats.access_fields import LONGEST_LINE, call_of_line
from opentelemetry_exporter_moesif.replay.formats.access_names import tells_call

if TYPE_CHECKING:
    from collections.abc import Collection

    from opentelemetry_exporter_moesif.replay.call import Call

_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")
_UNNAMED = "_"
# Nobody runs identd: lighttpd writes the host there.
_IDENT = "ident"
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?|localhost(?::\d+)?")
_ADDRESSES = re.compile(r"[\dA-Fa-f.:\[\], ]+|-|unknown")
_APACHE = ': Apache\'s %h %t "%r" %>s is $remote_addr [$time_local] "$request" $status here'
# How Apache and nginx write what cannot stand in a line (`\x22`, `\"`).
_ESCAPE = re.compile(r'(?P<bytes>(?:\\x[0-9A-Fa-f]{2})+)|\\(?P<plain>["\\])')


class LogFormatError(ValueError):
    """A `--log-format` that cannot be read; its text says why."""


class LogFormat:
    """The lines that one format describes.

    Args:
        notation: As the arguments of nginx's `log_format` have it.
        rest: Whether more may stand behind what it describes.
        is_start: Whether the line's time is that of the request, as Traefik has it, and not that of the answer.
        addresses: The variables whose value has to be one address or several.

    Raises:
        LogFormatError: It has no variable, the same one twice, or none that tells a call.
    """

    def __init__(
        self, notation: str, *, rest: bool = False, is_start: bool = False, addresses: Collection[str] = ()
    ) -> None:
        self._is_start = is_start
        self._addresses = addresses
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
            message = "there is no $variable in it" + (_APACHE if "%" in notation else "")
            raise LogFormatError(message)
        repeated = next((name for name in names if name != _UNNAMED and names.count(name) > 1), None)
        if repeated:
            message = f"${repeated} is in it twice"
            raise LogFormatError(message)
        if not tells_call(names):
            message = "no $request in it, nor $request_method and $request_uri: no line of it tells a call"
            raise LogFormatError(message)
        self._names = names
        end = r"(?:\s.*)?" if rest else r"\s*"
        self._pattern = re.compile(pattern + re.escape(notation[at:].rstrip()) + end, re.DOTALL)

    def call_of(self, line: str, recorded: Any = None) -> Call | None:
        """The call of a line; None where it is not of this format.

        Args:
            line: The line.
            recorded: When it was written down, for a format that tells no time.
        """
        match = self._pattern.fullmatch(line) if len(line) <= LONGEST_LINE else None
        if match is None:
            return None
        fields = {name: _plain(value) for name, value in zip(self._names, match.groups(), strict=True)}
        if not all(_ADDRESSES.fullmatch(fields[name]) for name in self._addresses):
            return None
        fields.pop(_UNNAMED, None)
        ident = fields.pop(_IDENT, "")
        if _HOST.fullmatch(ident):
            fields.setdefault("host", ident)
        return call_of_line(fields, line, recorded, is_start=self._is_start)


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
    return unescaped_bytes(match["bytes"]) if match["bytes"] else match["plain"]


def unescaped_bytes(text: str) -> str:
    r"""What bytes say that are written as `\xC3\xA9`."""
    content = bytes.fromhex(text.replace("\\x", ""))
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
