"""How a name is written: its words, what disguises its letters, and what is left of a text that could spell one."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.lookalikes import latin

if TYPE_CHECKING:
    import re

_LONG = 64
_FEW = 128  # letters: those of an alphabet

SQUEEZED_AWAY = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789"))
"""What no name consists of: all bytes but ASCII's letters, in lower case, and digits."""

_ALL_BUT_NUL = SQUEEZED_AWAY.replace(b"\0", b"")
_OTHERS_OF_ASCII = bytes(each for each in _ALL_BUT_NUL if chr(each).isascii())
_NO_LETTERS = expression(r"[^\w\0]+")
# What a name's letters can hide behind: percent-encoding, JSON's escapes, HTML's.
DISGUISES = expression(r"%(?:[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})|\\[ux0-3]|&(?:amp;){0,4}(?:#|shy|Zero|zw|No)")

# Combining marks, soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors, tags.
_UNSEEN = expression(
    "[\u00ad\u0300-\u036f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)

_WORDS = expression(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# JSON's (in JSON in JSON, behind many backslashes), those of most languages, and what JavaScript's `escape` writes.
_ESCAPE = expression(
    r"(?:(?<!\\)\\{1,64}|%)u([0-9A-Fa-f]{4})|(?<!\\)\\{1,64}(?:u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})|([nrt/]))"
)
_BLANKS = {"n": "\n", "r": "\r", "t": "\t", "/": "/"}
_ENTITY = expression(r"&(?:#|[A-Za-z]{2})")
_DEEPEST = 4


def words_of(name: str) -> list[str]:
    """The words of a name as an application would read it, in lower case.

    It is decoded (percent-encoding, JSON's and HTML's escapes, each in each), and split at everything that is no letter
    or digit, where lower case turns to upper, and between letters and digits.
    """
    name = undisguised(name)
    if not name.isascii():
        return list(_words_of_any_alphabet(name))
    return [word.lower() for word in _WORDS.findall(name)]


def undisguised(name: str) -> str:
    """The name without any encoding, whatever it was encoded in again, and as a reader sees it."""
    for _ in range(_DEEPEST):
        plain = decoded(name)
        if plain == name:
            return name
        name = plain
    return name if name.isascii() else without_disguises(name)


def levels(text: str) -> Iterator[str]:
    """What a text says when its encodings are undone, one level after the other; nothing where it has none."""
    for _ in range(_DEEPEST):
        plain = decoded(text)
        if plain == text:
            return
        yield plain
        text = plain


def may_be_disguised(text: str) -> bool:
    """Whether a name's letters may hide behind an encoding in a text."""
    return ("%" in text or "\\" in text or "&" in text) and DISGUISES.search(text) is not None


def decoded(text: str) -> str:
    """One level of each encoding undone: percent-encoding, JSON's escapes, HTML's, and what Unicode hides."""
    if "%" in text:
        text = unquote_plus(text)
    if "\\" in text or "%u" in text:
        text = unescaped(text)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return text if text.isascii() else without_disguises(text)


def without_disguises(text: str) -> str:
    """The text as a reader sees it: odd letters plain (wide, bold, look-alikes), without accents and what is unseen."""
    if len(text) > _LONG:  # has each letter many times
        odd = [letter for letter in set(text) if letter > "\x7f"]
        if len(odd) <= _FEW:  # faster than any other way there
            for letter in odd:
                text = text.replace(letter, _plain(letter))
            return text
        if len(odd) < len(text) // 4:
            return text.translate({ord(letter): _plain(letter) for letter in odd})
    return _plain(text)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return plain if plain.isascii() else latin(_UNSEEN.sub("", plain))


def squeezed(text: str, *, is_latin: bool = True) -> bytes:
    """What names consist of: letters and digits as a reader sees them, in lower case, without all between them.

    Args:
        text: Any text.
        is_latin: The names that are looked for have no letters but Latin ones, so that others are none of theirs.
    """
    if text.isascii():
        return text.encode().lower().translate(None, SQUEEZED_AWAY)
    return _squeezed(text, is_latin=is_latin).replace(b"\0", b"")


def squeezed_each(texts: Collection[str], *, is_latin: bool) -> list[bytes]:
    """The same of each of several texts."""
    together = "\0".join(texts)
    if together.count("\0") >= len(texts):
        together = "\0".join(text.replace("\0", " ") for text in texts)
    return _squeezed(together, is_latin=is_latin).split(b"\0")


def _squeezed(text: str, *, is_latin: bool) -> bytes:
    if text.isascii():
        return text.encode().lower().translate(None, _ALL_BUT_NUL)
    plain = without_disguises(text).lower()
    if not is_latin:
        plain = _NO_LETTERS.sub("", plain)
    return plain.encode("utf-8", "replace").translate(None, _ALL_BUT_NUL if is_latin else _OTHERS_OF_ASCII)


def _words_of_any_alphabet(name: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(name) + 1):
        if index == len(name) or _kind(name[index]) != _kind(name[index - 1]) or _starts_word(name, index):
            word = name[start:index]
            # An upper-case letter starts the word that goes on in lower case.
            starts_word = index < len(name) and len(word) == 1 and word.isupper() and name[index].islower()
            if starts_word:
                continue
            if word[0].isalnum():
                yield word.lower()
            start = index


def _starts_word(name: str, index: int) -> bool:
    """Whether the last of several upper-case letters starts a word: "CSRFToken"."""
    return name[index].isupper() and index + 1 < len(name) and name[index + 1].islower()


def _kind(letter: str) -> int:
    if letter.isdecimal():
        return 0
    if not letter.isalpha():
        return 1
    return 2 if letter.isupper() else 3


def unescaped(text: str) -> str:
    r"""The text with the escapes of JSON and of most languages undone: ``\\u0070``, ``\\u{70}``, ``\\x70``, ``\\t``."""
    plain = _ESCAPE.sub(_unescaped, text)
    if plain.isascii():
        return plain
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # two escapes of one letter


def _unescaped(escape: re.Match[str]) -> str:
    if blank := escape[5]:
        return _BLANKS[blank]
    if octal := escape[4]:
        return chr(int(octal, 8))
    code = int(escape[1] or escape[2] or escape[3], 16)
    return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004 - the last of Unicode
