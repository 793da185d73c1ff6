"""JSON as it is sent: compact UTF-8, by orjson on CPython and by the standard library elsewhere."""

from __future__ import annotations

from typing import Any

try:
    import orjson
except ImportError:  # PyPy: orjson is for CPython only
    import json

    def dumps(value: Any) -> bytes:
        """Encodes a value. Raises `TypeError` or `ValueError` where JSON cannot hold it."""
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def loads(text: bytes | str) -> Any:
        """Decodes a document. Raises `ValueError` where it is not JSON."""
        return json.loads(text)

else:
    dumps = orjson.dumps  # type: ignore[assignment]  # it takes more arguments than we pass
    loads = orjson.loads  # type: ignore[assignment]

ENCODING_ERRORS = (TypeError, ValueError)
"""What `dumps` raises for a value that JSON cannot hold."""
