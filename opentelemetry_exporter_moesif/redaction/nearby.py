"""Values that look like secrets in a sentence or a line that names one, whatever is said between the two.

`API key created: …`, `connect(env.DB_PASSWORD || '…')`, `'…' is not a strong password`. What stands between a name and
such a value may tell that it is another thing's: *user …*, *sent to …*, `request_id=…`. Everything else is masked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import Span, without
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.places import joined, matches
from opentelemetry_exporter_moesif.redaction.sentences import LONGEST, Mention, Sentences, words_in
from opentelemetry_exporter_moesif.redaction.things import ANYTHING, COUNTED, NEVER, NO_SECRET, OTHERS, SAID

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_LONGEST_ITEM, _LONGEST_LABEL = 160, 80  # letters
_MOST_BETWEEN = 9  # words between a value in quotes and the name of it

# A word of letters and digits, or the six to eight digits of a code, in quotes also one that nobody says; no
# argument and no index of a program.
_OF_CHINESE = r"\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"  # and Japanese, which have no blanks
_BREAKS = rf"\s\"'`<>()\[\]{{}},;|\u201c\u201d\u2018\u2019\u00ab\u00bb{_OF_CHINESE}"
_MIXED = rf"(?=[^{_BREAKS}\d]{{0,64}}\d)(?=[^{_BREAKS}A-Za-z]{{0,64}}[A-Za-z])"
_VALUE = expression(
    rf"(?<![^\s\"'`(<\[{{;|=:\u201c\u2018\u00ab{_OF_CHINESE}])(?<![\w\])][(\[])(?<![^\s(\[{{]\[)"
    rf"(?:(?<=[\"'`])\d{{6,19}}(?=[\"'`])|\d{{6,8}}(?=[\"'`)\],;.:!?\u201d\u2019\u00bb]{{0,3}}(?:[\s<\[{_OF_CHINESE}]|$))"
    rf"|{_MIXED}(?:(?<=[\"'`])[^{_BREAKS}]{{6,128}}(?=[\"'`])|[^{_BREAKS}=:]{{6,128}}=?=?(?![^{_BREAKS}]))(?![(\[])"
    rf"|(?P<word>(?<=[\"'`])(?:[A-Za-z]{{8,64}}|(?=[^{_BREAKS}]{{0,64}}[!@$^&*])[^{_BREAKS}]{{6,64}})(?=[\"'`](?!\s{{0,4}}[:=]))))"
)
# Of a program: `password2`, `db-credentials-x7k2p`.
_IDENTIFIER = expression(r"[a-z]\w{0,32}(?<=[a-z_])\d{1,2}|[A-Z_]+\d{1,2}|[a-z]+(?:-[a-z]+)+-\w{4,10}")
_QUOTES = "\"'`\u201c\u2018\u00ab"
_SIGNS = "=:"
_PLAIN_QUOTES = ('"', "'", "`")
_BEFORE_A_NAME = (" (", " is ", " as ")
_SENTENCE_ENDS = expression(r"[\"'`]?\s{0,4}(?:[.,;!?)]|$)")
# What stands between a name and its value, and nothing else: then it may look like anything.
_DIRECTLY = expression(
    r"[\"'`)\]]{0,2}[ \t]{0,2}(?:(?i:is|was|to|as|generated|created|reset|changed)[ \t]?){0,2}[:=]?[ \t]{0,2}[\"'`(]?"
)
_NEXT = 16  # letters: the next word behind a comma
_VERBS = (["is"], ["was"], ["has"], ["expires"], ["does"], ["did"], ["will"])
_OPENING = _QUOTES + "([{<"
# What a value is called where a name stands before its "=" or ":", which is none of a secret's.
_LABEL = expression(
    r"(?<![\w.$@/-])(?P<name>[\w$@][\w.$@/-]{0,63})[\"'`\]]{0,2}"
    r"(?:(?P<is_prose>[ \t]{1,4}(?:=>|=)[ \t]{1,4}|(?<![\"'`\]]):[ \t]{1,4})|[ \t]{0,4}(?:=>|={1,3}|:)[ \t]{0,4})$"
)
_ITEMS = expression(r"[(\[][^()\[\]=:]*$")
_OTHER_ITEMS = expression(r"(?:[\"'][^\"']*[\"']|[\w.+-]+),[ \t]*[\"']?$")
_IS = frozenset(
    "is was isn't wasn't not as for in does did doesn't didn't has equals matches no rejected which".split()
)
_COPULAS = ("is", "was", "are")
_CHANGED = frozenset(
    "reset set changed change updated update rotated rotate equal equals compared initialized generated renewed"
    " replaced from starts starting begins beginning ends ending".split()
)
_CHANGES = frozenset(("to", "as", "from", "with"))
_BEFORE_A_BRACKET = frozenset(
    "you entered typed provided gave given supplied sent used is was invalid wrong incorrect expired has an value"
    " mismatch rejected header field parameter code values generated created issued updated changed reset set too short"
    " long weak not found missing".split()
)


def masked(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without them.

    Raises:
        TooManyStepsError: There are more of them than in anything ordinary.
    """
    values = list(_values(text, names, steps))
    return without(text, values) if values else text


def _values(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    sentences = Sentences(text, names, steps)
    places = names.needles.places_in(text)
    spans = ((max(start - LONGEST, 0), min(stop + LONGEST, len(text))) for start, stop in places)
    for value in matches(_VALUE, text, joined(spans)):
        steps.take(1)
        if NEVER.match(value[0]) or (value["word"] and not is_opaque(value[0])):
            continue
        if text[value.start() - 1] in _SIGNS and _is_anothers(text, value.start(), names):
            continue
        start, stop = sentences.around(value)
        if _is_quoted(value) or text.startswith(_BEFORE_A_NAME, value.end()):
            mentions = sentences.mentions(start, stop)
        elif _may_be_behind_one(start, value.start(), places):
            least = value.start() - LONGEST
            mentions = [each for each in sentences.mentions(start, stop) if least <= each.end <= value.start()]
        else:
            mentions = []
        is_told = _is_told(value, start, mentions) if mentions else sentences.is_alone_below_one(value)
        if is_told and not (_IDENTIFIER.fullmatch(value[0]) and names[value[0]]):
            yield value.start(), value.start() + len(value[0].rstrip(".!?:"))


def _is_anothers(text: str, at: int, names: SecretNames) -> bool:
    """Whether a value has a name of its own directly before it, which is no secret's: `request_id=…`."""
    label = _LABEL.search(text, max(at - _LONGEST_LABEL, 0), at)
    return label is not None and label["name"].lower() not in ANYTHING and not names.may_be_in(label["name"])


def _may_be_behind_one(start: int, at: int, places: list[Span]) -> bool:
    """Whether a name could stand between the start of a sentence and a place: a cheap look."""
    place = bisect_left(places, (at,)) - 1
    return at - start > 1 and place >= 0 and places[place][1] > start


def _is_quoted(value: re.Match[str]) -> bool:
    return value.string[value.start() - 1 : value.start()] in _PLAIN_QUOTES


def _is_told(value: re.Match[str], start: int, mentions: list[Mention]) -> bool:
    """Whether what looks like a secret is the one that is named beside it, and no other thing's."""
    text, is_quoted = value.string, _is_quoted(value)
    is_count = mentions[-1].is_several and not is_quoted
    if value[0].isdigit() and (is_count or COUNTED.match(text, value.start())):
        return False
    before = text[start : value.start()]
    if _is_item(before, text[value.end() : value.end() + _NEXT]):
        return False
    former = [each for each in mentions if each.end <= value.start()]
    if NO_SECRET.match(value[0]) and not (former and _DIRECTLY.fullmatch(text, former[-1].end, value.start())):
        return False
    if former:
        return not _is_of_another(before, former[-1].end - start)
    is_named = _is_quoted_before if is_quoted else _is_bare_before
    behind = next((each for each in mentions if each.start >= value.end()), None)
    return behind is not None and is_named(value, behind) and not _is_of_another(before, len(before))


def _is_item(before: str, behind: str) -> bool:
    """Whether a value is one of a list without quotes: `token, user42, admin`; "the password, …, is wrong" is none."""
    former = before.rstrip()
    is_last = behind[:1] in ("", "\n", ")", "]")
    is_more = former.count(",") > 1 if is_last else behind[:1] == "," and behind[1:].split()[:1] not in _VERBS
    return former[-1:] == "," and is_more


def _is_quoted_before(value: re.Match[str], mention: Mention) -> bool:
    """Whether what stands in quotes is what a name behind it means: `'…' is no token`, `'…' (wrong password)`."""
    said = words_in(value.string[value.end() : mention.start])
    is_in_bracket = value.string.startswith(" (", value.end() + 1)
    return len(said) <= _MOST_BETWEEN and (is_in_bracket or not said or said[0] in _IS)


def _is_bare_before(value: re.Match[str], mention: Mention) -> bool:
    """The same of what stands in none: `… (password)`, `… is the token.`, "Use … as your password."."""
    between = value.string[value.end() : mention.start]
    if between == " (":
        return value.string.startswith(")", mention.end)
    return len(between.split()) <= _MOST_BETWEEN and _SENTENCE_ENDS.match(value.string, mention.end) is not None


def _is_of_another(before: str, behind: int) -> bool:
    """Whether what is said before a value calls it something else.

    Args:
        before: What the sentence says before it.
        behind: Where in that the last name of a secret ends.
    """
    if items := _OTHER_ITEMS.search(before, max(len(before) - _LONGEST_ITEM, 0)):  # of a list, which has one name
        before = before[: (_ITEMS.search(before) or items).start() + 1].rstrip("\"'")
    is_in_bracket = before.rstrip(_QUOTES)[-2:] == " ("
    before = before.rstrip(_OPENING)
    said = words_in(before[behind:])
    label = _LABEL.search(before, max(len(before) - _LONGEST_LABEL, 0))
    if label and label["name"].lower() in ANYTHING:
        said = said[:-1]
    elif label and _is_label(label, before[behind:], said):
        return True
    if is_in_bracket and said:
        return not _BEFORE_A_BRACKET.issuperset(said)
    return bool(said) and _is_thing(said, before[:behind])


def _is_label(label: re.Match[str], between: str, said: list[str]) -> bool:
    """Whether a name before a value is another one than the secret's; in prose, what ends a sentence is none."""
    if label["is_prose"] is None or not said:
        return bool(said)
    return between.count('"') == 1


def _is_thing(said: list[str], before: str) -> bool:
    """Whether what is said last between a name and a value tells of another thing."""
    while len(said) > 1 and said[-1] in _COPULAS:
        said = said[:-1]
    last = said[-1]
    if last == "by":
        return said[-2:-1] != ["replaced"]
    if last in _CHANGES and ("from" in said[:-1] or _CHANGED.intersection(said[-2:-1] or words_in(before))):
        return False
    if last == "in":
        return said[-2:-1] not in (["log"], ["sign"], ["ends"], ["ending"])
    return last in OTHERS or said[0] in HARMLESS_ENDINGS - SAID
