"""Names and values in a text: `name=value`, `name: value`, `"name": "value"`, `--name value`, `('name', 'value')`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.belonging import belongs, in_quotes, is_parameter
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.extents import Extent, value_extent
from opentelemetry_exporter_moesif.redaction.flags import Flags
from opentelemetry_exporter_moesif.redaction.framed import is_in_row
from opentelemetry_exporter_moesif.redaction.masks import MASKED, MASKED_PARAMETER, Span, without
from opentelemetry_exporter_moesif.redaction.opaque import holds_opaque
from opentelemetry_exporter_moesif.redaction.phrases import tells_nothing
from opentelemetry_exporter_moesif.redaction.scan import Scan, name_of
from opentelemetry_exporter_moesif.redaction.scripts import Scripts
from opentelemetry_exporter_moesif.redaction.several import is_one
from opentelemetry_exporter_moesif.redaction.steps import STEPS_OF_A_JUDGEMENT
from opentelemetry_exporter_moesif.redaction.things import COUNTED, OTHERS
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.places import Spans
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_SEVERAL = expression(r"[\[(]\s{0,8}[bu]?[\"']|\{[^\])}\n]{0,64}?:\s{0,4}[bu]?[\"']")
# Cells of a table, which were masked before.
_MASKED_CELLS = expression(rf"(?:{re.escape(MASKED)}[ \t\r]*(?:[|\u2502\u2503\u2551]+[ \t\r]*|$))+")
_WORD = expression(r"\d{6,19}(?=[.,;:!?)\"'`]{0,2}(?:\s|$))|\S+")
_IN_BRACKETS = expression(r"[^\s()\[\]<>]+")
_BLANKS = frozenset((" ", "\t"))
_LINKS = frozenset(("of", "with", "in"))  # "starts with", "with a password of"
_NUMBERS = expression(r"(?:\d{3,}[ \t]+)+")
_USUAL_LENGTH = 64
_STEPS_OF_A_SECRET = 4
_NEAR = 512  # letters
_NO_SECRETS = {
    *(MASKED, MASKED_PARAMETER, "null", "true", "false", "None", "True", "False", "nil", "undefined"),
    *("required", "optional", "missing", "string"),
}
_NO_VALUE = expression(r"\d{1,4},[ \t]*fail|(?:accepted|rejected|enabled|disabled|required)\b")
_PROPERTIES = frozenset(("-D", "-P"))
_MOST_WORDS = 5
_CONNECTIVES = frozenset(("for", "of", "from", "with"))
_ORDINARY = frozenset(("pass", "cookies", "cookie"))
_FILLERS = frozenset(
    "is was are equals like to as value in not provided given supplied received used set entered submitted string"
    " text code from eq ne gt lt ge le ilike rlike regexp similar between distinct contains containing starts ends"
    " startswith matches".split()
)
# What may stand between one value of a secret and the next: "changed from '…' to '…'", `DECLARE @password text = '…'`.
_MORE = expression(
    r"[ \t]*(?:(?:,[ \t]*)?(?i:is|was|to|and|or|got|but got|received|expected|not|vs|replace)[ \t:]+"
    r"|[=!<>-]{1,3}[ \t]*)N?(?=[\"'`])"
)


class _Suspicion(NamedTuple):
    """A name that may be a secret's.

    Args:
        is_founded: It is one in some notation.
        rests: See `Pairs._rests`.
    """

    is_founded: bool
    rests: list[list[str]]


class Pairs:
    """Masks the values of secrets that a text names.

    Args:
        names: Which names are secrets'.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._flags = Flags(names)
        self._suspicions = Answers(self._suspicion, most=4096, longest=_USUAL_LENGTH)

    def masked(self, text: str, steps: Steps, spans: Spans | None = None) -> tuple[str, bool, list[str]]:
        """The text without them, whether the end of each could be told, and what was masked.

        Args:
            text: The text.
            steps: Those that may be taken.
            spans: Where to look; if None, where a name could stand.

        Raises:
            TooManyStepsError: There are more pairs than in anything ordinary.
        """
        secrets: list[Span] = []
        values: list[str] = []
        suspicious: set[str] = set()
        certain = True
        position = after = 0
        scripts = Scripts(text)
        scan = Scan(text, self._names.needles.places_in(text) if spans is None else spans, steps)
        while pair := scan.next(position):
            steps.take(1)
            start, name = pair.start(), pair["word"]
            if text[start - 1 : start] in _BLANKS:
                name = name_of(text, pair, after)
            position = pair.end("word")
            after = after if pair["blank"] and name.isalpha() else position  # "verification" before "code:482913"
            told = _without_numbers(name) if "0" <= name[0] <= "9" else name
            suspicion = self._suspicions[told]
            if suspicion is None:
                continue
            if told not in suspicious:
                suspicious.add(told)
                steps.take(2 * STEPS_OF_A_JUDGEMENT)  # of what is said behind it, too
            if not suspicion.is_founded:
                continue
            steps.take(_STEPS_OF_A_SECRET)
            if not self._is_secret(text, pair, name, suspicion) or tells_nothing(text, name, pair.end()):
                continue
            if scripts.tell_nothing(pair.end()):
                continue
            extent = self._extent(text, pair, name)
            value = text[extent.start : extent.end]
            position = after = extent.after
            if not value.strip("=") or value in _NO_SECRETS or _MASKED_CELLS.fullmatch(value):
                continue
            secrets.append((extent.start, extent.end))
            values.append(value.strip("\"'`,.;"))
            certain = certain and extent.certain
            while more := _MORE.match(text, position):
                steps.take(1)
                extent = value_extent(text, more.end(), json=False)
                secrets.append((extent.start, extent.end))
                position = after = extent.after
                certain = certain and extent.certain
        return self._flags.masked(without(text, secrets), steps), certain, values

    def _extent(self, text: str, pair: re.Match[str], name: str) -> Extent:
        if pair["blank"] or pair["odd"]:  # "the token abc123 is wrong": the next word, and no more of the sentence
            word = _WORD.match(text, pair.end())
            end = word.end() if word else pair.end()
            return Extent(pair.end(), end, end, certain=True)
        if pair["bracket"] and (inner := _IN_BRACKETS.match(text, pair.end())):  # "the token (abc123d) is wrong"
            return Extent(*inner.span(), inner.end(), certain=True)
        return value_extent(text, pair.end(), json=in_quotes(text, pair, name) and pair["sep"] == ":")

    def _is_secret(self, text: str, pair: re.Match[str], name: str, suspicion: _Suspicion) -> bool:
        before = text[pair.start("word") - 1 : pair.start("word")]
        if pair["sep"] == "=" and is_parameter(pair, before, name):
            # Those of a URL are masked by their own list. Behind a quote there is none.
            return text.startswith('"', pair.end()) and self._names[name]
        if not belongs(text, pair, name) or (pair["sep"] == "|" and is_in_row(text, pair.start("sep"))):
            return False
        if name.lower() in _ORDINARY and _NO_VALUE.match(text, pair.end()):  # "pass: 3, fail: 0"
            return False
        if in_quotes(text, pair, name):
            return self._names[name] or self._are_several(text, pair, name)
        if pair["blank"] and (COUNTED.match(text, pair.end()) or not _is_last(suspicion.rests)):
            return False
        return _end_in_a_secret(suspicion.rests) or self._are_several(text, pair, name)

    def _suspicion(self, name: str) -> _Suspicion | None:
        """Whether a name may be a secret's, and is one in some notation: names are few, and come again."""
        if not self._names.may_be_in(name):
            return None
        words = name.split()
        rests = list(self._rests(words))
        is_one = _end_in_a_secret(rests) or self._names[name] or self._names.several[words[-1]]
        return _Suspicion(is_one, rests)

    def _are_several(self, text: str, pair: re.Match[str], name: str) -> bool:
        """Whether these are several secrets, or one of them: `tokens=['…']`, `tokens.prod=…`."""
        if not self._names.several[pair["word"]]:
            return False
        if _SEVERAL.match(text, pair.end()):
            return True
        start = max(pair.end() - _NEAR, 0)
        near = text[start : pair.end() + _NEAR]  # of a longer value, the start tells
        if pair["blank"] or pair["odd"]:
            return holds_opaque(near[pair.end() - start :].split(None, 1)[0])
        extent = value_extent(near, pair.end() - start, json=in_quotes(text, pair, name))
        value = near[extent.start : extent.end]
        words = list(filter(None, (word.strip("[](){},\"'-*+") for word in value.split())))
        return any(is_one(name, word) for word in (words if extent.certain or "\n" in value else words[:1]))

    def _rests(self, words: list[str]) -> Iterator[list[str]]:
        """What follows each name of a secret among the words before a value: none in "api key:"."""
        if len(words) > _MOST_WORDS:  # `t o k e n`
            if self._names[" ".join(words)]:
                yield []
            return
        for start, first in self._names.needles.runs_in(words) if len(words) > 1 else [(0, 1)]:
            for end in range(first, len(words) + 1):
                if self._names[" ".join(words[start:end])] or _is_property(words[start:end], self._names):
                    yield words[end:]
                    if self._names.is_listed(" ".join(words[start : end + 1])):  # "pass word", where "pass" is one, too
                        yield words[end + 1 :]
                    break


def _without_numbers(name: str) -> str:
    """A name without the numbers that its line starts with: another one in each line of a log."""
    numbers = _NUMBERS.match(name)
    return name[numbers.end() :] if numbers else name


def _end_in_a_secret(rests: list[list[str]]) -> bool:
    """Whether the last of the words before a value name a secret: "api key:", "password for bob:".

    "password reset:" is about another thing.
    """
    return any(not rest or rest[0].lower() in _CONNECTIVES or all(map(_says_nothing, rest)) for rest in rests)


def _is_last(rests: list[list[str]]) -> bool:
    """Whether the word before a value tells of no other thing than a secret, as it does in "password for bob42"."""
    return not rests or any(not rest or rest[-1].lower() not in OTHERS or rest[-1] in _LINKS for rest in rests)


def _says_nothing(word: str) -> bool:
    """Whether a word between a name and its value tells nothing of another thing: "is", or a dash."""
    return word.lower() in _FILLERS or not any(map(str.isalnum, word))


def _is_property(words: list[str], names: SecretNames) -> bool:
    """Whether it is a property of Java's command line: `-Dpwd=…`."""
    return len(words) == 1 and words[0][:2] in _PROPERTIES and names[words[0][2:]]
