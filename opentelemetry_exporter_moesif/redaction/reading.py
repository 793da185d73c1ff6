"""A page as it is read, backwards from a place: block by block, with what each says and what kind of element it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.extents import IN_DOCUMENT

_TAG = expression(r"<(?P<end>/?)(?P<name>[A-Za-z][\w:-]{0,31})")
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark path q s samp small span strike"
    " strong sub sup svg time tt u use var wbr".split()
)
"""HTML's elements that stand within a line."""

# Those that a reader acts upon, those that nobody reads, those that are filled in, and all that break a line.
_CONTROLS = frozenset("a button select summary".split())
_UNREAD = frozenset("script style template title".split())
_FIELDS = frozenset("input textarea select".split())
_BLOCKS = frozenset(
    "address article aside blockquote body br button caption center circle col colgroup dd details dialog div dl dt"
    " fieldset figcaption figure footer form g h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe input label legend"
    " li link main menu meta nav noscript ol optgroup option output p picture pre rect section select source summary"
    " table tbody td textarea tfoot th thead tr ul".split()
)
_COMMENT = "wbr"  # as it is read: not at all
_LEADS = expression(r"\bhref\s?=(?!\s?[\"']?(?:#|javascript:))", re.IGNORECASE)
_NOT_FILLED_IN = expression(
    r"\b(?:type\s?=\s?[\"']?(?:hidden|submit|button|reset|checkbox|radio|image)|readonly|disabled)\b", re.IGNORECASE
)


_MOST_TAGS = 128
_MOST_TAGS_OF_A_BLOCK = 32
LONGEST = 512
"""So many letters are read before a place."""


class Block(NamedTuple):
    """What stands between two tags that break a line.

    Args:
        said: Its text, without the tags in it.
        tag: The element that it starts with, where it does. A ``tr`` with no text is the start of the place's own row.
        is_control: All of it is a link or a button.
        is_asked: Behind it, somebody may fill something in.
    """

    said: str
    tag: str = ""
    is_control: bool = False
    is_asked: bool = False


class _Part(NamedTuple):
    """A tag, and the text behind it up to the next one.

    Args:
        tag: The tag.
        name: That of its element.
        is_end: It ends the element.
        is_around: It starts an element that the place stands in.
        is_of_control: The text stands in a link or a button.
        run: The text.
    """

    tag: str
    name: str
    is_end: bool
    is_around: bool
    is_of_control: bool
    run: str


def before(text: str, at: int, least: int) -> Iterator[Block]:
    """What stands before a place of a page, up to an element that is none of HTML's.

    Args:
        text: The page.
        at: The place. In a link or a button, nothing is before it.
        least: Where the first block may start. What is cut off there is left out, or has more letters than are read.

    Yields:
        The block that the place is in, up to there, even if it is empty; then each former one that says something.
    """
    parts: list[_Part] = []
    left, is_own, is_asked = LONGEST, True, False
    for tags, part in enumerate(_parts(text, at, least)):
        if tags > _MOST_TAGS or (is_own and tags > _MOST_TAGS_OF_A_BLOCK):
            return
        if part.run.strip():
            parts.append(part)
            left -= len(part.run.strip())
        if left < 0 or _ends_all(part):
            return
        if part.name in INLINE:
            continue
        if parts or is_own:
            yield _block(parts, "" if part.is_end else part.name, is_asked=is_asked)
            parts, is_asked = [], False
        if part.name == "tr" and part.is_around:
            yield Block("", part.name)
        is_asked = is_asked or (not is_own and part.name in _FIELDS and _NOT_FILLED_IN.search(part.tag) is None)
        is_own = False


def _ends_all(part: _Part) -> bool:
    """Whether a tag is a control's that the place stands in, or none of a page's."""
    name = part.name
    if part.is_around and name in _CONTROLS:
        return name != "a" or _LEADS.search(part.tag) is not None
    return not is_of_page(name)


def is_of_page(name: str) -> bool:
    """Whether an element's name is one of HTML's, or of a page's own."""
    return name in INLINE or name in _BLOCKS or name in _UNREAD or "-" in name or ":" in name


def _block(parts: list[_Part], tag: str, *, is_asked: bool) -> Block:
    said = " ".join(part.run for part in reversed(parts)).strip(" \t")  # lines are told apart in programs
    is_control = bool(parts) and all(part.is_of_control for part in parts)
    return Block(unescape(said) if "&" in said else said, tag, is_control, is_asked)


def _parts(text: str, at: int, least: int) -> Iterator[_Part]:
    """The tags before a place, the last one first; the start of the text is one of a document."""
    ended = {"tr": 0, "control": 0}
    while at > least:
        end = text.rfind(">", least, at)
        start = text.rfind("<", least, end) if end >= 0 else -1
        if start < 0:
            break
        tag = _TAG.match(text, start)
        name, is_end = (tag["name"].lower(), tag["end"] != "") if tag else (_COMMENT, False)
        is_of_control, is_around = ended["control"] > 0, False
        if (kind := "control" if name in _CONTROLS else name) in ended:
            is_around = not is_end and ended[kind] == 0
            ended[kind] += 1 if is_end else -1 if ended[kind] else 0
        yield _Part(text[start:end], name, is_end, is_around, is_of_control, text[end + 1 : at])
        at = text.rfind(f"<{tag['name']}", least, start) if tag and is_end and name in _UNREAD else start
    if least == 0 and not text.startswith(IN_DOCUMENT):
        yield _Part("", "html", is_end=False, is_around=True, is_of_control=False, run=text[: max(at, 0)])
