"""Where the sentences and lines of a text name secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS
from opentelemetry_exporter_moesif.redaction.spelling import words_of
from opentelemetry_exporter_moesif.redaction.things import ANYTHING, SAID
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

LONGEST = 256
"""Letters between a name and its value, or the start or end of its line."""

_MOST_LINES = 4
_LONGEST_NAME = 3  # words
_LONGEST_NUMBER = 2  # digits: "API key 12"
_STEPS_OF_A_SENTENCE = 4
_WORD = expression(r"[^\s\"'`()\[\]{}<>,;=|\u201c\u201d\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]+")
_MARKS = "\"'`()[]*_.,:;#!?<>{}-|=\u2026"
_ALTERNATIVES = expression(r"[A-Z][A-Za-z]{1,16}(?: [A-Za-z]{1,16})?/[A-Z][A-Za-z]{1,16}")
# Where a sentence starts and ends: not behind an abbreviation. A tag of markup is an end, too.
_END = expression(r"(?<!\b[RN][so])(?<![.!?])[.!][ \t]|</?[A-Za-z][^<>]*>?")


class Mention(NamedTuple):
    """Where a line names a secret, or several of a kind."""

    start: int
    end: int
    is_several: bool


class Sentences:
    """The lines of a text, and where they name secrets: each is looked at once."""

    def __init__(self, text: str, names: SecretNames, steps: Steps) -> None:
        self._text = text
        self._names = names
        self._steps = steps
        self._known: dict[Span, list[Mention]] = {}
        self._is_one: Answers[str, bool] = Answers(lambda name: names[name] and _ends_in_it(name, names))

    def around(self, value: re.Match[str]) -> Span:
        """Where the sentence starts and ends in which a value stands."""
        text, least = self._text, max(value.start() - LONGEST, 0)
        least -= least % LONGEST  # so that the values of a long line have a few parts of it in common
        most = min(value.end() + LONGEST, len(text))
        most = min(most + -most % LONGEST, len(text))
        start = max(text.rfind("\n", least, value.start()) + 1, least)
        for former in _END.finditer(text, start, value.start()):
            start = former.end()
        stop = text.find("\n", value.end(), most)
        stop = most if stop < 0 else stop
        end = _END.search(text, value.end(), stop)
        return start, end.start() if end else stop

    def mentions(self, start: int, stop: int) -> list[Mention]:
        """The names of secrets in a part of the text."""
        found = self._known.get((start, stop))
        if found is None:
            found = self._known[start, stop] = []
            sentence = self._text[start:stop]
            if self._names.may_be_in(sentence):
                words = [*_WORD.finditer(sentence)]
                self._steps.take(_STEPS_OF_A_SENTENCE + len(words))
                found += self._named(start, words)
        return found

    def _named(self, at: int, words: list[re.Match[str]]) -> Iterator[Mention]:
        names, after = self._names, 0
        texts = [word[0].strip(_MARKS) for word in words]
        ends = {first: start for start, first in names.needles.runs_in(texts)}  # the last start before each one
        for first, start in ends.items():
            for end in range(min(start + _LONGEST_NAME, len(words)), max(first - 1, after), -1):
                if end - start > 1 and any(map(_may_be_value, texts[start + 1 : end])):
                    continue
                name = " ".join(texts[start:end])
                is_several = not names[name] and names.several[name]
                if "/" in name and _ALTERNATIVES.fullmatch(name):  # "Password/PIN"
                    name = name.partition("/")[0]
                if "/" in name or not (is_several or self._is_one[name]):
                    continue
                after = end
                following = texts[end].lower() if end < len(texts) else ""
                with_former = " ".join(texts[max(start - 2, 0) : end])  # "next page token"
                is_one = is_several or names[with_former] or not names[f"a {name}"]  # that must be the whole name
                if is_one and following not in HARMLESS_ENDINGS - SAID:
                    yield Mention(at + words[start].start(), at + words[end - 1].end(), is_several)
                break

    def is_alone_below_one(self, value: re.Match[str]) -> bool:
        """Whether a value is all of its line, and one of the lines above it names a secret: `[token]`, `value = …`."""
        text = self._text
        least = max(value.start() - LONGEST, 0)
        line = text.rfind("\n", least, value.start())
        if line < 0 or text[value.end() : value.end() + LONGEST].partition("\n")[0].strip(_MARKS + " \t\r"):
            return False
        said = words_in(text[line : value.start()])
        if said and (len(said) > 1 or said[0] not in ANYTHING):
            return False
        for _ in range(1 if said else _MOST_LINES):
            line = self._end_of_text(line)
            end, line = line, text.rfind("\n", max(line - LONGEST, 0), line)
            start = line + 1 or max(end - LONGEST, 0)
            if mentions := self.mentions(start, end):
                return not (said and text[start : mentions[0].start].strip(_MARKS + " \t"))
            if line < 0:
                break
        return False

    def _end_of_text(self, line: int) -> int:
        """Where the last line ends that is not empty, before a place."""
        before = self._text[max(line - LONGEST, 0) : line]
        return line - len(before) + len(before.rstrip())


def words_in(text: str) -> list[str]:
    """The words of a text, in lower case."""
    words = (word.strip(_MARKS + "/").lower() for word in _WORD.findall(text))
    return [word for word in words if word]


def _may_be_value(word: str) -> bool:
    """Whether a word behind a name is rather its value than a part of it: no "12" of "API key 12"."""
    return len(word) > _LONGEST_NUMBER and any(map(str.isdigit, word))


def _ends_in_it(name: str, names: SecretNames) -> bool:
    """Whether a name ends with a listed one, perhaps with a number behind it."""
    words = words_of(name)
    while words and words[-1].isdigit():
        words.pop()
    return names.ends_in_one(words[-_LONGEST_NAME:])
