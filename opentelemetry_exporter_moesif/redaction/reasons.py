"""Why something was masked: which name, or which shape of a credential."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.values import SHAPES

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.rules import Redaction

_NAME = expression(r"[^\s\"'`<>=:(){},;&?#/]{2,64}")
_ELSE = "what stands beside a secret's name, or a user and a password"


def reasons(redaction: Redaction, original: Any, left: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """What was masked of a text or a structure, and why: the places, each with its reason.

    Args:
        redaction: The rules that masked it.
        original: What it was.
        left: What was left of it.
        place: Where that stands.
    """
    if original == left:
        return
    if isinstance(original, dict) and isinstance(left, dict):
        for key, value in original.items():
            told = redaction.texts[str(key)]
            inner = f"{place}.{told}" if place else told
            name = redaction.secret_fields.reason(str(key)) or redaction.secret_headers.reason(str(key))
            if name and left.get(key) != value:
                yield inner, f"the name {name}"
            else:
                yield from reasons(redaction, value, left.get(key), inner)
    elif isinstance(original, list) and isinstance(left, list) and len(original) == len(left):
        for index, (value, rest) in enumerate(zip(original, left, strict=True)):
            yield from reasons(redaction, value, rest, f"{place}[{index}]")
    else:
        yield place, ", ".join(_of_text(redaction, str(original))) or _ELSE


def _of_text(redaction: Redaction, text: str) -> Iterator[str]:
    names = dict.fromkeys(filter(None, map(redaction.secret_fields.reason, _NAME.findall(text))))
    yield from (f"the name {name}" for name in names)
    yield from (f"the shape {name}" for name in redaction.shapes if SHAPES[name].masked(text) != text)
