"""Numbers as instrumentations write them: some have them as text, or as a double."""

from __future__ import annotations

from typing import Any

_LONGEST = 20  # a 64-bit integer, with its sign


def whole_number(value: Any) -> int | None:
    """The whole number that an attribute's value is, or None: an integer, digits, or a whole double."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.isdecimal():
        return int(value)
    return None


def size(value: Any) -> str:
    """The size of a body as a Content-Length; "" where it is none."""
    number = whole_number(value)
    return str(number) if number is not None and number >= 0 else ""


def size_above_zero(value: Any) -> str:
    """`size`, where a size of 0 says that there was no body, not that a header said so."""
    number = size(value)
    return "" if number == "0" else number
