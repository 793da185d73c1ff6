"""Whether a name and what stands behind it in a text belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.scan import OPAQUE_IN_QUOTES

if TYPE_CHECKING:
    import re

_ENCODED_START = expression(r"%(?:3[FfBb]|2[63])")
_OPENERS = "([{"


def in_quotes(text: str, pair: re.Match[str], name: str) -> bool:
    """Whether a name stands in quotes."""
    start = pair.end("word") - len(name)
    return start > 0 and text[start - 1] in "\"'`" and (pair["close"] or "")[:1] == text[start - 1]


def is_parameter(pair: re.Match[str], before: str, name: str) -> bool:
    """Whether it is a parameter of a URL: nothing stands before its "="."""
    starts = (before and before in "?&;#") or ("%" in name and _ENCODED_START.search(name))
    return bool(starts) and pair.start("sep") == max(pair.end("close"), pair.end("word"))


def belongs(text: str, pair: re.Match[str], name: str) -> bool:
    """Whether what stands behind a comma belongs to the name before it; in a list without blanks, nothing does."""
    if pair["comma"]:
        return _is_first_of_two(text, pair, name)
    if pair["odd"] and pair["odd"][0] == ",":
        opens = name[:1] == "[" or _opens(text, pair.end("word") - len(name) - 1)
        return opens or (" " in text and pair["odd"] == ",")
    return True


def _is_first_of_two(text: str, pair: re.Match[str], name: str) -> bool:
    """Whether a name before a comma is the first of a list or a tuple: `("password", "…")`, `{password, "…"}`.

    Anywhere in a list, if it is in quotes and a word of letters and digits follows: `("id", "password", "…")`.
    """
    start = pair.end("word") - len(name)
    if "]" in (pair["close"] or ""):  # that list has ended: `"path": ["password"], "received": "…"`
        return False
    if in_quotes(text, pair, name):
        return _opens(text, start - 2) or OPAQUE_IN_QUOTES.match(text, pair.end()) is not None
    if not text.startswith(('"', "'"), pair.end()):
        return False
    before = text[start - 1 : start]
    return (
        before == "{"
        or (before == ":" and _opens(text, start - 2))
        or (_opens(text, start - 1) and bool(OPAQUE_IN_QUOTES.match(text, pair.end())))
    )


def _opens(text: str, index: int) -> bool:
    """Whether a bracket stands at a place or before it, with nothing but white space between: `("password", "…")`."""
    while index >= 0 and text[index] in "\\bBuU< \t\r\n":
        index -= 1
    return index >= 0 and text[index] in _OPENERS
