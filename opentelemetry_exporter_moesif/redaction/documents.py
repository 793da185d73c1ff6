"""Documents of a known kind whose secrets bear no name of their own: what in them is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction import methods, statements
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, without

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_TELLING = frozenset(
    "kind kty variables arguments input ExpressionAttributeValues $push $addToSet $pull $pullAll".split()
).union(statements.LISTS)
"""One of these is among the keys of each such object."""

# RFC 7518, section 6: the private parts of a key.
_OF_KEY = frozenset("k d p q dp dq qi oth".split())
_OF_KUBERNETES = frozenset(("data", "stringData"))
_UPDATES = ("$push", "$addToSet", "$pull", "$pullAll")  # MongoDB's, of the elements of a list
# DynamoDB's: what an expression leaves to its values, and the names that it leaves to others.
_VALUES, _NAMES = "ExpressionAttributeValues", "ExpressionAttributeNames"
# What a GraphQL operation says that a variable is if nothing else is: `$p: String = "…"`.
_DEFAULT = expression(
    r"\$(?P<name>\w{1,64})\s{0,8}:[ \t]{0,8}[\[\]\w!]{1,64}[ \t]{0,8}=[ \t]{0,8}\"(?P<value>[^\"\n]{1,1024})"
)
# PostgreSQL's quotes: `PASSWORD $$…$$`, `PASSWORD $x$…$x$`.
_IN_DOLLARS = expression(
    r"(?<!\w)(?P<name>\w{2,64})[ \t]{1,4}\$(?P<tag>[A-Za-z_]{0,16})\$(?P<value>[^\n$]{1,256})\$(?P=tag)\$"
)
# What a name is compared with: `("token", "=", "…")`.
_CONDITION = expression(
    r"[\"'](?P<name>[\w.]{2,64})[\"'],[ \t]{0,4}[\"'](?:={1,2}|=i?like)[\"'],[ \t]{0,4}"
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{1,256})(?P=quote)"
)
_MANIFEST = expression(r"^[ \t]*kind:[ \t]*[\"']?Secret\b", re.MULTILINE)
_BLOCK = expression(
    r"^(?P<indent>[ \t]*)(?:data|stringData):[ \t]*\r?\n(?P<block>(?:(?P=indent)[ \t]+[^\n]*(?:\n|$))+)", re.MULTILINE
)
# OpenAPI's of a parameter: its name, and what it quotes some lines below.
_EXAMPLE = expression(
    r"^[ \t-]{0,32}name:[ \t]{0,8}[\"']?(?P<name>[^\s\"']{1,64})[\"']?[ \t]{0,8}\r?\n"
    r"(?:[ \t]{0,64}(?![ \t-]|example:)[^\n]{1,256}\n){0,16}[ \t]{0,64}example:[ \t]{0,8}(?P<value>[^\r\n]+)",
    re.MULTILINE,
)


def secret_fields(fields: dict[Any, Any], names: SecretNames) -> Iterator[tuple[dict[Any, Any], Any]]:
    """What in an object is a secret by the kind of object that it is: the objects that hold it, and the keys.

    A Kubernetes Secret, a JSON Web Key, the variables of a GraphQL query, a statement's parameters, those of a call
    that logs in (JSON-RPC) or changes a password, and DynamoDB's values where an expression names a secret.
    """
    if _TELLING.isdisjoint(fields):
        return
    for operator in _UPDATES:
        update = fields.get(operator)
        if isinstance(update, dict):
            yield from ((update, key) for key in update if names.of_several(str(key)))
    if fields.get("kind") == "Secret":
        yield from ((fields, key) for key in _OF_KUBERNETES if key in fields)
    if isinstance(fields.get("kty"), str):
        yield from ((fields, key) for key in _OF_KEY if key in fields)
    if _VALUES in fields and any(
        names.are_mentioned_in(str(text))
        for key, text in fields.items()
        if key == _NAMES or str(key).endswith("Expression")
    ):
        yield fields, _VALUES
    yield from methods.secret_fields(fields, names)
    yield from statements.secret_fields(fields, names)


def without_given(text: str, names: SecretNames, steps: Steps) -> str:
    """A text without the defaults of GraphQL's variables, what PostgreSQL has in dollars, and what conditions compare.

    Raises:
        TooManyStepsError: There are more of them than in anything ordinary.
    """
    if "$" in text and (variables := tuple(_DEFAULT.finditer(text))):
        arguments = {each["variable"]: each["argument"] for each in statements.VARIABLE.finditer(text)}
        secret = names.among({arguments[each["name"]] for each in variables if each["name"] in arguments}, steps)
        text = without(text, (each.span("value") for each in variables if arguments.get(each["name"]) in secret))
    for signs, kind in ((("$",), _IN_DOLLARS), (("'=", '"='), _CONDITION)):
        if any(map(text.__contains__, signs)):
            found = tuple(kind.finditer(text))
            secret = names.among({each["name"] for each in found}, steps)
            text = without(text, (each.span("value") for each in found if each["name"] in secret))
    return text


def masked(text: str, names: SecretNames, steps: Steps) -> str:
    """A text without what YAML holds of a Kubernetes Secret, or quotes of a secret's parameter.

    Raises:
        TooManyStepsError: There are more parameters than in anything ordinary.
    """
    if "kind:" in text and _MANIFEST.search(text):
        text = _BLOCK.sub(_without_block, text)
    if "example:" in text and "name:" in text:
        parameters = tuple(_EXAMPLE.finditer(text))
        secret = names.among({parameter["name"] for parameter in parameters}, steps)
        return without(text, (each.span("value") for each in parameters if each["name"] in secret))
    return text


def _without_block(match: re.Match[str]) -> str:
    return match[0][: match.start("block") - match.start()] + f"{match['indent']}  {MASKED}\n"
