"""Where in a long text a name could stand: the rest of it need not be looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from opentelemetry_exporter_moesif.redaction.masks import Span
from opentelemetry_exporter_moesif.redaction.spelling import DISGUISES, may_be_disguised

BLOCK = 1024
"""Letters: so much is looked at around a name, or not."""

LONGEST_NAME = 256
"""Letters between the start of a name of several words and its last word."""

NEAR = 16_384
"""Letters: so far from its name may a value stand in a text that is not read as a structure."""

_LONGEST_DISGUISE = 32

Spans = Iterable[Span]
"""Where each part of a text starts and ends, in their order."""


def places(text: str, names: Iterable[bytes], letters_in_each: Callable[[list[str]], list[bytes]]) -> Spans:
    """Where a text spells one of several names, or hides its spelling.

    Args:
        text: The text.
        names: Squeezed names, see `spelling.squeezed`.
        letters_in_each: Squeezes each of several texts.
    """
    if len(text) <= 2 * BLOCK:
        return [(0, len(text))]
    starts = range(0, len(text), BLOCK)
    letters = letters_in_each([text[start : start + BLOCK] for start in starts])
    ends = list(accumulate(map(len, letters)))
    together = b"".join(letters)
    blocks = {block for name in names if name in together for block in _blocks_with(name, together, ends)}
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
        stop = last
    if stop:
        yield start, stop


def _blocks_with(name: bytes, letters: bytes, ends: list[int]) -> Iterator[int]:
    """The blocks in which a name is, by where the letters of each one end."""
    at = letters.find(name)
    while at >= 0:
        first, last = bisect_right(ends, at), bisect_right(ends, at + len(name) - 1)
        yield from range(first, last + 1)
        at = letters.find(name, max(at + 1, ends[first] - len(name) + 1))


def _spans(text: str, blocks: list[int]) -> Iterator[Span]:
    """Blocks and what belongs to them: from the start of the first word to the last one that a name may end with."""
    for block in blocks:
        at = block * BLOCK
        yield max(text.rfind(" ", 0, at), text.rfind("\n", 0, at), 0), at + BLOCK + LONGEST_NAME
