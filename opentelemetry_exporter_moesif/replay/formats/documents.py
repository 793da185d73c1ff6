"""Documents as they stand in files: JSON told apart from text, also with foreign escapes; and bounds of memory."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from opentelemetry_exporter_moesif import json_codec
from opentelemetry_exporter_moesif.replay.formats.log_format import unescaped_bytes

# Apache's, and nginx's without `escape=json`.
_FOREIGN_ESCAPE = re.compile(rb"(?<!\\)(?P<before>(?:\\\\)*)(?P<bytes>(?:\\x[0-9A-Fa-f]{2})+)")
# The most values that one record may hold. Decoded they take 50 to 300 bytes each, however few they took in the file.
_MOST_VALUES = 2_000_000
# Where a message, a text or bytes of protobuf begin in OTLP: a tag of theirs, and a length of a byte.
_SHORT_FIELD = re.compile(rb"[\x0a\x12\x1a\x22\x2a\x32\x3a\x42\x4a\x52\x5a\x62\x6a\x72\x7a][\x00-\x10]")
_SMALL_NUMBERS = bytes(range(0x11))
_SMALL = 1024 * 1024
_JSON_STARTS = (b"{", b"[")
_TOO_MANY = "more than 2 million values in one record"
_BLANKS_BEFORE = 4_096


class TooManyValuesError(ValueError):
    """A record that would take far more memory than the file does."""


def is_json(line: bytes) -> bool:
    """Whether a line begins as an object or an array does."""
    return line.startswith(_JSON_STARTS) or line[:_BLANKS_BEFORE].lstrip().startswith(_JSON_STARTS)


def check_size(content: bytes) -> None:
    """Raises `TooManyValuesError` where a text of JSON holds more values than fit into memory."""
    if len(content) > _SMALL and sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise TooManyValuesError(_TOO_MANY)


def check_message(message: bytes) -> None:
    """Raises `TooManyValuesError` where a message of protobuf does. Decoded each takes 60 bytes, in the file two."""
    if len(message) <= _SMALL or len(message) - len(message.translate(None, _SMALL_NUMBERS)) <= _MOST_VALUES:
        return
    if next(islice(_SHORT_FIELD.finditer(message), _MOST_VALUES, None), None) is not None:
        raise TooManyValuesError(_TOO_MANY)


def loads(content: bytes) -> Any:
    """A JSON document, also one that a server wrote which knows no escapes but its own."""
    try:
        return json_codec.loads(content)
    except ValueError:
        if b"\\x" not in content or len(content) > _SMALL:
            raise
        return json_codec.loads(_FOREIGN_ESCAPE.sub(_own_escape, content))


def _own_escape(match: re.Match[bytes]) -> bytes:
    return match["before"] + json.dumps(unescaped_bytes(match["bytes"].decode()))[1:-1].encode()
