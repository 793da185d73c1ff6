"""Messages that ask for a secret, and the answers to them: `[{"content": "Please enter the OTP we sent."}, {…}]`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from opentelemetry_exporter_moesif.redaction.companions import NAMING
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.mentions import OF_DIGITS, Mention
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS, SecretNames
from opentelemetry_exporter_moesif.redaction.spelling import words_of

PATIENCE = 3
"""How many messages behind a request may be the answer."""

_SAID = SecretNames("=text =content =body =message =msg =answer =value =parts =html =utterance".split())
_OF_MESSAGES = frozenset(("type", "id"))
_LONGEST_REQUEST = 256  # letters at the end of a message
_LONGEST_ANSWER = 128  # of one that says a secret; what a language model explains is longer
_SENTENCE = expression(r"[^.!?\n]+")
_ASKS = expression(
    r"(?i)\b(?:enter|provide|type|send|give|tell|share|submit|reply|paste|need|what(?:'s|\u2019s| is)) (?:\w+ ){0,4}?"
    r"(?:your|the|that|this|my|his|her|their|our|its)\b"
)
_ASKS_NOT = expression(r"(?i)\b(?:never|not|no one|nobody|\w+n['\u2019]t)\b")


def is_message(fields: dict[Any, Any]) -> bool:
    """Whether an object has no name of its own, and so may answer the one before it."""
    return not any(NAMING[str(key)] and key not in _OF_MESSAGES for key in fields)


def said_in(fields: dict[Any, Any]) -> list[Any]:
    """The keys of what a message says."""
    return [key for key in fields if _SAID[str(key)]]


def briefly_said_in(fields: dict[Any, Any]) -> list[Any]:
    """Those of what may be an answer, and no explanation."""
    return [key for key in said_in(fields) if not isinstance(text := fields[key], str) or len(text) <= _LONGEST_ANSWER]


def asked_in(fields: dict[Any, Any], names: SecretNames, silent: Collection[str]) -> Mention | None:
    """The secret that a message asks for; of some texts it is known that they name none."""
    for key, said in fields.items():
        if said.__class__ is list and said and said[-1].__class__ is dict:
            said = said[-1].get("text")  # noqa: PLW2901 - a language model's parts
        if said.__class__ is not str or said in silent or not _SAID[str(key)]:
            continue
        if names.may_be_in(said[-_LONGEST_REQUEST:]):
            for sentence in _SENTENCE.findall(said[-_LONGEST_REQUEST:]):
                if found := _asked(sentence, names):
                    return found
    return None


def _asked(sentence: str, names: SecretNames) -> Mention | None:
    if not _ASKS.search(sentence) or _ASKS_NOT.search(sentence):
        return None
    rest, is_several = names.rest_behind(words_of(sentence))
    if rest is None or (rest and rest[0] in HARMLESS_ENDINGS):
        return None
    is_of_digits = OF_DIGITS.search(sentence) is not None
    return Mention(is_path=False, is_listed=False, is_kind=False, is_several=is_several, of_digits=is_of_digits)
