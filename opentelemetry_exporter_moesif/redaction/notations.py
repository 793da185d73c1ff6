"""All notations that a text may tell a secret in, one after the other: each pass is linear in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction import (
    commands,
    documents,
    following,
    labels,
    nearby,
    preceding,
    schemas,
    tables,
)
from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS_IN_TEXTS
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.markup import Markup
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.pairs import Pairs
from opentelemetry_exporter_moesif.redaction.places import Mentions, Spans, outside
from opentelemetry_exporter_moesif.redaction.records import Records
from opentelemetry_exporter_moesif.redaction.urls import Urls

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_NAMING = "|".join(
    rf"(?<=\b{word}:)"
    for word in "name key field param parameter property attribute variable setting option header".split()
)
# A name that stands alone, in quotes or on a line of its own: what belongs to it stands elsewhere in the text.
_MENTION = expression(
    rf"(?:^|[\"'`>=:])(?:(?<!:)|(?<=:)(?i:{_NAMING}))[ \t]*"
    r"(?P<name>(?!#/(?:components|definitions|\$defs)/)"  # a reference of a schema
    r"[^\s\"'`<>=:(){},;&]{2,64})[ \t]*(?=[\"'`<&,}]|\r?$)"
    rf"(?![\"'`][ \t]{{0,4}}(?:[:=]|=>)[ \t]{{0,4}}[bu]?[\"'`]{re.escape(MASKED)})",  # nor one that has its value
    re.MULTILINE,
)
_TAG = expression(r"<(?P<name>[^\s\"'`<>=/]{2,64})\s")
# Values by their place: behind these stand those of a statement's columns (SQLAlchemy, and SQL itself).
# Each with a word of which each text with one has one in it.
_BY_PLACE = tuple(
    (word, expression(pattern, re.IGNORECASE))
    for word, pattern in (
        ("values", r"\bVALUES\s*\("),
        (
            "param",
            (
                r"p(?:(?:(?<=\[p)|(?<===> p))arameters: |(?<!\w.)aram(?:(?:eter)?s\b\s*[=:]\s*[(\[]|eters: (?=\$1)"
                r"|eter (?<=\bbinding parameter )))"
            ),
        ),
        ("duplicate entry", r"\bDuplicate entry '"),
        ("stdin", r"\bFROM\s{1,8}stdin;"),
        ("dup key", r"\bdup key: \{"),
        ("rejected value", r"\brejected value (?=\[)"),
        (")", r"\)\s{0,8}(?:(?:=|IN)\s{0,8}\((?=[\s(]{0,8}['\"\d])|SELECT\b)"),
    )
)
# What a text has in it that may have any of them.
_PLACES = ("values", "param", "duplicate entry", "from stdin", "dup key", "rejected value")
_IN_BRACKETS = expression(r"\)(?: ?= ?| in )\(|\) select")
# Passes through a text, before its pairs are looked for and behind that.
_BEFORE_PAIRS = (documents.without_given, tables.without_cells)
_BEHIND_PAIRS = (
    preceding.masked,
    following.masked,
    nearby.masked,
    lambda text, _names, steps: commands.masked(text, steps),
    documents.masked,
)
_FAILING_ROW = expression(r"(?<=Failing row contains \()[^\n]*")  # PostgreSQL, which names no column at all
_LONG = 4096  # letters: what is shorter is looked at to its end
_LEAST_REPEATED = 6
_MOST_REPEATED = 8


class Scrubbed(NamedTuple):
    """A text without its secrets.

    Args:
        text: What is left of it.
        certain: Whether the end of each secret could be told; where not, more was masked than may have been needed.
    """

    text: str
    certain: bool


class Notations:
    """Masks what a name of the lists says of the value behind it, and what a URL tells.

    Args:
        names: Which names are secrets' in a text.
        urls: Masks what URLs tell.
    """

    def __init__(self, names: SecretNames, urls: Urls) -> None:
        self._names = names
        self._urls = urls
        self._pairs = Pairs(names)
        self._markup = Markup(names)
        self._records = Records(names)
        self._companions = Pairs(COMPANIONS_IN_TEXTS)
        self._companion_urls = Urls(COMPANIONS_IN_TEXTS)
        self._companion_markup = Markup(COMPANIONS_IN_TEXTS, of_companions=True)

    def masked(self, text: str, steps: Steps) -> Scrubbed:
        """The text without them.

        Raises:
            TooManyStepsError: It costs more than anything ordinary does.
        """
        look = steps.look if len(text) > _LONG else _no_look
        text = self._urls.masked(text)
        look()
        for mask in _BEFORE_PAIRS:
            text = mask(text, self._names, steps)
            look()
        text, certain, values = _without_pairs(text, self._markup, self._pairs, steps)
        look()
        mentions = self._mentions(text, steps)
        look()
        if mentions.starts:
            text, sure, more = self._without_companions(text, mentions, steps)
            certain, values = certain and sure, values + more
        look()
        for mask in _BEHIND_PAIRS:
            text = mask(text, self._names, steps)
            look()
        text = self._records.masked(text, steps)
        look()
        if "Failing row" in text:
            text = _FAILING_ROW.sub(MASKED, text)
        text, sure = tables.masked(text, self._names, steps)
        certain = certain and sure
        by_place = _start_by_place(text)
        if by_place and self._names.are_mentioned_in(text, steps):
            text, certain = text[:by_place] + MASKED, False
        return Scrubbed(_without_repeated(text, values), certain)

    def _without_companions(self, text: str, mentions: Mentions, steps: Steps) -> tuple[str, bool, list[str]]:
        """The text without what may belong to names that stand alone somewhere in it."""
        clean = self._companion_urls.masked(text)
        sure = True
        if "<" in clean:
            clean, sure = self._companion_markup.masked(clean, steps, mentions)
        if clean != text:
            mentions = self._mentions(clean, steps)
        spans: Spans = mentions.around(clean)
        if "<" in clean:
            spans = outside(spans, labels.of_their_own(clean, self._names, steps))
        clean, certain, values = self._companions.masked(clean, steps, spans)
        return clean, certain and sure, values

    def _mentions(self, text: str, steps: Steps) -> Mentions:
        """Where names stand alone whose values stand elsewhere."""
        text = schemas.without_names(text)
        mentions = [mention for pattern in (_MENTION, _TAG) for mention in self._names.near(pattern, text, steps)]
        secret = self._names.among({mention["name"] for mention in mentions}, steps)
        text = labels.without_names(text, secret) if secret else text
        told = (mention.start("name") for mention in mentions if mention["name"] in secret)
        return Mentions(sorted(start for start in told if text[start] != " "), len(text))


def _no_look() -> None:
    """Behind a pass through a short text."""


def _start_by_place(text: str) -> int:
    """Where the first values start that are told by their places; 0 where there are none."""
    lower = text.lower()
    if not any(map(lower.__contains__, _PLACES)) and _IN_BRACKETS.search(lower) is None:
        return 0
    starts = [start.span() for word, place in _BY_PLACE if word in lower and (start := place.search(text))]
    return min(starts)[1] if starts else 0


def _without_pairs(text: str, markup: Markup, pairs: Pairs, steps: Steps) -> tuple[str, bool, list[str]]:
    text, sure = markup.masked(text, steps) if "<" in text or "[/" in text else (text, True)
    text, certain, values = pairs.masked(text, steps)
    return text, certain and sure, values


def _without_repeated(text: str, values: list[str]) -> str:
    """What was masked once is masked wherever it stands in the text: a message quotes the value before it names it."""
    for value in sorted(set(values), key=len, reverse=True)[:_MOST_REPEATED]:
        if len(value) < _LEAST_REPEATED or value[0] == "<":
            continue
        if value.isalpha():  # a word, which longer ones may hold
            text = re.sub(rf"(?<![^\W\d_]){value}(?![^\W\d_])", MASKED, text)
        else:
            text = text.replace(value, MASKED)
    return text
