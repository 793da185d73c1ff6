"""What has no field of its own in an event: the span's other attributes, its resource, its exception."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import ENCODING_ERRORS, encode, text_of

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

# The name that an event gives it, and the attributes that tell it, the present name first.
_RESOURCE_ATTRIBUTES = (
    ("service.name", ("service.name",)),
    ("service.namespace", ("service.namespace",)),
    ("service.version", ("service.version",)),
    ("service.instance.id", ("service.instance.id",)),
    ("deployment.environment.name", ("deployment.environment.name", "deployment.environment")),
)

_OWN_FIELDS = frozenset(
    (
        "user.id",
        "enduser.id",
        "company.id",
        "subscription.id",
        "session.id",
        "resource",
        "exception",
    )
)
# What the tables read, used or not: in `http/dup` the unused twin still holds the secret.
_OWN_PREFIXES = ("http.", "url.", "net.", "network.", "client.", "server.", "user_agent.", "moesif.")

# An attribute's (OTLP's int64), one bit less than JSON encoders take.
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**63 - 1


def is_metadata(name: str) -> bool:
    """Whether an attribute of this name is told in the metadata."""
    return name == "http.route" or not (name in _OWN_FIELDS or name.startswith(_OWN_PREFIXES))


def attribute_metadata(attributes: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The metadata that attributes with these names are."""
    metadata = {}
    for name in names:
        value = attributes[name]
        if value is not None:
            # Most values are text, for which `metadata_value` need not be called.
            metadata[name] = value if value.__class__ is str else metadata_value(value)
    return metadata


def metadata_value(value: Any) -> str | bool | int | float | None:
    """A value of one plain JSON type: Moesif fixes the type of a key when it first sees it.

    Sequences and mappings become JSON text, bytes base64, integers beyond 64 bits and non-finite numbers text.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER else text_of(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return _json_text(value)


def _json_text(value: Any) -> str:
    try:
        return encode(_plain(value)).decode()
    except (*ENCODING_ERRORS, RecursionError):
        return text_of(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {text_of(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [_plain(item) for item in value]
    return metadata_value(value) if isinstance(value, (str, int, float, bytes, bytearray)) else value


def resource_metadata(resource: Resource) -> dict[str, Any]:
    """Which service it was, by the resource attributes that tell."""
    attributes = resource.attributes
    values = {name: _first(map(attributes.get, sources)) for name, sources in _RESOURCE_ATTRIBUTES}
    return {name: metadata_value(value) for name, value in values.items() if value is not None}


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value not in (None, "")), None)


def exception_metadata(span: ReadableSpan) -> dict[str, str]:
    """The type and message of the exception that the span recorded last; empty where it recorded none."""
    for event in reversed(span.events):
        if event.name == "exception" and event.attributes:
            fields = {
                "type": event.attributes.get("exception.type"),
                "message": event.attributes.get("exception.message"),
            }
            return {name: text_of(value) for name, value in fields.items() if value}
    return {}
