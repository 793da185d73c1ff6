"""JSON as it may lie in a POST or in the store: strict, so that what was taken can always be shown."""

from __future__ import annotations

import json
from typing import Any, NoReturn

try:
    import orjson
except ImportError:  # PyPy and others: the standard library, made as strict
    orjson = None  # type: ignore[assignment]


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def loads(payload: bytes | str) -> Any:
    """Parse JSON text.

    Raises:
        ValueError: Not JSON (NaN and infinities are not), not UTF-8, or nested beyond measure.
    """
    if orjson is not None:
        return orjson.loads(payload)
    try:
        return json.loads(payload, parse_constant=_refuse_constant)
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error


def dumps(value: Any) -> bytes:
    """Encode what `loads` returned, compact and in UTF-8.

    Raises:
        ValueError: Nested too deep, or text that is not Unicode (a lone surrogate).
    """
    try:
        if orjson is not None:
            return orjson.dumps(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
