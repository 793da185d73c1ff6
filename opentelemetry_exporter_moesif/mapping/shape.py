"""What the spans of one instrumentation with the same attribute names have in common, found out once for all of them.

A service makes spans of a few dozen shapes, millions of times. Which attributes are captured headers and how they are
written, what goes into the metadata, which names of the other rooms' tables are there at all: none of it depends on a
value. Knowing the shape took a span of 21 attributes from 28 µs to 17 on its way to JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from opentelemetry_exporter_moesif.mapping.body import BODY_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.client_address import CLIENT_ATTRIBUTES, FORWARDING_HEADERS, LOCAL_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, RESPONSE_PREFIX, TAGS, header_name
from opentelemetry_exporter_moesif.mapping.identity import ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.metadata import is_metadata
from opentelemetry_exporter_moesif.mapping.redaction import URL_HEADERS
from opentelemetry_exporter_moesif.mapping.uri import (
    ORIGIN_ATTRIBUTES,
    ORIGIN_HEADERS,
    TARGET_ATTRIBUTE,
    URL_ATTRIBUTES,
    Origins,
)

# Whoever calls a service chooses the headers that it sends, and so the shapes: when there are too many, all are
# forgotten, so that the usual ones are soon known again. One whose names take more letters is never remembered.
_MOST_SHAPES = 1024
_LONGEST_NAMES = 4096

# A header that was not captured, and the attributes that hold its value all the same.
_REQUEST_SUBSTITUTES = {
    "User-Agent": ("user_agent.original", "http.user_agent"),
    "Content-Length": ("http.request.body.size", "http.request_content_length"),
}
_RESPONSE_SUBSTITUTES = {"Content-Length": ("http.response.body.size", "http.response_content_length")}

Names = tuple[str, ...]


# No NamedTuple: each field of one takes 0.02 µs to read, and a span reads twenty. A slot takes next to nothing.
@dataclass(frozen=True, slots=True)
class HeaderShape:
    """The headers of one side, a request or a response.

    Args:
        captured: The name of the attribute, and that of the header.
        substitutes: A header that was not captured, and the attributes that are there for it.
        masked: Headers whose values must not leave, where an event has them.
        with_urls: Headers whose values are URLs.
    """

    captured: tuple[tuple[str, str], ...]
    substitutes: tuple[tuple[str, Names], ...]
    masked: Names
    with_urls: Names


@dataclass(frozen=True, slots=True)
class Shape:
    """The names that spans of one shape have, sorted by what they are for.

    Args:
        request: The headers of the request.
        response: The headers of the response.
        metadata: Attributes that are told in the metadata.
        scope: The name of the instrumentation scope, which tells its quirks.
        origins: The schemes and authorities that such spans told.
        origin_values: Takes what tells them out of a span's attributes.
        has_target: Whether an attribute holds the request's own target.
        has_url: Whether an attribute holds a URL.
        forwarding: Forwarding headers, where they count.
        client_addresses: Attributes that tell the client's address.
        local_addresses: Attributes that tell the server's own.
        ids: The event's field, and the attributes that tell it.
        has_body: Whether an attribute holds a body.
        has_own_attributes: Whether there are attributes that are meant for Moesif alone.
    """

    request: HeaderShape
    response: HeaderShape
    metadata: Names
    scope: str
    origins: Origins
    origin_values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    has_target: bool
    has_url: bool
    forwarding: Names
    client_addresses: Names
    local_addresses: Names
    ids: tuple[tuple[str, Names], ...]
    has_body: bool
    has_own_attributes: bool


class Shapes(dict[Names, Shape]):
    """The shapes that were seen, by the name of the instrumentation scope and those of the attributes in their order.

    Args:
        redacted_headers: Headers whose values must not leave, as events show them.
        trust_forwarded: Whether forwarding headers count.
    """

    def __init__(self, redacted_headers: frozenset[str], *, trust_forwarded: bool) -> None:
        super().__init__()
        self._redacted_headers = redacted_headers
        self._trust_forwarded = trust_forwarded

    def __missing__(self, names: Names) -> Shape:
        shape = self._shape(names[0], names[1:])
        if sum(map(len, names)) > _LONGEST_NAMES:
            return shape
        if len(self) >= _MOST_SHAPES:
            self.clear()
        self[names] = shape
        return shape

    def _shape(self, scope: str, names: Names) -> Shape:
        request = self._headers(names, REQUEST_PREFIX, _REQUEST_SUBSTITUTES)
        by_header = {header: attribute for attribute, header in request.captured}
        origin = {header: by_header[header] for header in _in(ORIGIN_HEADERS, by_header)}
        origin.update({name: name for name in _in(ORIGIN_ATTRIBUTES, names)})
        return Shape(
            request=request,
            response=self._headers(names, RESPONSE_PREFIX, _RESPONSE_SUBSTITUTES),
            metadata=tuple(filter(is_metadata, names)),
            scope=scope,
            origins=Origins(tuple(origin), scope, trust_forwarded=self._trust_forwarded),
            origin_values=_values_of(tuple(origin.values())),
            has_target=TARGET_ATTRIBUTE in names,
            has_url=not URL_ATTRIBUTES.isdisjoint(names),
            forwarding=_in(FORWARDING_HEADERS, by_header) if self._trust_forwarded else (),
            client_addresses=_in(CLIENT_ATTRIBUTES, names),
            local_addresses=_in(LOCAL_ATTRIBUTES, names),
            ids=tuple((field, present) for field, table in ID_ATTRIBUTES.items() if (present := _in(table, names))),
            has_body=not BODY_ATTRIBUTES.isdisjoint(names),
            has_own_attributes=any(name.startswith("moesif.") for name in names),
        )

    def _headers(self, names: Names, prefix: str, substitutes: Mapping[str, Names]) -> HeaderShape:
        start = len(prefix)
        captured = tuple(
            (name, header_name(name[start:])) for name in names if name.startswith(prefix) and name != prefix
        )
        headers = {header for _, header in captured}
        missing = ((header, _in(table, names)) for header, table in substitutes.items() if header not in headers)
        return HeaderShape(
            captured=captured,
            substitutes=tuple((header, present) for header, present in missing if present),
            masked=_in(self._redacted_headers, {*headers, *substitutes, TAGS}),
            with_urls=_in(URL_HEADERS, headers),
        )


def _in(table: Iterable[str], names: Iterable[str]) -> Names:
    """The names of the table that are there, in the table's order."""
    present = frozenset(names)
    return tuple(name for name in table if name in present)


def _values_of(names: Names) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Takes the values of these attributes out of a span's."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda attributes: tuple(attributes[name] for name in names)
