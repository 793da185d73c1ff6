"""Whether, and where, listed names could stand in texts: cheap looks, before any name is judged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from html.entities import html5
from itertools import accumulate
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import places
from opentelemetry_exporter_moesif.redaction.expressions import expression, one_of
from opentelemetry_exporter_moesif.redaction.places import parts_with
from opentelemetry_exporter_moesif.redaction.spelling import (
    DISGUISES,
    may_be_disguised,
    squeezed,
    squeezed_each,
    undisguised,
    without_disguises,
)

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_USUAL_LENGTH = 64
_LONG = 8192
_NOTHING: tuple[str, list[Span], list[Span]] = ("", [], [])

# A name of no more letters is spelled by chance in most texts ("stop when", "design"): of those that start with it, a
# text without anything to hide a letter behind has one where words start and end as its own do.
_SHORT = 4
# Encodings, colours of a terminal, and entities of HTML that end where the next word starts.
_HIDING = expression(rf"\x1b|{DISGUISES.pattern}|&(?:{'|'.join(name for name in html5 if name[-1] != ';')})(?![;=])")
_OUT_OF_LETTERS = "[^A-Za-z0-9]*"
_ENDS_A_WORD = r"(?:(?![a-z])|(?<=[A-Z])|(?=s(?![a-z])))"

# What several names have in them: where it is in no letter of a text, none of them is looked for.
_FAMILIES = (b"auth", b"session", b"key", b"code", b"")


class Needles:
    """Listed names, as they are looked for in the letters of a text.

    Args:
        listed: The letters of the names, in lower case.
        fused: Those of them that count at the end of any word, too: `userpassword`.
    """

    def __init__(self, listed: Collection[str], fused: Collection[str] = ()) -> None:
        shortest: list[str] = []
        for name in sorted(listed, key=len):  # a name that holds another one is found with it
            if not any(other in name for other in shortest):
                shortest.append(name)
        self._names = tuple(name.encode() for name in sorted(shortest))
        self._families = [(part, [name for name in self._names if _family_of(name) == part]) for part in _FAMILIES]
        self._listed = expression(one_of(map(bytes.decode, self._names)).encode() if self._names else b"(?!)")
        self._last = _NOTHING
        self._is_latin = all(map(str.isascii, listed))
        self._short = {
            name.encode(): _spelling(name, [each for each in listed if name in each], fused)
            for name in shortest
            if len(name) <= _SHORT and name.isascii()
        }
        self._loose = {name: expression(_letters(name.decode())) for name in self._names}
        self._spellings = {**self._loose, **self._short}

    def letters_in(self, text: str) -> bytes:
        """What names can be spelled with in a text: see `spelling.squeezed`."""
        return squeezed(text, is_latin=self._is_latin)

    def letters_in_each(self, texts: Collection[str]) -> list[bytes]:
        """The same of each of several texts."""
        return squeezed_each(texts, is_latin=self._is_latin)

    def may_be_in(self, text: str, letters: bytes | None = None) -> bool:
        """Whether a name of the list could stand anywhere in a text, in any spelling: a cheap look.

        Args:
            text: Any text, or a name.
            letters: What `letters_in` finds in it, where that is known.
        """
        if letters is None:
            letters = self.letters_in(text)
        is_long = len(letters) > _USUAL_LENGTH  # one name after the other is the faster way there
        if not is_long and self._listed.search(letters) is None:
            return may_be_disguised(text)
        if _HIDING.search(text):
            return not is_long or any(self._found_in(letters)) or self._are_hidden_in(text)
        found = set(self._found_in(letters))
        return not found <= self._short.keys() or (bool(found) and self._spells_one(text, found))

    def _spells_one(self, text: str, short: set[bytes]) -> bool:
        plain = text if text.isascii() else without_disguises(text)
        return any(self._short[name].search(plain) for name in short)

    def _are_hidden_in(self, text: str) -> bool:
        """Whether more names are in a text once its encodings are undone."""
        plain = undisguised(text) if may_be_disguised(text) else ""
        if may_be_disguised(plain):  # it has more of them than that
            return True
        hidden, letters = self.letters_in(plain), self.letters_in(text) if plain else b""
        return any(hidden.count(name) > letters.count(name) for name in self._found_in(hidden))

    def places_in(self, text: str) -> list[Span]:
        """Where a name of the list could stand in a text."""
        return [(0, len(text))] if len(text) <= places.SHORT else self._looked_at(text)[1]

    def _looked_at(self, text: str) -> tuple[str, list[Span], list[Span]]:
        """A long text, where names could stand in it, and where what is said of them may."""
        last = self._last
        if last[0] != text:
            spans = places.around_blocks(text, set(self._blocks(text)), are_hiding=self._are_hidden_in(text))
            self._last = last = text, spans, places.windows(text, spans)
        return last

    def forget(self) -> None:
        """Lets go of the long text that was looked at last."""
        self._last = _NOTHING

    def near(self, pattern: re.Pattern[str], text: str, steps: Steps) -> Iterator[re.Match[str]]:
        """The matches of an expression that stand near a name of the list: each has one in it.

        Args:
            pattern: The expression.
            text: Any text.
            steps: Those that may be taken.

        Raises:
            TooManyStepsError: It costs more than anything ordinary does.
        """
        windows = [(0, len(text))] if len(text) <= places.SHORT else self._looked_at(text)[2]
        found = pattern.finditer(text) if windows == [(0, len(text))] else places.matches(pattern, text, windows)
        return steps.watched(found) if len(text) > _LONG else found

    def _blocks(self, text: str) -> Iterator[int]:
        """The blocks of a text in which one could be."""
        if text.isascii():
            spellings = self._loose if _HIDING.search(text) else self._spellings
            for name in self._found_in(self.letters_in(text)):
                yield from places.blocks_of(spellings[name].finditer(text))
            return
        starts = range(0, len(text), places.BLOCK)
        each = self.letters_in_each([text[start : start + places.BLOCK] for start in starts])
        letters, ends = b"".join(each), list(accumulate(map(len, each)))
        for name in self._found_in(letters):
            yield from parts_with(name, letters, ends)

    def possible(self, names: list[str]) -> list[str]:
        """Those of several names in which a listed one could stand, found by one look at all."""
        each = self.letters_in_each([undisguised(name) if "&" in name else name for name in names])
        letters, ends = b"\0".join(each), list(accumulate(len(letters) + 1 for letters in each))
        found = {place for needle in self._found_in(letters) for place in parts_with(needle, letters, ends)}
        if may_be_disguised("\n".join(names)):
            found.update(place for place, name in enumerate(names) if may_be_disguised(name))
        return [names[place] for place in sorted(found)]

    def runs_in(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """From which of some words on a listed name could stand, each with the first end that it could have."""
        text = " ".join(words)
        if "&" in text or may_be_disguised(text):
            for start in range(len(words)):
                if not self.may_be_in(" ".join(words[start:])):
                    return
                yield start, start + 1
            return
        each = self.letters_in_each(words)
        letters, ends = b"".join(each), list(accumulate(map(len, each)))
        found = None
        for start, at in enumerate([0, *ends[:-1]]):
            if found is None or found.start() < at:  # else it is the first one behind this word, too
                found = self._listed.search(letters, at)
            if found is None:
                return
            yield start, bisect_left(ends, found.end()) + 1

    def _found_in(self, letters: bytes) -> Iterator[bytes]:
        """The listed names that are somewhere in the letters of a text."""
        for part, names in self._families:
            if part in letters:
                yield from filter(letters.__contains__, names)


def _family_of(name: bytes) -> bytes:
    return next(part for part in _FAMILIES if part in name)


def _spelling(part: str, names: Collection[str], fused: Collection[str]) -> re.Pattern[str]:
    """The expression of what some names have from a common part on, in either case and with anything in between."""
    tails = sorted({name[name.index(part) :] for name in names}, key=len, reverse=True)
    starts_a_word = part[0].isalpha() and all(name.startswith(part) and name not in fused for name in names)
    # Also behind an escape: `\notp`.
    first = _either(part[0]) + (rf"(?:(?<![a-z].)|(?<={part[0].upper()})|(?<=\\[a-z].))" if starts_a_word else "")
    return expression(f"{first}(?:{'|'.join(map(_behind_first, tails))})")


def _behind_first(tail: str) -> str:
    return _OUT_OF_LETTERS + _letters(tail[1:]) + (_ENDS_A_WORD if tail[-1].isalpha() else "")


def _letters(name: str) -> str:
    return _OUT_OF_LETTERS.join(map(_either, name))


def _either(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else letter
