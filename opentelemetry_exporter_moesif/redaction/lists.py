"""Lists of JSON in which a name stands before its value: conditions, commands, headers in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import masked_value
from opentelemetry_exporter_moesif.redaction.methods import takes_an_account
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_PAIR = 2
_CONDITION = 3
_LONGEST = 256  # items of a list of headers or arguments

# Between a name and its value, or before both, in conditions (Odoo's, Firestore's, Mapbox').
_OPERATORS = frozenset(
    "= == === != <> < <= > >= =? =like =ilike like ilike in eq ne contains array-contains not-in".split()
)
# What conditions call the variable that they look at (JSON Logic's and others), and in a list of its own (Mapbox').
_VARIABLES = frozenset("var field column property attribute ref path".split())
_GETTERS = frozenset(("get", "var", "field", "column"))

# Commands of Redis, as its HTTP interfaces take them: behind `AUTH` all is a secret, behind the others what follows
# a name.
_AUTH = "AUTH"
_SETTERS = frozenset("SET SETEX PSETEX SETNX GETSET APPEND LPUSH RPUSH SADD CONFIG".split())
_SETTERS_OF_FIELDS = frozenset("HSET HMSET HSETNX MSET MSETNX".split())
_COMMANDS = _SETTERS | _SETTERS_OF_FIELDS | {_AUTH, "HELLO"}

_SECRET = expression(r"(?=[^\d]{0,64}\d)(?=[^A-Za-z]{0,64}[A-Za-z])[^\s/][^\s]{5,}|\d{6,}")
_FIELD_NAME = expression(r"[A-Za-z_.-]{1,64}\d{0,2}")  # `address1` is no secret's value, but one more name


OF_HEADERS = frozenset("rawHeaders raw_headers rawTrailers".split())
"""What lists are called in which names and values take turns (Node's)."""


def without_headers(items: list[Any], names: SecretNames, walk: Callable[[Any, int], Any], depth: int) -> list[Any]:
    """Such a list without its secrets.

    Args:
        items: The list.
        names: Which names are secrets'.
        walk: What makes a value one without secrets, on a level.
        depth: The level of the list.
    """
    return [
        masked_value(item) if at % 2 and names[str(items[at - 1])] else walk(item, depth + 1)
        for at, item in enumerate(items)
    ]


def secret_places(items: Sequence[Any], names: SecretNames) -> Iterator[int]:
    """Where in a list the secrets stand that a name before them tells."""
    first = items[0]
    if first.__class__ is str and first in _COMMANDS:
        yield from _of_command(items, names)
    elif len(items) in {_PAIR, _CONDITION} and (at := _compared(items, names)):
        yield at
    elif len(items) > _PAIR and len(items) <= _LONGEST and first.__class__ is str:
        yield from _of_words(items, names)


def _compared(items: Sequence[Any], names: SecretNames) -> int:
    """Where the value of a condition on a secret stands: `["token", "=", "…"]`, `["==", ["get", "token"], "…"]`."""
    first, last = items[0], len(items) - 1
    if last == 1:
        return last if first.__class__ is dict and _is_variable(first, names) and _is_value(items[1]) else 0
    if _is_operator(items[1]) and is_name(str(first), names, alone=True):
        return last
    if not _is_operator(first):
        return 0
    told = items[1]
    if told.__class__ is list and len(told) == _PAIR and told[0] in _GETTERS:
        told = told[1]
    return last if told.__class__ is str and is_name(told, names, alone=True) else 0


def _is_operator(item: Any) -> bool:
    return item.__class__ is str and item in _OPERATORS


def _is_variable(item: dict[Any, Any], names: SecretNames) -> bool:
    """Whether an object says which variable is meant, and nothing else: `{"var": "token"}`."""
    return len(item) == 1 and all(
        key in _VARIABLES and value.__class__ is str and is_name(value, names, alone=True)
        for key, value in item.items()
    )


def _is_value(item: Any) -> bool:
    return item.__class__ is str or item.__class__ is int


def _of_command(items: Sequence[Any], names: SecretNames) -> Iterator[int]:
    """What `["SET", "token", "…"]` and `["AUTH", "bob", "…"]` give."""
    told = [at for at, item in enumerate(items) if item == _AUTH or (at and item.__class__ is str and names[item])]
    if not told:
        return
    if items[0] in _SETTERS_OF_FIELDS:
        yield from (at + 1 for at in told if at + 1 < len(items))
    elif items[told[0]] == _AUTH:
        yield from range(told[0] + 1, min(told[0] + 3, len(items)))
    elif items[0] in _SETTERS:
        yield from range(told[0] + 1, len(items))


def _is_secret(item: Any) -> bool:
    return item.__class__ is str and _SECRET.fullmatch(item) is not None


def _of_words(items: Sequence[Any], names: SecretNames) -> Iterator[int]:
    """What looks like a secret behind a name, among words: `["a", "password", "…"]`, `["login", "bob", "…"]`."""
    if len(items) == _CONDITION and takes_an_account(items[0]):
        yield from (at for at in (1, 2) if _is_secret(items[at]) and not names[items[at]])
        return
    for at, item in enumerate(items[1:], 1):
        before = items[at - 1]
        if before.__class__ is not str or not _is_secret(item) or _FIELD_NAME.fullmatch(item):
            continue
        if is_name(before, names, alone=True) and not names[item]:
            yield at
