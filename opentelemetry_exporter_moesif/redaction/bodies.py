"""Bodies as bytes: JSON, forms, and texts of any other kind."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.redaction import separated
from opentelemetry_exporter_moesif.redaction.companions import NAMING
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.forms import Forms
from opentelemetry_exporter_moesif.redaction.levels import check_depth, texts_in
from opentelemetry_exporter_moesif.redaction.parameters import Parameters
from opentelemetry_exporter_moesif.redaction.steps import Steps
from opentelemetry_exporter_moesif.redaction.texts_of_one import TextsOfOne

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.structures import Structures
    from opentelemetry_exporter_moesif.redaction.texts import Texts

# orjson reads integers beyond 64 bits as floating-point numbers.
_LONG_INTEGER = b"0" * 19
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_BRACKETS = 100

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a form has percent-encoded: white space, markup, quotes.
_IN_NO_FORM = expression(r"[\s<>\"{}]|&(?:#|lt;|gt;|quot;|nbsp;)")
_READABLE = expression(r"[\t\x20-\x7e]{12,}")  # shorter ones are there by chance
_CONTROLS = bytes(range(9)) + bytes(range(14, 32))
# Those that stand in no text: all but a bell, a backspace, an escape, and what parts records (RFC 7464).
_IN_NO_TEXT = expression(rb"[\x00-\x06\x0e-\x1a\x1c\x1d\x1f]")


class Bodies:
    """Takes what must never leave out of bodies.

    Args:
        names: Which fields are secrets.
        texts: Takes it out of texts.
        structures: Takes it out of structures.
    """

    def __init__(self, names: SecretNames, texts: Texts, structures: Structures) -> None:
        self._names = names
        self._parameters = Parameters(names, NAMING)
        self._texts = texts
        self._structures = structures

    def json(self, content: bytes) -> Any:
        """What a JSON body holds, without its secrets.

        The walk through the document is left out where nothing can come of it: of 100 kB, 1.3 ms instead of 2.3.

        Raises:
            ValueError: It is no JSON, or nested deeper than 200 levels.
            RecursionError: It is nested too deep to be read at all.
            TooManyStepsError: It costs more than anything ordinary does.
        """
        if _LONG_INTEGER not in content.translate(_DIGITS_TO_ZERO):
            try:
                document = loads(content)
            except ValueError:
                pass  # UTF-16, a byte order mark, NaN, a lone surrogate: the standard library reads those
            else:
                if self._texts.may_hold(content.decode("utf-8", "replace")):
                    return self._walked(document, len(content))
                if content.count(b"[") + content.count(b"{") > _MANY_BRACKETS:
                    check_depth(document)
                return document
        return self._walked(json.loads(content, parse_constant=str), len(content))

    def _walked(self, document: Any, length: int) -> Any:
        texts = TextsOfOne(self._texts, Steps(length))
        texts.pass_over(texts_in(document))
        return self._structures.within(texts).masked(document)

    def fields(self, fields: dict[str, Any]) -> Any:
        """The fields of an upload, without their secrets.

        Raises:
            TooDeepError: They are nested deeper than 200 levels.
            TooManyStepsError: They cost more than anything ordinary does.
        """
        return self._walked(fields, sum(map(len, texts_in(fields))))

    def form(self, content: bytes) -> bytes | None:
        """A form without its secrets; None where it is no form after all, and holds one."""
        text, encoding = decoded(content)
        if text is None:
            text, encoding = content.decode("latin-1"), "latin-1"
        steps = Steps(len(text))
        if _IN_NO_FORM.search(text) and self._texts.scrubbed(text, steps, only_certain=True).text != text:
            return None
        clean = Forms(self._names, self._parameters, TextsOfOne(self._texts, steps)).masked(text)
        return content if clean == text else clean.encode(encoding, "replace")

    def text(self, content: bytes, *, is_table: bool = False) -> bytes | None:
        """Any other body without its secrets; None where it holds one and nobody can tell where that ends.

        Args:
            content: The body.
            is_table: It says that it is a table, so that a name on its first line may be that of its only column.
        """
        text, encoding = decoded(content)
        is_binary = text is None or (encoding == "utf-8" and _IN_NO_TEXT.search(content))  # a picture, MessagePack
        if is_binary and (self._names.is_spelled_in(content) or self._is_told_in(content)):
            return None
        if text is None:
            return content
        if is_table and (of_column := separated.without_column(text, self._names)):
            return of_column.encode(encoding, "replace")
        clean, certain = self._texts.scrubbed(text, only_certain=True)
        if clean == text:
            return None if encoding == "latin-1" and self._names.is_spelled_in(content) else content
        return clean.encode(encoding, "replace") if certain else None

    def _is_told_in(self, content: bytes) -> bool:
        """Whether what can be read of bytes that are no text tells a secret."""
        readable = "\n\n".join(_READABLE.findall(content.decode("latin-1")))
        return self._texts.scrubbed(readable).text != readable


def decoded(content: bytes) -> tuple[str | None, str]:
    """A body as text, with the name of its encoding; None where it is none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    if b"\0" in content:
        return _decoded_wide(content)
    try:
        return content.decode(), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 4:  # cut off in the middle of a letter
            return content.decode("utf-8", "surrogateescape"), "utf-8"
    return (content.decode("latin-1"), "latin-1") if _looks_like_text(content) else (None, "")


def _decoded_wide(content: bytes) -> tuple[str | None, str]:
    """UTF-16 and UTF-32 without a mark: every second byte, or three of four, of an ASCII text is zero."""
    start = content[:64]
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        text = start[: len(start) // width * width].decode(encoding, "replace")
        if text and sum(letter.isprintable() or letter in "\r\n\t" for letter in text) == len(text) and text.isascii():
            return content.decode(encoding, "replace"), encoding
    return (content.decode("latin-1"), "latin-1") if _looks_like_text(content) else (None, "")


def _looks_like_text(content: bytes) -> bool:
    """Whether bytes that are no UTF-8 are an old alphabet's: few of them are control characters."""
    start = content[:1024]
    return len(start) - len(start.translate(None, _CONTROLS)) <= len(start) // 32
