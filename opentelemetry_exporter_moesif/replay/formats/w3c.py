"""Logs that name their own fields: the W3C's extended format (IIS and others), and CloudFront's standard logs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from opentelemetry_exporter_moesif.replay.formats.access_fields import LONGEST_LINE, call_of_line

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

LABEL = "W3C extended logs, CloudFront logs"

_FIELDS_DIRECTIVE = "#Fields:"
_ESCAPED = ("cs(user-agent)", "cs(referer)", "cs(cookie)")
_NEVER = frozenset(("cs(cookie)",))


class W3CReader:
    """Reads such a log, line by line."""

    def __init__(self) -> None:
        self._fields: list[str] = []

    @property
    def knows_fields(self) -> bool:
        """Whether a line has said what the others hold."""
        return bool(self._fields)

    def directive(self, line: str) -> None:
        """Takes a line that begins with ``#``."""
        if line.startswith(_FIELDS_DIRECTIVE) and len(line) <= LONGEST_LINE:
            self._fields = [name.lower() for name in line[len(_FIELDS_DIRECTIVE) :].split()]

    def call_of(self, line: str) -> Call | None:
        """The call of a line; None where it is of none, or has not as many fields as were said."""
        if len(line) > LONGEST_LINE:
            return None
        values = line.rstrip("\r\n").split("\t" if "\t" in line else " ")
        if not self._fields or len(values) != len(self._fields):
            return None
        fields = {name: value for name, value in zip(self._fields, values, strict=True) if value != "-"}
        for name in _ESCAPED:
            if name in fields:
                fields[name] = unquote(fields[name].replace("+", " "))  # spaces as ``+`` or ``%20``
        return call_of_line({name: value for name, value in fields.items() if name not in _NEVER}, line)
