"""Schemas of fields, as JSON Schema and OpenAPI write them: `{"properties": {"password": {"type": "string"}}}`.

What a schema says of a secret's field is no secret, but for the values that it quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
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
# What tells of a field, and quotes no value of it, where it holds what it should: all else does, as `default`,
# `example`, `enum` and `const`. Numbers, texts, links, and words of a few.
_NUMBERS = frozenset(
    "minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems minProperties"
    " maxProperties".split()
)
_TEXTS = frozenset(("title", "description"))
_LINKS = frozenset("$ref contentMediaType openIdConnectUrl authorizationUrl tokenUrl refreshUrl".split())
_WORDS = {
    "type": _TYPES,
    # JSON Schema (2020-12, Validation, section 7.3), and OpenAPI's registry of formats.
    "format": frozenset(
        "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri"
        " iri-reference uuid uri-template json-pointer relative-json-pointer regex password byte binary base64"
        " base64url char int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double decimal".split()
    ),
    "contentEncoding": frozenset("7bit 8bit binary quoted-printable base16 base32 base64 base64url".split()),
    "in": frozenset("query header cookie path".split()),
    "scheme": frozenset("basic bearer digest dpop hoba mutual negotiate oauth vapid Basic Bearer Digest".split()),
    "bearerFormat": frozenset("JWT jwt JWE PASETO opaque UUID".split()),
    "flow": frozenset("implicit password application accessCode".split()),
}
_DIGIT = expression(r"\d")
_DEEPER = frozenset((*_ALTERNATIVES, "items", "not", "if", "then", "else", "additionalProperties"))
_BY_NAME = frozenset(("properties", "flows"))

# YAML's of a key in a header: its name is that of the header, and no value stands beside it.
_NAME_OF_KEY = expression(
    r"(?<=type: apiKey\n)[ \t]{0,64}(?:in: (?:header|query|cookie)\n[ \t]{0,64})?name: [\w-]{1,64}(?=\r?\n|$)"
    r"(?!(?:\r?\n[ \t]{0,64}(?:in|prefix|description):[^\n]{0,256}){0,3}\r?\n[ \t]{0,64}value:)"
)


def without_names(text: str) -> str:
    """A text with blanks in the place of what the security schemes of OpenAPI are called."""
    return _NAME_OF_KEY.sub(lambda found: " " * len(found[0]), text) if "apiKey" in text else text


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
    return _is_type(kind)


def _is_type(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return bool(kinds) and all(isinstance(each, str) and each in _TYPES for each in kinds)


def _schema(value: Any, walk: Walk, depth: int) -> Any:
    """A schema of a secret's field, without the values that it quotes."""
    if depth > DEEPEST:
        raise TooDeepError
    if isinstance(value, list):
        return [_schema(each, walk, depth + 1) for each in value]
    if not isinstance(value, dict):
        return masked_value(value)
    return {keyword: _keyword(keyword, value, walk, depth + 1) for keyword in value}


def _keyword(keyword: Any, schema: dict[Any, Any], walk: Walk, depth: int) -> Any:
    value = schema[keyword]
    if keyword in _BY_NAME and isinstance(value, dict):
        return {name: _schema(each, walk, depth + 1) for name, each in value.items()}
    if keyword == "required" and isinstance(value, list):
        properties = schema.get("properties")
        names = {*properties} if isinstance(properties, dict) else set()
        return [each if each.__class__ is str and _names_a_field(each, names) else masked_value(each) for each in value]
    if keyword in _DEEPER:
        return _schema(value, walk, depth)
    return walk(value, depth) if _is_told(keyword, value, schema) else masked_value(value)


def _is_told(keyword: Any, value: Any, schema: dict[Any, Any]) -> bool:
    """Whether a keyword holds what it should, so that it quotes nothing."""
    if not isinstance(value, str):
        return (
            (keyword in _NUMBERS and isinstance(value, (int, float)))
            or (keyword == "type" and _is_type(value))
            or (keyword == "scopes" and isinstance(value, dict) and all(map(_is_of_words, value.values())))
        )
    if keyword in _WORDS:
        return value in _WORDS[keyword]
    return (
        (keyword in _TEXTS and _is_of_words(value))
        or (keyword in _LINKS and ("/" in value or _is_of_words(value)))
        or (keyword == "name" and schema.get("type") == "apiKey")
    )


def _is_of_words(text: Any) -> bool:
    return isinstance(text, str) and (" " in text or _DIGIT.search(text) is None)


def _names_a_field(word: str, properties: set[Any]) -> bool:
    """Whether it is the name of one of an object's fields; not all of those that it requires need be described."""
    return word in properties or (word.isidentifier() and _DIGIT.search(word) is None)
