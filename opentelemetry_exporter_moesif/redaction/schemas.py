"""Schemas of fields, as JSON Schema and OpenAPI write them: `{"properties": {"password": {"type": "string"}}}`.

What a schema says of a secret's field is no secret, but for the values that it quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.levels import DEEPEST, TooDeepError
from opentelemetry_exporter_moesif.redaction.masks import masked_value

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

Walk = Callable[[Any, int], Any]
"""Gives a value without its secrets, by its depth."""

HOLDERS = frozenset(
    "properties patternProperties definitions $defs schemas securitySchemes securityDefinitions".split()
)
"""What holds schemas by the names of the fields that they are about."""

_TYPES = frozenset(
    # JSON Schema's (2020-12, Validation, section 6.1.1), and those of OpenAPI's security schemes.
    "string number integer boolean object array null apiKey http oauth2 openIdConnect basic mutualTLS".split()
)
_ALTERNATIVES = ("anyOf", "oneOf", "allOf")
# What tells of a field, and quotes no value of it: all else does, as `default`, `example`, `enum` and `const`.
_TELLING = frozenset(
    "$ref type format title description minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum"
    " multipleOf minItems maxItems uniqueItems minProperties maxProperties nullable readOnly writeOnly deprecated"
    " contentEncoding contentMediaType discriminator in name scheme bearerFormat flow openIdConnectUrl"
    " authorizationUrl tokenUrl refreshUrl scopes".split()
)
_DEEPER = frozenset((*_ALTERNATIVES, "items", "not", "if", "then", "else", "additionalProperties"))
_BY_NAME = frozenset(("properties", "flows"))


def without_secrets(fields: dict[Any, Any], names: SecretNames, walk: Walk, depth: int) -> dict[Any, Any]:
    """What one of the `HOLDERS` holds, without its secrets.

    Args:
        fields: Schemas, by the names of their fields, and whatever else is in there.
        names: Which names are secrets'.
        walk: Takes the secrets out of anything.
        depth: How deep it stands.

    Raises:
        TooDeepError: It is nested deeper than 200 levels.
    """
    schemas = {name: value for name, value in fields.items() if _is_schema(value) and _is_secret(str(name), names)}
    for name in schemas:
        del fields[name]
    return {**walk(fields, depth), **{name: _schema(schema, walk, depth + 1) for name, schema in schemas.items()}}


def _is_secret(name: str, names: SecretNames) -> bool:
    return names[name] or names.of_several(name)


def _is_schema(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    if kind is None:
        reference = value.get("$ref")
        return (isinstance(reference, str) and "/" in reference) or any(
            isinstance(value.get(each), list) for each in _ALTERNATIVES
        )
    return all(isinstance(each, str) and each in _TYPES for each in (kind if isinstance(kind, list) else [kind]))


def _schema(value: Any, walk: Walk, depth: int) -> Any:
    """A schema of a secret's field, without the values that it quotes."""
    if depth > DEEPEST:
        raise TooDeepError
    if isinstance(value, list):
        return [_schema(each, walk, depth + 1) for each in value]
    if not isinstance(value, dict):
        return masked_value(value)
    return {keyword: _keyword(keyword, inner, walk, depth + 1) for keyword, inner in value.items()}


def _keyword(keyword: Any, value: Any, walk: Walk, depth: int) -> Any:
    if keyword in _BY_NAME and isinstance(value, dict):
        return {name: _schema(each, walk, depth + 1) for name, each in value.items()}
    if keyword == "required" and isinstance(value, list):
        return [walk(each, depth) for each in value]
    if keyword in _DEEPER:
        return _schema(value, walk, depth)
    return walk(value, depth) if keyword in _TELLING else masked_value(value)
