"""Values that stand before their names: `'…' is not valid for password`, `'…' == password`, `'…' AS token`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import Span, without
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_WORDS = (
    "is|was|not|no|a|an|the|as|in|for|to|equals?|eq|be|match(?:es)?|valid|invalid|incorrect|wrong|value|param(?:eter)?|arg(?:ument)?"
    "|field|flag|option|column|key|property|attribute|header|your|of|does|given|one-time|temporary|new|old|current|verification|type|uuid"
    "|at|one|too|long|short|small|large|big|on|under"
)
_NAME = r"(?P<name>[^\s\"'`<>=:(){},;!?]{2,64}?)(?=[.:]?(?:[\s\"'`<>=(){},;!?]|$))"
# What is in quotes, and what links it with the name behind it.
_QUOTED = expression(
    r"[\"'`](?:[ \t]{0,4}(?:[=!]{1,3}|<>|(?<=[ \t])[<>]=?|,)[ \t]{0,4}"
    rf"|[ \t]{{1,4}}(?:(?i:{_WORDS})[ \t]{{1,4}}){{1,6}}"
    rf"(?:(?:'[^'\n]{{0,64}}'|\[[^\]\n]{{0,128}}\])[ \t](?:at|for|in|on)[ \t])?)[\"'`]?-{{0,2}}{_NAME}"
)
# Where a sentence about the name ends: "Use … as your password."
_AT_THE_END = expression(
    rf"[ \t](?i:as|is)[ \t](?:(?i:{_WORDS})[ \t]{{1,4}}){{0,4}}[\"'`]?-{{0,2}}(?P<name>[\w-]{{2,64}})"
    r"(?=[\"'`]?\s{0,4}$)"
)
# A message with a code: "482913 is your verification code", "Use … as OTP".
_AS_CODE = expression(
    r"(?:(?<=[\w-]{4})|(?<=\d{3}[ ]\d{3}))(?:</[a-z]{1,8}>){0,3}(?::|[ \t](?:is|as|-|\u2013|\u2014))[ \t]"
    r"(?:(?P<whose>(?i:your|my))[ \t]|(?i:(?:the|an?)[ \t])?)"
    r"(?P<name>(?!(?i:for|to|on|in|and|or|of|with|at|is|the|an?|your|my)\b)[\w-]{2,24}"
    r"(?:[ \t](?!(?:for|to|on|in|and|or|of|with|at|is)\b)[\w-]{2,24}){0,3})"
)
_CODE = expression(r"(?:[A-Z]-)?(?:\d{4,8}|\d{3}[ -]\d{3}|(?=[A-Za-z-]{0,32}\d)(?=[\d-]{0,32}[A-Za-z])[\w-]{6,32})")
_GROUP = 4  # letters of a group, and a blank
_LAST_THREE = expression(r"(?<!\d)\d{3} \d{3}")
_BEFORE_CODE = " \t\r\n\"'`(:>"
_LEAST = 6  # letters of what is nobody's own: "2026 is the secret of …"
# A message without quotes: "invalid value … for password".
_FOR = expression(
    r"(?i:value|input)[ \t]{1,4}(?P<value>(?=[A-Za-z_.-]{0,64}\d)(?=[\d_.-]{0,64}[A-Za-z])[\w.~+/-]{6,128})"
    r"[ \t]{1,4}for[ \t]{1,4}(?:the[ \t]{1,4})?(?:(?:field|parameter|param|header|option|argument)[ \t]{1,4})?"
    r"[\"'`]?(?P<name>[\w.-]{2,64})"
)
_LONGEST = 256
_QUOTES = "\"'`"


def masked(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without them.

    Raises:
        TooManyStepsError: There are more of them than in anything ordinary.
    """
    if any(map(text.__contains__, _QUOTES)):
        found = list(names.near(_QUOTED, text, steps))
        secret = names.among({link["name"] for link in found}, steps)
        text = without(text, _quoted_values(text, found, secret, names))
    if codes := list(_codes(text, names, steps)):
        text = without(text, codes)
    if " for " in text:
        found = list(names.near(_FOR, text, steps))
        secret = _titles(found, names, steps)
        text = without(text, (each.span("value") for each in found if each["name"] in secret))
    return text


def _codes(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    """The words before sentences that go on with a name: "482913 is your verification code"."""
    found = [(each, span) for each in names.near(_AS_CODE, text, steps) if (span := _code_before(text, each))]
    secret = _titles((each for each, _ in found), names, steps) if found else ()
    yield from (span for each, span in found if each["name"] in secret)


def _code_before(text: str, sentence: re.Match[str]) -> Span | None:
    """Where the code stands that a sentence is about."""
    start = end = sentence.start()
    while start > 0 and end - start <= _LONGEST and text[start - 1] not in _BEFORE_CODE:
        start -= 1
    if start >= _GROUP and _LAST_THREE.fullmatch(text, start - _GROUP, end):  # "482 913"
        start -= _GROUP
    is_one = _CODE.fullmatch(text, start, end) and (sentence["whose"] or end - start >= _LEAST)
    return (start, end) if is_one else None


def _titles(found: Iterable[re.Match[str]], names: SecretNames, steps: Steps) -> set[str]:
    """Those of the names in sentences that are titles of secrets."""
    return {name for name in names.among({each["name"] for each in found}, steps) if is_name(name, names)}


def ends_in_a_name(text: str, names: SecretNames) -> bool:
    """Whether what may be a sentence about a secret ends with the text."""
    if " is " not in text and " as " not in text:
        return False
    return any(names[name] for name in _AT_THE_END.findall(text))


def _quoted_values(text: str, links: list[re.Match[str]], secret: set[str], names: SecretNames) -> Iterator[Span]:
    """Where what is in quotes before links stands, but for a name along with what it names: `setItem('token', …)`."""
    end = 0
    for link in links:
        closing = link.start()
        start = _quoted(text, closing) if link["name"] in secret else -1
        is_given = start >= 0 and text[closing + 1 : closing + 2] == "," and names.is_listed(text[start:closing])
        if start >= end and not is_given:
            end = closing
            yield start, end


def _quoted(text: str, closing: int) -> int:
    """Where the text in quotes starts whose closing quote stands at a place; -1 where there is none on its line."""
    start = text.rfind(text[closing], max(0, closing - _LONGEST), closing) + 1
    return -1 if start <= 0 or start == closing or "\n" in text[start:closing] else start
