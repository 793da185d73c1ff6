"""What a line of a page says of the value that stands in it or below it: that it is one, or another thing's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.things import OTHERS

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.reading import Block

FEW_WORDS = 4
"""So many words are a label, and no sentence."""

LABELS = frozenset("td th dt label".split())
"""Elements that call what follows them something."""

_SIGNS = " \t\r\n?:*=<>-\u2013\u2014\u2192.,;!()|\u00a0\u00ad\u034f\u2007\u200b\u200c"
_GREETING = expression(r"(?:hi|hello|hey|dear|good|welcome|thanks?)\b", re.IGNORECASE)
_SENTENCE = expression(r"[.!,;\u2026?](?:\s|$)")
# What of a sentence tells what follows it, and what of one asks for what it mentions.
_TOLD = expression(r"\b(?:below|following|here|copy|generated|created|temporary|(?:is|are|to|as):?$)|:$", re.IGNORECASE)
_ASKED = expression(
    r"\b(?:forg[eo]t\w*|reset|chang\w+|recover|choose|enter|type|confirm|provide|must|should|need|required|incorrect"
    r"|invalid|wrong|expire[sd]?|cannot|can't|manage|delete|revoke|rotate|edit)\b|\?$",
    re.IGNORECASE,
)
_SHOWN = expression(r"(?:copy|show|view|reveal|hide|generate)\b", re.IGNORECASE)
# What consists of digits, and is told to be used; and how a sentence goes on to it.
_CODE = expression(
    r"\b(?:otp|totp|pin|passcode|(?:verification|security|log-?in|access|confirmation|one[ -]time|sign-?in|mfa|2fa"
    r"|authentication|activation|reset|recovery|backup|following|this|the|your|sms|digit)\s+codes?)\b|^codes?\b",
    re.IGNORECASE,
)
_LINK = expression(r"(?:\b(?:is|are|was|to|as|codes?|otp|pin)|[:=\u2013\u2014\u2192-])[\s\"'(]*$", re.IGNORECASE)
_NOTHING = expression(r"(?:(?:use|enter|it|this|is|code|here|copy|now)\W*)+", re.IGNORECASE)


def says_anything(said: str) -> bool:
    """Whether a line has more than signs."""
    return said.strip(_SIGNS) != ""


def tells_of_a_code(said: str) -> bool:
    """Whether it tells of what consists of digits: "Use the code below"."""
    return _CODE.search(said) is not None


def leads_on(said: str) -> bool:
    """Whether it says nothing but that something follows: "Use", "Here it is:"."""
    return tells_of_a_code(said) or _NOTHING.fullmatch(said) is not None


def is_linked(said: str) -> bool:
    """Whether it goes on to a value: "Your new password is"."""
    return _LINK.search(said) is not None


def greets(said: str) -> bool:
    """Whether it is the start of a letter: "Hi Bob"."""
    return _GREETING.match(said) is not None


def shows(said: str) -> bool:
    """Whether it is what a button says that shows a secret: "Copy API key"."""
    return _SHOWN.match(said) is not None


def tells(said: str) -> bool:
    """Whether a sentence tells what follows it: "Use the following password"."""
    return _TOLD.search(said) is not None


def asks(said: str) -> bool:
    """Whether it asks for what it mentions, or says what is to be done with it: "Forgot your password?"."""
    return _ASKED.search(said) is not None


def is_of_another(between: str) -> bool:
    """Whether what stands between a name and a value says that the value is another thing's."""
    words = between.rstrip(_SIGNS).lower().split()
    return bool(words) and words[-1].strip(_SIGNS) in OTHERS - {"to", "as", "for"}


def goes_on_to_another(rest: str) -> bool:
    """Whether a block goes on behind a name so that it names something else: "Token of user"; no sentence does."""
    words = rest.strip(_SIGNS).lower().split()
    is_whose = words[:1] == ["for"] or _SENTENCE.search(rest) is not None
    return not is_whose and len(words) <= FEW_WORDS and is_of_another(rest)


def is_label(block: Block, *, is_number: bool) -> bool:
    """Whether a block labels what stands below it as something else than a secret."""
    said = block.said
    if block.tag in LABELS:
        return True
    if block.is_control:
        return False
    words = said.lower().strip(_SIGNS).split()
    if said[-1] == ":" or words[-1] in OTHERS:
        return True
    if ": " in said:  # a label with its own value
        return False
    return is_number and len(words) <= FEW_WORDS and _SENTENCE.search(said) is None
