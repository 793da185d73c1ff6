"""Reads a span's HTTP attributes, by their stable and their legacy names, from tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry_exporter_moesif.mapping.headers import (
    REQUEST_PREFIX,
    RESPONSE_PREFIX,
    Headers,
    header_name,
    header_value,
)
from opentelemetry_exporter_moesif.mapping.metadata import is_metadata, metadata_value

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_METHOD = ("http.request.method", "http.method")
_STATUS = ("http.response.status_code", "http.status_code")
_OTHER = "_OTHER"
_NO_VERB = "HTTP"  # what the semantic conventions put into the name of such a span
_NAME_WITH_VERB = re.compile(r"(?P<verb>[A-Z]+) ")
_VALID_STATUS = range(100, 1000)

# A header that was not captured, and the attributes that hold its value all the same.
_REQUEST_SUBSTITUTES = {
    "User-Agent": ("user_agent.original", "http.user_agent"),
    "Content-Length": ("http.request.body.size", "http.request_content_length"),
}
_RESPONSE_SUBSTITUTES = {"Content-Length": ("http.response.body.size", "http.response_content_length")}


class SortedAttributes(NamedTuple):
    """A span's attributes, each in its place."""

    request_headers: Headers
    response_headers: Headers
    metadata: dict[str, Any]


class _Place(NamedTuple):
    part: int
    """The index of a field of `SortedAttributes`; -1 for what is read by its name, or not sent at all."""
    name: str


_NOWHERE = _Place(-1, "")
_METADATA = SortedAttributes._fields.index("metadata")
_HEADER_PREFIXES = ((REQUEST_PREFIX, 0), (RESPONSE_PREFIX, 1))
_MOST_PLACES = 4096


def _place(name: str) -> _Place:
    for prefix, index in _HEADER_PREFIXES:
        if name.startswith(prefix):
            return _Place(index, header_name(name[len(prefix) :])) if name != prefix else _NOWHERE
    return _Place(_METADATA, name) if is_metadata(name) else _NOWHERE


class _Places(dict[str, _Place]):
    """Where each attribute goes, by its name; remembered for as many names as a service plausibly has."""

    def __missing__(self, name: str) -> _Place:
        place = _place(name)
        if len(self) < _MOST_PLACES:
            self[name] = place
        return place


_PLACES = _Places()


def attributes_of(span: ReadableSpan) -> Mapping[str, Any]:
    """A span's attributes as a plain dict: one copy costs a tenth of twenty look-ups through the SDK's locks."""
    attributes = span.attributes
    return attributes.copy() if attributes else {}  # type: ignore[attr-defined]  # the SDK gives a MappingProxyType


def sort_attributes(attributes: Mapping[str, Any]) -> SortedAttributes:
    """Gathers captured headers under the names that HTTP gives them, and what belongs into the metadata."""
    result = SortedAttributes({}, {}, {})
    for name, value in attributes.items():
        index, key = _PLACES[name]
        if index == _METADATA:
            if value is not None:
                result.metadata[key] = metadata_value(value)
        elif index >= 0:
            result[index][key] = header_value(value)
    _substitute(attributes, result.request_headers, _REQUEST_SUBSTITUTES)
    _substitute(attributes, result.response_headers, _RESPONSE_SUBSTITUTES)
    return result


def _substitute(attributes: Mapping[str, Any], headers: Headers, substitutes: Mapping[str, tuple[str, ...]]) -> None:
    for header, names in substitutes.items():
        if header not in headers:
            for name in names:
                value = attributes.get(name)
                if isinstance(value, (str, int)) and value != "":
                    headers[header] = str(value)
                    break


def is_http(span: ReadableSpan) -> bool:
    """Whether a span is of an HTTP call."""
    attributes = span.attributes
    return bool(attributes) and any(name in attributes for name in _METHOD)  # type: ignore[operator]  # not None


def verb(attributes: Mapping[str, Any], span_name: str) -> str | None:
    """The HTTP method, or None where the span is of no HTTP call."""
    for name in _METHOD:
        method = attributes.get(name)
        if isinstance(method, str) and method:
            return _unusual_verb(attributes, span_name) if method == _OTHER else method
    return None


def _unusual_verb(attributes: Mapping[str, Any], span_name: str) -> str:
    """A method that the semantic conventions do not list. Legacy spans tell it in their name, or not at all."""
    original = attributes.get("http.request.method_original")
    if isinstance(original, str) and original:
        return original
    named = _NAME_WITH_VERB.match(span_name)
    return named["verb"] if named and named["verb"] != _NO_VERB else _OTHER


def status(attributes: Mapping[str, Any], *, failed: bool) -> int | None:
    """The HTTP status code: 500 where none was recorded and the span failed, else None."""
    for name in _STATUS:
        code = attributes.get(name)
        if isinstance(code, int) and code in _VALID_STATUS:
            return int(code)
    return 500 if failed else None
