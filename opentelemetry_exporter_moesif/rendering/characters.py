"""The classes of characters by which the renderer tells usual texts from others, as a bit each."""

from __future__ import annotations

import string
from array import array

from opentelemetry_exporter_moesif.redaction.plain import DOUBLED, HARMLESS_IN_WORDS, TELLING, WORD

ESCAPED = 1
"""What JSON writes with a backslash before it; the renderer knows this one."""
CONTROL = 2
"""What JSON writes as a code."""
FOREIGN = 4
"""Bytes of characters beyond ASCII."""
TELLS = 8
"""What only Python can say whether it tells a secret: see `redaction.plain`, as of the next four."""
IN_WORDS = 16
IN_TELLING_WORDS = 32
IS_DOUBLED = 64
NOT_OF_PATH = 128
"""What a usual path does not hold (RFC 3986, section 3.3)."""
NOT_OF_QUERY = 256
"""What a usual query does not hold (RFC 3986, section 3.4)."""
PERCENT = 512
"""The percent sign: the parameter that holds it is looked up as a whole."""

_SPACE = 0x20
_LAST_OF_ASCII = 0x7F
_UNRESERVED = string.ascii_letters + string.digits + "-._~"
# But for the asterisk: "/*" is what some make of the target of `OPTIONS *`.
_OF_PATH = frozenset((_UNRESERVED + "!$,:/").encode())
_OF_QUERY = frozenset((_UNRESERVED + "!$*,/&=%").encode())


def classes(*, has_patterns: bool) -> bytes:
    """The classes of each byte of UTF-8.

    Args:
        has_patterns: Whether there are patterns of secrets of which nothing is known, so that every character tells.
    """
    table = array("H", map(_classes, range(256)))
    if has_patterns:
        table = array("H", (class_of_one | TELLS | NOT_OF_PATH | NOT_OF_QUERY for class_of_one in table))
    return table.tobytes()


def _classes(byte: int) -> int:
    character = chr(byte)
    properties = {
        ESCAPED: byte in b'"\\',
        CONTROL: byte < _SPACE,
        FOREIGN: byte > _LAST_OF_ASCII,
        TELLS: character in TELLING or byte < _SPACE or byte > _LAST_OF_ASCII,
        IN_WORDS: character in WORD,
        IN_TELLING_WORDS: character in WORD and character not in HARMLESS_IN_WORDS,
        IS_DOUBLED: character in DOUBLED,
        NOT_OF_PATH: byte not in _OF_PATH,
        NOT_OF_QUERY: byte not in _OF_QUERY,
        PERCENT: character == "%",
    }
    return sum(bit for bit, is_one in properties.items() if is_one)
