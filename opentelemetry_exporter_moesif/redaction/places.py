"""Where in a long text a name could stand: the rest of it need not be looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import Span
from opentelemetry_exporter_moesif.redaction.spelling import DISGUISES, may_be_disguised

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
# The words that may belong to one name, and those whose letters stand apart, in either direction.
_WORDS = expression(rf"{LETTER}*(?:[ \t]{LETTER}(?!{LETTER})){{0,40}}(?:[ \t]{LETTER}+){{0,4}}")

Spans = Iterable[Span]
"""Where each part of a text starts and ends, in their order."""


def places(
    text: str,
    blocks_with: Callable[[str, bytes, list[int]], Iterable[int]],
    letters_in_each: Callable[[list[str]], list[bytes]],
) -> Spans:
    """Where a text spells one of several names, or hides its spelling.

    Args:
        text: The text.
        blocks_with: Finds the blocks of a text in which one of the names is, by its squeezed letters (see
            `spelling.squeezed`) and where those of each block end.
        letters_in_each: Squeezes each of several texts.
    """
    if len(text) <= SHORT:
        return [(0, len(text))]
    starts = range(0, len(text), BLOCK)
    letters = letters_in_each([text[start : start + BLOCK] for start in starts])
    ends = list(accumulate(map(len, letters)))
    blocks = set(blocks_with(text, b"".join(letters), ends))
    if may_be_disguised(text):
        blocks.update(
            start // BLOCK
            for start in starts
            if DISGUISES.search(text, max(start - _LONGEST_DISGUISE, 0), start + BLOCK + _LONGEST_DISGUISE)
        )
    return _joined(_spans(text, sorted(blocks)))


def around(marks: Iterable[int], length: int) -> Spans:
    """Where what belongs to one of several marks may stand in a text; anywhere, unless it is a very long one."""
    if length <= NEAR:
        return [(0, length)]
    return _joined((max(mark - NEAR, 0), mark + NEAR) for mark in marks)


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


def _joined(spans: Spans) -> Iterator[Span]:
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
