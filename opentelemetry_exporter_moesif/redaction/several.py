"""What stands under the plural of a secret's name: `{"tokens": …}`, `?tokens[]=…`, `tokens: …`.

Plurals count as often as they name secrets. So a text is one where it has letters and digits, and is no measure; what
is in lists and objects counts wherever it is in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.opaque import holds_opaque, is_opaque

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_LEAST = 8
_LEAST_DIGITS = 6
_OF_DIGITS = expression(r"(?i:otp|code|cvv|cvc|pin)")
_MIXED = expression(r"(?=[^\s\d]*\d)(?=[^\sA-Za-z]*[A-Za-z])[^\s]{8,}")
# `6m0s`, `1m30.951s`, `4096/8192`, `12.5k`, `1,000/min`: what is said of how many, or of when there are more.
_MEASURE = expression(
    r"(?:\d[\d.,:]{0,16}(?:(?:[mnu\u00b5]s|min|sec|[smhdwkKMGTB%])[/ -]?|[/ -])){0,8}"
    r"(?:\d[\d.,:]{0,16})?(?:min|minute|sec|second|hour|day|month|tokens?)?"
)
# What an object of counts has beside them.
_OF_COUNTS = frozenset("total count prompt completion input output used remaining max limit cached".split())
_SAID_OF_COUNTS = frozenset("model unit units provider encoding tokenizer type period currency".split())


def is_one(name: str, text: str) -> bool:
    """Whether a text under the plural of a secret's name is a secret, or holds one.

    Args:
        name: What it is called.
        text: The text.
    """
    word = text.strip()
    if word.isdigit():
        return len(word) >= _LEAST_DIGITS and _OF_DIGITS.search(name) is not None
    if _MEASURE.fullmatch(word):
        return False
    return holds_opaque(word) or (len(word) >= _LEAST and _MIXED.fullmatch(word) is not None and is_opaque(word))


def is_number(name: str, text: str, names: SecretNames) -> bool:
    """Whether a text of JSON is digits alone, and its name the plural of a listed one: a count would be a number."""
    is_of_length = text.isdigit() and _LEAST_DIGITS <= len(text) <= _LEAST
    return is_of_length and names.several[name] and names.is_listed(name[:-1])


def are_counts(fields: dict[Any, Any]) -> bool:
    """Whether an object counts something: `{"tokens": {"total": 10, "model": "gpt-4"}}`."""
    return any(key in _OF_COUNTS and value.__class__ in {int, float} for key, value in fields.items()) and all(
        key in _SAID_OF_COUNTS for key, value in fields.items() if value.__class__ is str
    )
