"""Values that a sentence about a name ends with, whatever it says before: `API key created: …`, `OTP to log in is …`.

Between a name and its value stands what is said of it. So the value has to look like one: a word of letters and digits,
or the six to eight digits of a code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import Span, without
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS
from opentelemetry_exporter_moesif.redaction.places import joined, matches
from opentelemetry_exporter_moesif.redaction.spelling import words_of

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_LONGEST = 192
_MOST_WORDS = 14
_LONGEST_NAME = 3  # words
_STEPS_OF_A_NAME = 4

# What stands between the sentence and the value, and the value itself.
_END = expression(
    r"(?:[ \t](?P<word>(?i:is|are|was|as|to|be|equals?|es|est|lautet|expected|got|received|given|found))[ \t:]{1,4}"
    r"(?:now[ \t:]{1,4})?|(?P<colon>:)[ \t]{1,4}|[ \t](?:[!=]=|<>|=>?|->)[ \t]|[ \t](?P<bracket>\())[\"'`]?"
    r"(?P<value>\d{6,8}(?=[\"'`),;.:!?]{0,2}(?:\s|$))"
    r"|(?=[^\s\d]{0,64}\d)(?=[^\sA-Za-z]{0,64}[A-Za-z])[^\s\"'`<>()\[\]{},;|]{6,128}(?=[\s\"'`)\]>,;]|$))"
)
# Where a sentence, or what belongs together in it, starts: not behind an abbreviation.
_STARTS = expression(r"[\n;=<>{}|\\]|(?<!\b[RN][so])\.[ \t]|[,:!?][ \t]")
_MARKS = "\"'`()[]*_.,"
# A date, a host, a path, a measure, or a word of a technical language.
_NO_VALUE = expression(
    r"(?:\d{4}-\d\d|20\d{6}\b|[/~.\\]|[^\s/]*://|[\w-]+(?:\.[\w-]+)*(?:\.[a-z]{2,24}(?::\d+)?|:\d+)/?[.]?$"
    r"|v?\d+(?:[.:]\d+)+|[\d.,:]+-?(?:[a-z]{1,2}|[kKMGT]i?[bB]|bits?|bytes?|char|letter|digit|day|hour|min|sec|times|steps?)\b"
    r"|(?i:base\d\d|sha\d|utf-?\d|http\d|oauth\d|[hrep]s\d{3}|md5|x509|aes|ed25519|argon|ipv\d|pkcs|tls|\w+sha\d|iso-?\d)"
    r"|[^\n]*:$)"
)
_SAID = frozenset("changed updated expired revoked reset set sent valid required mismatch error errors enabled".split())
# What is behind a colon belongs to this word, and no longer to the name.
_OTHERS = (HARMLESS_ENDINGS - _SAID) | frozenset(
    "error errors user users username account accounts id ids host url uri link path file page line column server"
    " service endpoint address ip port client provider job task batch request response trace span time at by from on in"
    " since until after before email mail phone version build commit branch region cluster pod node container image"
    " instance device model hash checksum size number order ticket invoice reference reason message code key caller"
    " app application process thread cache queue topic bucket item entry event step tenant org project repo"
    " duration took ago table database schema role group team owner customer member subject domain realm origin".split()
)
_CHANGED = frozenset("reset set changed updated rotated equal equals compared initialized generated renewed".split())
_BEFORE_A_BRACKET = frozenset(
    "you entered typed provided gave given supplied sent used is was invalid wrong incorrect expired has an value"
    " mismatch rejected".split()
)


def masked(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without them.

    Raises:
        TooManyStepsError: There are more of them than in anything ordinary.
    """
    values = list(_values(text, names, steps))
    return without(text, values) if values else text


def _values(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    spans = ((start, min(stop + _LONGEST, len(text))) for start, stop in names.needles.places_in(text))
    for end in matches(_END, text, joined(spans)):
        steps.take(1)
        start = max(end.start() - _LONGEST, 0)
        before = text[start : end.start()]
        if end["word"] or not end["colon"]:  # "must be longer, was …"
            before = before.rstrip(" ,")
        sentence = _STARTS.split(before)[-1]
        if not names.may_be_in(sentence) or _NO_VALUE.match(end["value"]):
            continue
        steps.take(_STEPS_OF_A_NAME)
        rest = _rest(sentence.split()[-_MOST_WORDS:], names, is_number=end["value"].isdigit())
        if rest is not None and _is_said_of_it(rest, end):
            value = end["value"].rstrip(".!?")
            yield end.start("value"), end.start("value") + len(value)


def _rest(words: list[str], names: SecretNames, *, is_number: bool) -> list[str] | None:
    """What a sentence says behind the last name of a secret in it; None where it names none."""
    for end in range(len(words), 0, -1):
        for start in range(end - 1, max(end - _LONGEST_NAME, 0) - 1, -1):
            name = " ".join(words[start:end]).strip(_MARKS)
            is_several = not names[name] and names.several[name]
            if "/" not in name and (is_several or (names[name] and _ends_in_it(name, names))):
                # "next page token", "token type"; of several, a number is their count
                is_one = not is_number if is_several else names[" ".join(words[max(start - 2, 0) : end])]
                following = words[end].lower() if end < len(words) else ""
                is_about_it = following in HARMLESS_ENDINGS and following not in _SAID
                return words[end:] if is_one and not is_about_it else None
    return None


def _ends_in_it(name: str, names: SecretNames) -> bool:
    """Whether a name ends with a listed one: "users.token" does, "TokenService" does not."""
    words = words_of(name)
    while words and words[-1].isdigit():
        words.pop()
    return any(names.is_listed(" ".join(words[-count:])) for count in range(1, min(len(words), _LONGEST_NAME) + 1))


def _is_said_of_it(rest: list[str], end: re.Match[str]) -> bool:
    """Whether what stands between a name and a value tells of the name, and the value is no other thing's."""
    said = [word.lower().strip(_MARKS) for word in rest]
    last = said[-1] if said else ""
    word = (end["word"] or "").lower()
    if word in {"to", "as"}:
        return last in _CHANGED
    if end["bracket"]:
        return last == "value" or _BEFORE_A_BRACKET.issuperset(said)
    return last not in _OTHERS and "" not in said and not any(each.count('"') == 1 for each in rest)
