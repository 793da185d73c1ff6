"""JSON as it is sent: compact UTF-8, by orjson on CPython and by the standard library elsewhere."""

from __future__ import annotations

import math
from typing import Any

try:
    import orjson
except ImportError:  # where it has no wheel
    import json

    def dumps(value: Any) -> bytes:
        """Encodes a value. Raises `TypeError` or `ValueError` where JSON cannot hold it."""
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def loads(text: bytes | str) -> Any:
        """Decodes a document. Raises `ValueError` where it is not JSON, which has no NaN and no Infinity."""
        return json.loads(text, parse_constant=_refuse)

    def _refuse(constant: str) -> Any:
        raise ValueError(constant)

else:
    dumps = orjson.dumps  # type: ignore[assignment]  # it takes more arguments than we pass
    loads = orjson.loads  # type: ignore[assignment]

ENCODING_ERRORS = (TypeError, ValueError)
"""What `dumps` raises for a value that JSON cannot hold."""

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1
"""What `dumps` takes of integers, by orjson."""


def encode(value: Any) -> bytes:
    """Encodes a value, repaired where JSON cannot hold it as it is: lone surrogates, odd keys, foreign types.

    Raises:
        TypeError, ValueError, RecursionError: It cannot be repaired either: it holds itself, or is nested too deep.
    """
    try:
        return dumps(value)
    except ENCODING_ERRORS:
        return dumps(_repaired(value))


def text_of(value: Any) -> str:
    """A value of any type as text; an integer of thousands of digits, which Python refuses to write, in hexadecimal."""
    if isinstance(value, str):
        return value
    try:
        return str(value)
    except ValueError:
        return hex(value) if isinstance(value, int) else f"<{type(value).__name__}>"


def _repaired(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(text_of(key)): _repaired(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_repaired(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if SMALLEST_INTEGER <= value <= LARGEST_INTEGER else text_of(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    return _text(text_of(value))


def _text(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
