"""Names of secrets that stand as values: those of a field are told from titles and sentences that hold one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.names import SecretNames

TITLES = SecretNames("=title =question =label =text =description =subject =headline =display_name".split())
"""What holds prose more often than the name of a field."""

WORDS = SecretNames(
    "=tags =tag =keywords =topics =categories =hashtags =required =enum =roles =allow_headers =allowed_headers"
    " =expose_headers =exposed_headers supported types methods scopes permissions events".split()
)
"""Lists of words that have nothing to do with each other."""

FIELDS = SecretNames(
    "=fields =changed =order =order_by =sort =labels =resources =select =include =exclude =only".split()
)
"""Lists that name fields, none of which is the value of another one."""

_MOST_WORDS = 3
_INDEX = expression(r"(?:\[\d{1,9}\]|[./]\d{1,9})$")
_ENDS_OF_AN_INDEX = frozenset("0123456789]")
_BEFORE = frozenset("your my our the a an please enter type in confirm repeat retype what is".split())
# What a button does, or what is wrong: "Change password", "Invalid token".
_ACTIONS = frozenset(
    "add change copy create delete edit forgot forgotten generate hide invalid lost manage missing no recover"
    " regenerate remove revoke rotate save show view wrong".split()
)


def is_one_of_several(path: Sequence[Any], names: SecretNames) -> bool:
    """Whether a path leads to one of several secrets: `["body", "tokens", 0]`, `["tokens[0]"]`."""
    last = path[-1] if path else None
    if isinstance(last, str):
        return last[-1:] in _ENDS_OF_AN_INDEX and names.of_several(_INDEX.sub("", last))
    return len(path) > 1 and isinstance(last, (int, float)) and names.of_several(str(path[-2]))


def is_name(text: str, names: SecretNames, *, alone: bool = False) -> bool:
    """Whether a value is the name of a secret, and no sentence about one.

    What has no blanks is one as a field's name is. Else it has at most three words and ends with the listed name:
    "Wifi password" is one, "The Secret Garden" and "Password manager" are none.

    Args:
        text: The value.
        names: Which names are secrets'.
        alone: Of several words, it has to be the listed name itself, as in "Enter your password".
    """
    words = text.partition("(")[0].rstrip(" ?:!.*").split()
    while words and words[-1].isdigit():
        words.pop()
    if len(words) <= 1 or names.is_listed(text):
        return names[text]
    if alone:
        start = next((place for place, word in enumerate(words) if word.lower() not in _BEFORE), 0)
        return names.is_listed(" ".join(words[start:])) and names[text]
    if len(words) > _MOST_WORDS or is_action(text) or not names[text]:
        return False
    return names[words[-1]] or names.ends_in_one(words)


def is_action(text: str) -> bool:
    """Whether a text tells what is done with a secret, or what is wrong with one: "Change password"."""
    return text.partition(" ")[0].lower() in _ACTIONS
