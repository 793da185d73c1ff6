"""Reads a span's HTTP attributes, by their stable and their legacy names, from tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.http_syntax import TOKEN
from opentelemetry_exporter_moesif.mapping.headers import header_value, reread
from opentelemetry_exporter_moesif.mapping.numbers import whole_number

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.headers import Headers
    from opentelemetry_exporter_moesif.mapping.shape import HeaderShape

METHOD_ATTRIBUTES = ("http.request.method", "http.method")
SWITCHING_PROTOCOLS = 101
"""The status after which a connection speaks another protocol: that of a WebSocket. The compiled renderer leaves it."""

_STATUS = ("http.response.status_code", "http.status_code")
_OTHER = "_OTHER"
_USUAL_VERBS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))
_TOKEN = re.compile(TOKEN)
_NO_VERB = "HTTP"  # what the semantic conventions put into the name of such a span
_NAME_WITH_VERB = re.compile(r"(?P<verb>[A-Z]+) ")
_FIRST_STATUS, _LAST_STATUS = 100, 999


def attributes_of(span: ReadableSpan) -> Mapping[str, Any]:
    """A span's attributes as a plain dict: one copy costs a tenth of twenty look-ups through the SDK's locks."""
    # The SDK gives a MappingProxyType, never None.
    return span.attributes.copy()  # type: ignore[union-attr, no-any-return]


def headers_of(attributes: Mapping[str, Any], shape: HeaderShape) -> Headers:
    """The headers of a request or a response under the names that HTTP gives them, secrets and all."""
    headers: Headers = {}
    for attribute, name in shape.captured:
        value: Any = attributes[attribute]
        only: Any
        # A tuple of one text, nearly always, for which no function need be called.
        if value.__class__ is tuple:
            try:
                (only,) = value
            except ValueError:
                only = None
            headers[name] = only if only.__class__ is str else header_value(value)
        else:
            headers[name] = header_value(value)
    for header, names, read in shape.substitutes:
        for name in names:
            text = read(attributes[name])
            if text:
                headers[header] = text
                break
    if shape.is_latin_1:
        for text in headers.values():
            if not text.isascii():
                reread(headers)
                break
    return headers


def is_call(attributes: Mapping[str, Any]) -> bool:
    """Whether a span with these attributes is of an HTTP call: a WebSocket's or a gRPC server's has no method."""
    method, legacy_method = METHOD_ATTRIBUTES
    return method in attributes or legacy_method in attributes


def verb(attributes: Mapping[str, Any], span_name: str) -> str | None:
    """The HTTP method, or None where the span is of no HTTP call."""
    for name in METHOD_ATTRIBUTES:
        method = attributes.get(name)
        if isinstance(method, str) and method:
            return method if method in _USUAL_VERBS else _unusual_verb(attributes, span_name, method)
    return None


def _unusual_verb(attributes: Mapping[str, Any], span_name: str, method: str) -> str:
    """A method that the semantic conventions do not list. Legacy spans tell it in their name, or not at all."""
    for verb in (method, attributes.get("http.request.method_original")):
        if isinstance(verb, str) and verb != _OTHER and _TOKEN.fullmatch(verb):
            return verb
    named = _NAME_WITH_VERB.match(span_name)
    return named["verb"] if named and named["verb"] != _NO_VERB else _OTHER


def status(attributes: Mapping[str, Any]) -> int | None:
    """The HTTP status code; 0 where the span says that, None where none was recorded."""
    code: int | None = None
    for name in _STATUS:
        value = attributes.get(name)
        if value is None:
            continue
        code = value if value.__class__ is int else whole_number(value)  # nearly always it is one
        if code is not None and _FIRST_STATUS <= code <= _LAST_STATUS:
            return code
    return 0 if code == 0 else None
