"""Whether two spans are of one call, and what one of them knows better than the other."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, RESPONSE_PREFIX
from opentelemetry_exporter_moesif.mapping.metadata import is_metadata
from opentelemetry_exporter_moesif.mapping.span_reader import METHOD_ATTRIBUTES
from opentelemetry_exporter_moesif.replay.call import with_attributes

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.replay.call import Call

_TARGETS = ("url.path", "http.target", "url.full", "http.url")
_TRAITS = (*METHOD_ATTRIBUTES, *_TARGETS)
# Where a call went is what the one that tells it says: its Host and what its proxies added are its own.
_OWN_HEADERS = frozenset(
    f"{REQUEST_PREFIX}{name}"
    for name in ("host", "x_forwarded_host", "x_forwarded_proto", "x_forwarded_port", "forwarded")
)
_FILLED = (REQUEST_PREFIX, RESPONSE_PREFIX)
_FILLED_NAMES = frozenset(
    ("http.route", "user.id", "enduser.id", "company.id", "session.id", "subscription.id", "user_agent.original")
)
# What Node.js knows of when a span begins are whole milliseconds.
_CLOCK_NS = 1_000_000

Traits = tuple[Any, ...]
"""The method of a call, the attributes that tell its path, and when it ended."""


def traits_of(span: ReadableSpan) -> Traits:
    """What a SERVER span tells of its call."""
    attributes = span.attributes or {}
    return (*map(attributes.get, _TRAITS), span.end_time or 0)


def is_same_call(outer: Traits, inner: Traits) -> bool:
    """Whether two SERVER spans that lie under each other have the same method, and the inner path ends the outer."""
    methods = {outer[0] or outer[1], inner[0] or inner[1]} - {"_OTHER"}  # which any unusual one may be
    path, inner_path = _path(outer[2:-1]), _path(inner[2:-1])
    return len(methods) < 2 and inner_path.startswith("/") and path.endswith(inner_path)  # noqa: PLR2004 - they differ


def lies_in(inner: Call, outer: Call) -> bool:
    """Whether two SERVER spans with the same parent are of one call, and the second is the one around the first.

    So it is where a framework's own middleware reads `traceparent` once more inside its server's span: @hono/otel under
    the instrumentation of Node.js. Two calls of one caller are told by one scope, or by different services.
    """
    span, around = inner.span, outer.span
    return (
        _scope(span) != _scope(around)
        and span.resource.attributes == around.resource.attributes
        and (around.start_time or 0) <= (span.start_time or 0) + _CLOCK_NS
        and (span.end_time or 0) <= (around.end_time or 0) + _CLOCK_NS
        and is_same_call(traits_of(around), traits_of(span))
    )


def _scope(span: ReadableSpan) -> str | None:
    return span.instrumentation_scope.name if span.instrumentation_scope else None


def _path(targets: Traits) -> str:
    path, target, *urls = (text if isinstance(text, str) else "" for text in targets)
    if target.startswith("/"):
        path = path or target.partition("?")[0]
    for url in urls:
        with contextlib.suppress(ValueError):
            path = path or urlsplit(url).path
    return unquote(path)


def filled(span: ReadableSpan, other: ReadableSpan) -> ReadableSpan:
    """A span with what another one of its call knows better: route and name, headers, ids, an exception."""
    attributes, others = dict(span.attributes or {}), other.attributes or {}
    known = {name.replace("-", "_") for name in attributes}
    for name, value in others.items():
        plain = name.replace("-", "_")
        if plain not in known and plain not in _OWN_HEADERS and _is_filled(name):
            attributes[name] = value
    if not attributes.get("http.route") and others.get("http.route"):
        attributes["http.route"] = others["http.route"]
    return with_attributes(span, attributes, other)


def _is_filled(name: str) -> bool:
    return name in _FILLED_NAMES or name.startswith(_FILLED) or is_metadata(name)
