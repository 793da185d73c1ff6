"""Values that a sentence about a name quotes at its end: `'token' must be in [...] (got '…')`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

# What a sentence says before it quotes what it was given, or behind that; what may be the name, and is said of it.
# Without quotes it is a word of letters and digits.
_WORD = r"(?=[A-Za-z_.-]{0,64}\d)(?=[\d_.-]{0,64}[A-Za-z])[\w.~+/-]{6,128}(?<![.])(?=[\s,;)\]]|\.(?:\s|$)|$)"
_GIVEN = expression(
    r"[grfbvi](?:(?<=\bg)(?:ot|iven)|(?<=\br)eceived|(?<=\bf)ound|(?<=\bb)ut[ \t]was|(?<=\bv)alue|(?<=\bi)nput)"
    rf"[ \t:=]{{1,3}}(?:(?P<quote>[\"'`])(?P<value>[^\"'`\n]{{1,256}})(?P=quote)|(?P<bare>{_WORD}))"
    rf"|expected[ \t:=]{{1,3}}(?P<expected>{_WORD})"
    r"|\((?P<before>[\"'`])(?P<doubted>[^\"'`\n]{1,256})(?P=before)[ \t](?:doesn't|does|is|was)\b"
)
_SUBJECT = expression(
    r"(?P<name>[^\s\"'`<>=:(){},;!?]{2,64})[\"'`]?[ \t]{1,4}"
    r"(?:must|should|shall|has|have|needs?|is|was|does|do|can|cannot|can't|may|doesn't|isn't|failed|expects?|mismatch"
    r")\b|(?P<in_quotes>(?<=[\"'`])[^\s\"'`<>=:(){},;!?]{2,64})[\"'`][ \t]$"
)
_LONGEST = 256
# Botocore's, which quotes nothing.
_OF_TYPE = expression(
    r"(?<=nvalid type for parameter )(?P<name>[\w.\[\]]{1,128}), value: (?P<value>[^\n]{1,1024}?)(?=, type: <class )"
)
_WORDS = ("got ", "got:", "expected ", "received", "given", "found", "but was", "value", "input", "doesn't")

# What prompts say before what was typed: "Enter passphrase for key '.ssh/id':", "Password for bob@host:".
_PROMPT = expression(
    r"(?<!\w)(?P<name>[\w-]{2,64})[ \t](?:for|of)[ \t](?:key[ \t]|user[ \t])?"
    r"(?:(?P<quote>[\"'])[^\"'\n]{1,256}(?P=quote)|[^\s:=\"']{1,256}(?:[ \t][^\s:=\"]{1,64})?)"
    r":[ \t]{1,8}(?P<value>[^\s][^\n]*)"
)
# Both values of a change, however short: `password changed from "a" to "b"`.
_CHANGE = expression(
    r"(?P<name>[\w-]{2,64})[\"'`]?[ \t](?:was[ \t]|has[ \t]been[ \t])?(?:changed[ \t]|updated[ \t]|rotated[ \t])?"
    r"from[ \t](?P<quote>[\"'`])(?P<value>[^\"'`\n]{0,256}(?P=quote)[ \t]to[ \t](?P=quote)[^\"'`\n]{1,256})(?P=quote)"
)
# Mongoose's message of one field, and graphql-ruby's.
_OF_PATH = expression(r"Path `(?P<name>[^`\n]{2,128})` \(`(?P<value>[^\n]{1,1024}?)`\) is ")
_OF_ARGUMENT = expression(
    r"Argument '(?P<name>[^'\n]{2,128})' on [^\n(]{1,256} has an invalid value \((?P<value>[^\n]{1,1024}?)\)\."
)
# An exception that says nothing but the value, and a logged call of what bears the name.
_RAISED = expression(
    r"(?<![\w/])(?P<name>\w{2,64}?)(?:Expired|NotFound)?(?:Error|Exception)(?:: |\([\"'])"
    r"(?P<value>\d{6,8}|(?=\D{0,64}\d)(?=[^\sA-Za-z]{0,64}[A-Za-z])[^\s\"']{6,128})(?=[\"']?\)?\s*$)",
    re.MULTILINE,
)
_CALLED = expression(
    r"(?<![\w/])(?P<name>[\w.]{2,128})(?:\([\w.]{0,16}\)|[ ]\([^()\n]{0,64}\))?"
    r"[ ]with[ ](?:argument(?:s|\[s\])?|result)[ ]?[:=]?[ ]?(?P<value>[\[(\"][^\n]{1,1024})"
)
# Each with what a text with one has in it.
_KINDS = (
    (("Error", "Exception"), _RAISED),
    ((" with argument", " with result"), _CALLED),
    ((" for ", " of "), _PROMPT),
    ((" from ",), _CHANGE),
    (("Path `",), _OF_PATH),
    (("has an invalid value",), _OF_ARGUMENT),
)
# What the help of a program tells of an option: `--token TOKEN (default: …)`.
_PRESET = expression(
    rf"(?<![\w-])(?:--(?P<option>[\w-]{{2,64}})(?:[ \t=](?:{re.escape(MASKED)})?[^\n()\[\]]{{0,128}})?"
    r"|(?P<name>[\w-]{2,64}))[ \t]?"
    r"[(\[]default:?[ \t](?!None\b|null\b|True\b|False\b|empty\b)(?P<value>[^\n()\[\]]{1,256})[)\]]"
)


def masked(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without them.

    Raises:
        TooManyStepsError: There are more of them than in anything ordinary.
    """
    for signs, kind in _KINDS:
        if any(map(text.__contains__, signs)):
            found = names.near(kind, text, steps)
            text = without(text, (each.span("value") for each in found if names[each["name"]]))
    if "default" in text:
        presets = names.near(_PRESET, text, steps)
        text = without(text, (each.span("value") for each in presets if names[each["option"] or each["name"]]))
    if not any(map(text.__contains__, _WORDS)):
        return text
    text = without(text, _values(text, names, steps))
    if "type for parameter" not in text:
        return text
    return without(text, (given.span("value") for given in names.near(_OF_TYPE, text, steps) if names[given["name"]]))


def _values(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    for given in names.near(_GIVEN, text, steps):
        steps.take(1)
        start = max(given.start() - _LONGEST, 0)
        start = max(start, text.rfind("\n", start, given.start()) + 1)
        subjects = {
            subject["name"] or subject["in_quotes"] for subject in _SUBJECT.finditer(text, start, given.start())
        }
        if names.among(subjects, steps):
            yield given.span(given.lastgroup or 0)
