"""Tries a regular expression on texts that make bad ones run for hours."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

_LONGEST = 0.02  # seconds for a text of at most 4,096 letters
_SIZES = (8, 12, 16, 20, 24, 28, 32, 64, 256, 1024, 4096)
_LETTERS = "a0A _-.,;:=/\"'é\n"
_LITERAL = re.compile(r"\w{1,32}")
_ENDINGS = ("", "!", "\0")


def is_slow(pattern: re.Pattern[str]) -> bool:
    """Whether a pattern takes long on one of many hostile texts, each tried in growing lengths."""
    # From short to long: what doubles with each letter shows itself long before it takes a second.
    return any(_takes_long(pattern, text) for size in _SIZES for text in _texts(pattern.pattern, size))


def _texts(source: str, size: int) -> Iterator[str]:
    """Repetitions of a letter or of a word of the pattern, behind each of its words, with an end that fits nothing."""
    words = list(dict.fromkeys(_LITERAL.findall(source)))[:6]
    for unit in dict.fromkeys((*_LETTERS, *words)):
        repeated = (unit * size)[:size]
        for ending in _ENDINGS:
            yield repeated + ending
            for word in words:
                yield word + repeated + ending


def _takes_long(pattern: re.Pattern[str], text: str) -> bool:
    for _ in range(3):  # the machine may have been busy
        began = time.perf_counter()
        pattern.search(text)
        if time.perf_counter() - began < _LONGEST:
            return False
    return True
