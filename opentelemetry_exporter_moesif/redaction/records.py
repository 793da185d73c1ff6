"""Lines that are a small object: YAML, TOML, INI, the event of a stream. What is said of objects is said of them.

`type: otp` and `code: 482913` below it are one, as are the lines of a section that is called like a secret, or like
several: `[api_keys]`, `tokens:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import replaced
from opentelemetry_exporter_moesif.redaction.mentions import LONGEST
from opentelemetry_exporter_moesif.redaction.siblings import Siblings

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_MOST_LINES = 24  # as many as an object has fields in which one tells of another
_MOST_OF_SECTION = 64
_LONGEST_LINE = 1024
_LEAST_NUMBER = 6  # digits
_SIGNS = r"(?::[ \t]{1,8}|[ \t]{0,8}=[ \t]{0,8})"
_LINE = expression(
    rf"(?P<indent>[ \t]{{0,64}}(?P<item>-[ \t]{{1,8}})?)(?P<key>[\"']?[A-Za-z_][\w.-]{{0,63}}[\"']?){_SIGNS}"
    rf"(?P<quote>[\"']?)(?P<value>[^\n]{{1,{_LONGEST_LINE}}}?)(?P=quote)[ \t,]{{0,8}}\r?(?=\n|$)"
)
# One whose value may name something, and what a section is called.
_NAMING = expression(
    rf"^[ \t]{{0,64}}(?:-[ \t]{{1,8}})?[\"']?[A-Za-z_][\w.-]{{0,63}}[\"']?{_SIGNS}"
    rf"(?=[^\n]{{3,{LONGEST + 2}}}$)[^\n]*$",
    re.MULTILINE,
)
_SECTION = expression(
    r"^(?P<indent>[ \t]{0,64})(?:\[{1,2}(?!REDACTED)(?P<name>[\w.\"' -]{3,64})\]{1,2}|(?P<key>[A-Za-z_][\w.-]{2,63}):)"
    r"[ \t]{0,8}\r?$",
    re.MULTILINE,
)
_QUOTES = "\"'"


class Records:
    """Masks what is said in one line of a secret that another one names.

    Args:
        names: Which names are secrets'.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._siblings = Siblings(names)

    def masked(self, text: str, steps: Steps) -> str:
        """The text without it.

        Raises:
            TooManyStepsError: There are more of them than in anything ordinary.
        """
        if "\n" not in text:
            return text
        found = dict(self._of_records(text, steps))
        found.update(self._of_sections(text, steps))
        return replaced(text, sorted(found.items()))

    def _of_records(self, text: str, steps: Steps) -> Iterator[tuple[Span, str]]:
        after = -1
        is_long = False
        for line in self._names.near(_NAMING, text, steps):
            if line.start() < after or not self._names.may_be_in(line[0]):
                continue
            record = _record(text, line.start(), after)
            steps.take(len(record))
            if not record:
                continue
            goes_on = is_long and record[0].start() == after + 1
            after = record[-1].end()
            is_long = goes_on or len(record) >= _MOST_LINES  # a list of texts, and no object
            if len(record) > 1 and not is_long:
                fields = _fields(record)
                self._siblings.mask_parameters(fields)
                yield from _changed(record, fields)

    def _of_sections(self, text: str, steps: Steps) -> Iterator[tuple[Span, str]]:
        for section in self._names.near(_SECTION, text, steps):
            name = section["name"] or section["key"]
            if not self._names.may_be_in(name):
                continue
            lines = list(_below(text, section))
            steps.take(len(lines))
            for part in name.split("."):
                fields = _fields(lines)
                self._siblings.mask_below(part.strip(_QUOTES), fields)
                yield from _changed(lines, fields)


def _record(text: str, start: int, after: int) -> list[re.Match[str]]:
    """The lines of the object in which one is that starts at a place, behind the former object."""
    line = _LINE.match(text, start)
    if line is None:
        return []
    lines, first = [line], line
    while not first["item"] and first.start() > max(after + 1, 0) and len(lines) < _MOST_LINES:
        above = _LINE.match(text, text.rfind("\n", 0, first.start() - 1) + 1)
        if above is None or above.end() != first.start() - 1 or len(above["indent"]) != len(line["indent"]):
            break
        first = above
        lines.insert(0, above)
    while len(lines) < _MOST_LINES:
        below = _LINE.match(text, lines[-1].end() + 1)
        if below is None or below["item"] or len(below["indent"]) != len(line["indent"]):
            break
        lines.append(below)
    return lines


def _below(text: str, section: re.Match[str]) -> Iterator[re.Match[str]]:
    """The lines of a section: up to the next one, or those that stand deeper."""
    at = section.end() + 1
    for _ in range(_MOST_OF_SECTION):
        line = _LINE.match(text, at)
        end = text.find("\n", at)
        start = text[at : at + LONGEST].partition("\n")[0]
        is_out = start.strip() and len(start) - len(start.lstrip()) <= len(section["indent"])
        if start.lstrip().startswith("[") if section["name"] else is_out:
            return
        if line:
            yield line
        if end < 0:
            return
        at = end + 1


def _fields(lines: list[re.Match[str]]) -> dict[str, Any]:
    """What lines say, as an object of JSON has it."""
    fields: dict[str, Any] = {}
    for number, line in enumerate(lines):
        fields[_key(line, number, fields)] = _value(line)
    return fields


def _key(line: re.Match[str], number: int, fields: dict[str, Any]) -> str:
    key = line["key"].strip(_QUOTES)
    return f"{key} {number}" if key in fields else key


def _value(line: re.Match[str]) -> str | int:
    value = line["value"]
    is_number = not line["quote"] and value.isdecimal() and value[0] != "0" and len(value) >= _LEAST_NUMBER
    return int(value) if is_number else value


def _changed(lines: list[re.Match[str]], fields: dict[str, Any]) -> Iterator[tuple[Span, str]]:
    return (
        (line.span("value"), clean) for line, clean in zip(lines, fields.values(), strict=True) if clean != _value(line)
    )
