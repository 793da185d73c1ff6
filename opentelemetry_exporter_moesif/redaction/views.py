"""What a text says when its encodings are undone: a secret that is written in one is found there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opentelemetry_exporter_moesif.redaction import spelling
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.extents import IN_DOCUMENT, is_markup
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.notations import Scrubbed
from opentelemetry_exporter_moesif.redaction.steps import LETTERS_OF_A_STEP, Steps

_WORD = expression(r"(\s+)")
ENCODED = expression(r"[%\\&\x80-\U0010ffff]")
"""What a text that is encoded in some way has in it."""

# A long text is decoded in parts, so that the ordinary ones of it are not read again for a few odd letters elsewhere.
_LONG = 16_384
_PART = 8192
_LONGEST_LINE = 512
_LONGEST_WORD = 64
_OVERLAP = 1024  # more than a name, what stands between it and its value, and the start of that

Look = Callable[[str, Steps], str]
"""Gives a text without what it says as it stands."""


def is_stable(text: str, look: Look, steps: Steps) -> bool:
    """Whether nothing is found in a text either when its encodings are undone, one level after the other.

    Raises:
        TooManyStepsError: It costs more than anything ordinary does.
    """
    if text.isascii() and not any(map(text.__contains__, "%\\&")):
        return True
    # What a document holds in an encoding is no document: `&lt;token&gt;` stands for something in there.
    before = IN_DOCUMENT if is_markup(text) else ""
    return all(_is_stable(before + part, look, steps) for part in _parts(text))


def _is_stable(text: str, look: Look, steps: Steps) -> bool:
    return all(look(view, steps) == view for view in levels(text, steps))


def levels(text: str, steps: Steps) -> Iterator[str]:
    """As `spelling.levels`.

    Raises:
        TooManyStepsError: It costs more than anything ordinary does.
    """
    steps.take(sum(map(text.count, "%\\&")) // 2)
    for view in spelling.levels(text):
        yield view
        steps.take(sum(map(view.count, "%\\&")) // 2)


def _parts(text: str) -> Iterator[str]:
    if len(text) <= _LONG:
        yield text
        return
    for start in range(0, len(text), _PART):
        part = text[_near(text, start - _OVERLAP) : _near(text, start + _PART + _OVERLAP)]
        if ENCODED.search(part):
            yield part


def _near(text: str, at: int) -> int:
    """Where a line ends before a place, or else a word: half of one is another one."""
    at = max(at, 0)
    return (
        (text.rfind("\n", max(at - _LONGEST_LINE, 0), at) + 1)
        or (text.rfind(" ", max(at - _LONGEST_WORD, 0), at) + 1)
        or at
    )


def without_encoded(text: str, look: Look, steps: Steps) -> Scrubbed:
    """The text without the words that hold a secret in some encoding; without all of it where no word does.

    Raises:
        TooManyStepsError: It costs more than anything ordinary does.
    """
    words = _WORD.split(text)
    hiding = set()
    for word in filter(ENCODED.search, set(words)):
        steps.take(2 + len(word) // LETTERS_OF_A_STEP)
        if not is_stable(word, look, steps):
            hiding.add(word)
    clean = "".join(MASKED if word in hiding else word for word in words) if hiding else text
    return Scrubbed(clean if is_stable(clean, look, steps) else MASKED, certain=False)
