"""Takes the fields of a list out of bodies: JSON at any depth, forms; and tells texts that may hold one."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, unquote_to_bytes

from opentelemetry_exporter_moesif.mapping.headers import MASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# orjson encodes at most 254 levels; the event around the body takes a few of them.
_DEEPEST = 200
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**64 - 1

# White space (RFC 8259, section 2), and a byte order mark.
_BEFORE_JSON = " \t\r\n\ufeff"

# What spellings of a name differ in, and the zero bytes that UTF-16 has beside every ASCII letter.
_INSIGNIFICANT = b"_-\0"

# What a name's letters can hide behind: percent-encoding, JSON's escapes, the Kelvin sign (its lower case is a "k").
_DISGUISES = (b"%", b"\\u00", b"\\u212a", "\u212a".encode())

_FORM_SEPARATOR = re.compile(r"([&;])")
_FORM_NAME_PARTS = re.compile(r"[\[\].\s]+")


class TooDeepError(ValueError):
    """The JSON is nested deeper than an event can hold."""


def check_depth(document: Any) -> None:
    """Looks how deep a parsed document is nested, level by level: a fifth of the time of the walk through it.

    Raises:
        TooDeepError: Deeper than 200 levels.
    """
    level = [document]
    for _ in range(_DEEPEST):
        inner = itertools.chain.from_iterable(each.values() if each.__class__ is dict else each for each in level)
        level = [each for each in inner if each.__class__ is dict or each.__class__ is list]
        if not level:
            return
    raise TooDeepError


def _folded(name: str) -> str:
    """Return a field's name without what spellings differ in, such as those of ``accessToken`` and ``ACCESS-TOKEN``."""
    return name.lower().replace("_", "").replace("-", "")


class BodyFields:
    """The names of fields that must not leave.

    Args:
        names: Field names. Case, underscores and hyphens make no difference.
    """

    def __init__(self, names: Iterable[str]) -> None:
        spelled = {_folded(name): name for name in names if _folded(name)}
        self._names = frozenset(spelled)
        # A name that holds another one is found with it.
        shortest = (name for name in spelled if not any(other in name for other in spelled if other != name))
        self._needles = (*_DISGUISES, *(name.encode() for name in shortest)) if spelled else ()
        # Bytes of other alphabets have no lower case: there every body is looked at in full.
        self._ascii = all(name.isascii() for name in self._names)
        self._mention: Callable[[bytes], Any] = _mention_of(spelled.values()).search if spelled else _never

    def occur_in(self, content: bytes) -> bool:
        """Whether one of the names is anywhere in a body at all; most bodies need no further look."""
        folded = content.lower().translate(None, _INSIGNIFICANT)
        return any(needle in folded for needle in self._needles) or not self._ascii

    def redact_json(self, document: Any) -> Any:
        """Mask the fields in a parsed document, in place, and return it.

        Numbers that JSON encoders refuse (not finite, beyond 64 bits) become text.

        Raises:
            TooDeepError: The document is nested deeper than 200 levels.
        """
        return self._redacted(document, 0)

    def redact_form(self, form: str) -> str:
        """Mask the values of the fields in an `application/x-www-form-urlencoded` text; all else stays to the letter.

        Nested names (``user[password]``, ``user.password``) count by each of their parts.
        """
        return "".join(
            part if index % 2 else self._redacted_pair(part) for index, part in enumerate(_FORM_SEPARATOR.split(form))
        )

    def may_be_in(self, text: bytes) -> bool:
        """Whether a text that cannot be parsed looks as if it held a field (``name:``, ``name=``, ``<name>``)."""
        if self._are_mentioned(text):
            return True
        return b"%" in text and self._are_mentioned(unquote_to_bytes(text))

    def _are_mentioned(self, text: bytes) -> bool:
        return self.occur_in(text) and bool(self._mention(text.replace(b"\0", b"")))

    def _redacted(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            self._redact_object(value, depth + 1)
        elif isinstance(value, list):
            self._redact_array(value, depth + 1)
        elif isinstance(value, str):
            if value.lstrip(_BEFORE_JSON)[:1] not in {"{", "["}:
                return value
            return MASKED if self.may_be_in(value.encode("utf-8", "replace")) else value
        elif isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        elif isinstance(value, int):
            return value if _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER else str(value)
        return value

    def _redact_object(self, fields: dict[str, Any], depth: int) -> None:
        if depth > _DEEPEST:
            raise TooDeepError
        for name, value in fields.items():
            fields[name] = MASKED if _folded(name.strip()) in self._names else self._redacted(value, depth)

    def _redact_array(self, items: list[Any], depth: int) -> None:
        if depth > _DEEPEST:
            raise TooDeepError
        for index, value in enumerate(items):
            items[index] = self._redacted(value, depth)

    def _redacted_pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if not equals:
            return MASKED if self._is_mentioned_in(name) else pair
        if any(_folded(part) in self._names for part in _FORM_NAME_PARTS.split(unquote_plus(name))):
            return f"{name}={MASKED}"
        return f"{name}={MASKED}" if self._is_mentioned_in(value) else pair

    def _is_mentioned_in(self, escaped: str) -> bool:
        return self.may_be_in(unquote_plus(escaped).encode("utf-8", "replace"))


def _mention_of(names: Iterable[str]) -> re.Pattern[bytes]:
    # An escaped letter could be any of a name's: JSON allows "\u0070assword".
    alternatives = b"|".join(
        b"[_-]?".join(re.escape(word.encode()) for word in re.split("[_-]+", name) if word) for name in sorted(names)
    )
    return re.compile(
        rb"(?i)<(?:[\w.-]+:)?(?:%(n)s)[\s/>]|(?<![a-z0-9])(?:%(n)s)[\\\"'\])]*\s*[:=>]|\\u00[0-9a-f]{2}"
        % {b"n": alternatives}
    )


def _never(_: bytes) -> bool:
    return False
