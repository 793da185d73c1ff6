"""Uploads as a text (`multipart/form-data`, RFC 7578): their parts are the fields of an object."""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.structures import Structures

# The line that parts them (RFC 2046, section 5.1.1), and what the first of them begins with.
_FIRST = expression(r"\s{0,8}(?P<boundary>--[^\s]{1,256})[ \t]*\r?\n(?=(?i:content-)[^\n]{1,512}\n)")
_BEHIND_BOUNDARY = r"(?=(?:--)?[ \t]*\r?(?:\n|$))"
_HEAD = expression(r"[ \t]*\r?\n(?:[\w-]{1,64}:[^\n]{0,512}\n){1,8}\r?\n")
_MASKS = repeat(MASKED)
_NAME = expression(r"\n(?i:content-disposition):[^\n]*?;[ \t]*name=\"?(?P<name>[^\"\n\r;]{1,256})")


def masked(text: str, structures: Structures) -> str | None:
    """The text without its secrets; None where it is no upload.

    Raises:
        TooManyStepsError: It costs more than anything ordinary does.
    """
    first = _FIRST.match(text)
    if first is None:
        return None
    separator = f"\n{first['boundary']}"
    parts = re.split(re.escape(separator) + _BEHIND_BOUNDARY, f"\n{text.lstrip()}")
    fields: dict[str, list[str]] = {}
    places: list[tuple[str, str, str]] = []  # of each part its head, its name, and what is behind its value
    for part in parts:
        head, name, value, end = _read(part)
        fields.setdefault(name, []).append(value)
        places.append((head, name, end))
    clean = structures.masked({name: values[0] if len(values) == 1 else values for name, values in fields.items()})
    left = {name: iter(each) if each.__class__ is list else repeat(str(each)) for name, each in clean.items()}
    of_parts = (_head(head, structures) + next(left.get(name, _MASKS)) + end for head, name, end in places)
    return separator.join(of_parts).removeprefix("\n")


def _head(head: str, structures: Structures) -> str:
    """The lines before a value, which may tell more than its name: of a file, what it is called."""
    lines = head.rstrip()
    return str(structures.masked(lines)) + head[len(lines) :]


def _read(part: str) -> tuple[str, str, str, str]:
    """The head of a part, its name, its value, and the end of its last line; of what is no field all is value."""
    head = _HEAD.match(part)
    if head is None or (name := _NAME.search(head[0])) is None:
        return "", "", part, ""
    value = part[head.end() :]
    bare = value.removesuffix("\r")
    return head[0], name["name"], bare, value[len(bare) :]
