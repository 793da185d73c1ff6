"""What a statement or a query leaves to its parameters: those that it compares with a secret are secrets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.redaction import methods
from opentelemetry_exporter_moesif.redaction.expressions import expression

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

LISTS = frozenset(
    "params parameters bindings values args binds Parameters bindVars bind_vars bindVariables queryParameters"
    " query_parameters queryParams query_params ExecutionParameters executionParameters parameterValues".split()
)
"""What parameters are called, in a list or an object."""

VARIABLES = "variables"
"""What a GraphQL query's are called."""

PARAMETERS = LISTS | {VARIABLES}

VARIABLE = expression(
    r"(?<!\w)(?:(?P<around>\w{1,64})\s{0,8}:\s{0,8}\{\s{0,8})?(?P<argument>\w{1,64})\s{0,8}:\s{0,8}\[?\$(?P<variable>\w{1,64})"
)
"""An argument of a GraphQL field that is given a variable: `password: $p`, `token: {_eq: $p}`."""

_STATEMENT = expression(r"\s{0,64}(?:select|insert|update|delete|merge|replace|with|call|exec|from\s)", re.IGNORECASE)
_MAY_BE_ONE = expression(r"[?$@:%,=.]")  # what is neither has no place for a parameter
# A place in a statement: `?`, `$1`, `%s`, `:name`, `@name`, `{:name}`.
_PLACE = expression(r"\?|\$\d|%s|(?<![\w:]):[a-z]|(?<![\w@])@[A-Za-z]|\{:[a-z]")
# What a text compares with a parameter that has a name, in any language of queries: `u.token == @p`, `{password:$p}`.
_COMPARED = expression(
    r"(?<![\w.])(?P<name>[\w.]{2,64})[\"'`\])]{0,2}\s{0,8}(?:[=!<>:~]{1,3}|(?i:like|in|contains|eq|,))\s{0,8}[\[({]?"
    r"(?:[@$:]|:@|@@|params[.\[][\"']?|(?=[A-Za-z]))(?P<place>\w{1,64})"
)
_CHANGES = "mutation"
# A GraphQL field, with what it is given.
_FIELD = expression(r"(?<!\w)(?P<name>\w{4,64})\s{0,8}\((?P<given>[^()]{1,1024})\)")
_NAMED = ("name", "Name", "key")
_OF_A_NAME = "@$:{}"


def secret_fields(fields: dict[Any, Any], names: SecretNames) -> Iterator[tuple[dict[Any, Any], Any]]:
    """The parameters in an object that are secrets by its statement: the objects that hold them, and the keys."""
    lists = [key for key in LISTS.intersection(fields) if isinstance(fields[key], (list, dict, str))]
    if not lists and VARIABLES not in fields:
        return
    texts = [text for text in fields.values() if isinstance(text, str)]
    if texts and VARIABLES in fields:
        yield from _of_graphql(fields, texts, names)
    if not lists:
        return
    telling = [text for text in texts if _MAY_BE_ONE.search(text) and names.are_mentioned_in(text)]
    if any(map(_is_statement, telling)):
        yield from ((fields, key) for key in lists if not isinstance(fields[key], str) or fields[key][:1] in "[{")
        return
    places = {place for text in telling for place in _compared(text, names)}
    for key in lists if places else ():
        if not isinstance(fields[key], str):
            yield from _given(fields[key], places)
        elif any(_given(_parsed(fields[key]), places)):
            yield fields, key


def secret_parameters(query: str, names: SecretNames) -> set[str]:
    """Those parameters of a URI's query or a form that are a statement's or a GraphQL query's, and hold a secret."""
    pairs = [parameter.partition("=") for parameter in query.split("&")]
    if PARAMETERS.isdisjoint(name for name, _, _ in pairs):
        return set()
    return {key for _, key in secret_fields({name: unquote_plus(value) for name, _, value in pairs}, names)}


def without_parameters(parameters: list[str], secret: Collection[str], mask: str) -> list[str]:
    """The parameters of a query or a form, those of some names with a mask in the place of their values."""
    pairs = ((parameter, parameter.partition("=")) for parameter in parameters)
    return [f"{name}={mask}" if equals and name in secret else parameter for parameter, (name, equals, _) in pairs]


def _is_statement(text: str) -> bool:
    """Whether a text that names a secret is a statement that leaves a value to a parameter."""
    return _STATEMENT.match(text) is not None and _PLACE.search(text) is not None


def _compared(text: str, names: SecretNames) -> Iterator[str]:
    """The parameters that a text compares with a secret."""
    return (each["place"] for each in _COMPARED.finditer(text) if names[each["name"]])


def _given(parameters: Any, places: set[str]) -> Iterator[tuple[dict[Any, Any], Any]]:
    """Where some of several parameters are: `{"p": "…"}`, `[{"name": "@p", "value": "…"}]`."""
    if isinstance(parameters, dict):
        yield from ((parameters, key) for key in parameters if str(key).strip(_OF_A_NAME) in places)
    for each in parameters if isinstance(parameters, list) else ():
        if isinstance(each, dict) and any(str(each.get(key)).strip(_OF_A_NAME) in places for key in _NAMED):
            yield from ((each, key) for key in each if key not in _NAMED)


def _of_graphql(
    fields: dict[Any, Any], texts: Iterable[str], names: SecretNames
) -> Iterator[tuple[dict[Any, Any], Any]]:
    """The variables of a query; where they are a text, it is all of them."""
    variables, is_text = fields[VARIABLES], False
    if isinstance(variables, str):
        variables, is_text = _parsed(variables), True
    if not isinstance(variables, dict):
        return
    secret = {name for text in texts for name in secret_variables(text, names) if name in variables}
    if is_text and secret:
        yield fields, VARIABLES
    elif secret:
        yield from ((variables, name) for name in secret)


def _parsed(text: str) -> Any:
    try:
        return loads(text)
    except ValueError:
        return None


def secret_variables(query: str, names: SecretNames) -> Iterator[str]:
    """The variables of a GraphQL query that are secrets: by what it gives them to, or by what that does."""
    if "$" not in query:
        return
    yield from (
        each["variable"]
        for each in VARIABLE.finditer(query)
        if names[each["argument"]] or (each["around"] and names[each["around"]])
    )
    for field in _FIELD.finditer(query) if _CHANGES in query else ():
        if methods.takes_a_secret(field["name"], names):
            yield from (
                each["variable"] for each in VARIABLE.finditer(field["given"]) if not methods.ABOUT[each["argument"]]
            )
