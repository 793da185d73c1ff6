"""Where in a long text a name could stand: the rest of it need not be looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import Span
from opentelemetry_exporter_moesif.redaction.spelling import DISGUISES

if TYPE_CHECKING:
    import re

BLOCK = 32
"""Letters: so much is looked at around a name, or not."""

SHORT = 512
"""Letters: all of a text that has no more is looked at."""

LETTER = r"[^\s\"'`<>=:{}(),;&?#|@/!^~\uff1a\uff1d\u2192]"
"""What the words of a name consist of, which stand before a separator."""

LONGEST_NAME = 256
"""Letters between the start of a name of several words and its last word."""

NEAR = 16_384
"""Letters: so far from its name may a value stand in a text that is not read as a structure."""

_LONGEST_DISGUISE = 32
# Letters before a name, and behind it, where what a sentence or a label tells of it stands.
_BEFORE = 512
_BEHIND = 2048
# The words that may belong to one name, and those whose letters stand apart, in either direction.
_WORDS = expression(rf"{LETTER}*(?:[ \t]{LETTER}(?!{LETTER})){{0,40}}(?:[ \t]{LETTER}+){{0,4}}")

Spans = Iterable[Span]
"""Where each part of a text starts and ends, in their order."""


def around_blocks(text: str, blocks: set[int], *, are_hiding: bool) -> list[Span]:
    """Where a text spells one of several names, or hides its spelling.

    Args:
        text: The text.
        blocks: Those in which it spells one.
        are_hiding: Some may be hidden.
    """
    if are_hiding:
        starts = range(0, len(text), BLOCK)
        blocks.update(
            start // BLOCK
            for start in starts
            if DISGUISES.search(text, max(start - _LONGEST_DISGUISE, 0), start + BLOCK + _LONGEST_DISGUISE)
        )
    return list(joined(_spans(text, sorted(blocks))))


class Mentions(NamedTuple):
    """Where names stand in a text whose values stand elsewhere.

    Args:
        starts: Where each one starts.
        length: How long the text was: with masks in it, it may be longer now.
    """

    starts: list[int]
    length: int

    def around(self, text: str) -> list[Span]:
        """Where those values may stand in the text; anywhere, unless it is a very long one."""
        if len(text) <= NEAR:
            return [(0, len(text))]
        grown = max(len(text) - self.length, 0)
        return list(joined((max(start - NEAR, 0), start + NEAR + grown) for start in self.starts))


def windows(text: str, spans: Spans) -> list[Span]:
    """Where what is said of names may stand in a text, by where those could stand."""
    near = joined((max(start - _BEFORE, 0), min(stop + _BEHIND, len(text))) for start, stop in spans)
    return list(joined(_with_tags(text, near)) if "<" in text else near)


def _with_tags(text: str, spans: Spans) -> Iterator[Span]:
    """Spans, each with all of the tags that it may start and end in."""
    end = 0
    for start, stop in spans:
        opening = text.rfind("<", end, start)
        if end < stop:
            end = text.find(">", stop) + 1 or len(text)
        yield (start if opening < 0 else opening), end


def matches(pattern: re.Pattern[str], text: str, spans: Spans) -> Iterator[re.Match[str]]:
    """The matches of an expression that start in some spans of a text; what goes on behind one of them is whole."""
    after = 0
    for start, stop in spans:
        for match in pattern.finditer(text, max(start, after), stop):
            goes_on = stop < len(text) and max(end for _, end in match.regs) >= stop
            whole = pattern.match(text, match.start()) if goes_on else match
            if whole and whole.start() >= after:
                after = whole.end()
                yield whole


def outside(spans: Spans, holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of spans where there are holes in them, each in its order."""
    holes = iter(holes)
    hole = next(holes, None)
    for start, stop in spans:
        at = start
        while hole and hole[0] < stop:
            if hole[0] > at:
                yield at, hole[0]
            at = max(at, hole[1])
            if hole[1] > stop:
                break
            hole = next(holes, None)
        if at < stop:
            yield at, stop


def joined(spans: Spans) -> Iterator[Span]:
    """Spans none of which overlaps another one."""
    start = stop = 0
    for first, last in spans:
        if first > stop:
            if stop:
                yield start, stop
            start = first
        stop = max(stop, last)
    if stop:
        yield start, stop


def blocks_of(found: Iterable[re.Match[str]]) -> Iterator[int]:
    """The blocks in which what was found in a text is."""
    for each in found:
        yield from range(each.start() // BLOCK, (each.end() - 1) // BLOCK + 1)


def parts_with(name: bytes, letters: bytes, ends: list[int]) -> Iterator[int]:
    """The parts of a text in which a name is, by where the letters of each one end."""
    at = letters.find(name)
    while at >= 0:
        first, last = bisect_right(ends, at), bisect_right(ends, at + len(name) - 1)
        yield from range(first, last + 1)
        at = letters.find(name, max(at + 1, ends[first] - len(name) + 1))


def _spans(text: str, blocks: list[int]) -> Iterator[Span]:
    """Blocks and what belongs to them: the words before and behind that may be of one name with those in there."""
    start = stop = 0
    for place, block in enumerate(blocks):
        if place == 0 or block > blocks[place - 1] + 1:
            start = _start(text, block * BLOCK, stop)
        if place + 1 == len(blocks) or blocks[place + 1] > block + 1:
            end = (block + 1) * BLOCK
            words = _WORDS.match(text, end, end + LONGEST_NAME)
            stop = words.end() if words else end
            yield start, stop


def _start(text: str, at: int, least: int) -> int:
    """Where the first one of the words before a place starts; not before `least`, unless within a word."""
    first = max(at - LONGEST_NAME, 0)
    words = _WORDS.match(text[first : at + 1][::-1], 1)
    start = at + 1 - words.end() if words else at
    if start > first:
        return start
    return max(text.rfind(" ", least, first), text.rfind("\n", least, first), min(least, first))
