"""Objects that are secrets by their kind: `{"type": "api-keys", "attributes": {"key": "…"}}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.names import SecretNames
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

TELLING = frozenset("type object __typename model resource_type resourceType".split())
"""What says of which kind an object is: JSON:API, Stripe, GraphQL, Django, Terraform."""

_HOLDERS = ("attributes", "fields", "properties")
_VALUES = SecretNames("=value =values =plain_text =plaintext =raw_value =secret_value =clear_text".split())
_OPAQUE = SecretNames("=key =content =raw =text =plain =result".split())  # may be what it is called, too


def secret_fields(fields: dict[Any, Any], names: SecretNames) -> Iterator[tuple[dict[Any, Any], Any]]:
    """What in an object of such a kind is the secret: the objects that hold it, and the keys."""
    if not any(_is_secret(fields[key], names) for key in TELLING.intersection(fields)):
        return
    for holder in (fields, *(fields[key] for key in _HOLDERS if key in fields)):
        if isinstance(holder, dict):
            yield from ((holder, key) for key, value in holder.items() if _is_value(str(key), value))


def _is_secret(kind: Any, names: SecretNames) -> bool:
    """Whether it is one's name, or that of several: `tokens`, `ApiKey`, `authtoken.token`."""
    if not isinstance(kind, str) or not (names[kind] or names.of_several(kind)):
        return False
    last = kind.rpartition(".")[2]
    return names.is_listed(last) or names.is_listed(last[:-1])


def _is_value(name: str, value: Any) -> bool:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return False
    return _VALUES[name] or (_OPAQUE[name] and is_opaque(str(value)))
