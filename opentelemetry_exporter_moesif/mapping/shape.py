"""What the spans of one instrumentation with the same attribute names have in common, found out once for all of them.

A service makes spans of a few dozen shapes, millions of times. Which attributes are captured headers and how they are
written, what goes into the metadata, which names of the other rooms' tables are there at all: none of it depends on a
value. Knowing the shape took a span of 21 attributes from 28 µs to 17 on its way to JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.body import BODY_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.client_address import CLIENT_ATTRIBUTES, LOCAL_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.dialects import dialect_of
from opentelemetry_exporter_moesif.mapping.forwarded import PREFIX_HEADER
from opentelemetry_exporter_moesif.mapping.headers import (
    REQUEST_PREFIX,
    RESPONSE_PREFIX,
    TAGS,
    header_name,
    user_agent,
)
from opentelemetry_exporter_moesif.mapping.identity import ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.metadata import is_metadata
from opentelemetry_exporter_moesif.mapping.origin import ORIGIN_ATTRIBUTES, ORIGIN_HEADERS, Origin
from opentelemetry_exporter_moesif.mapping.span_url import URL_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.target import PATH_ATTRIBUTES, ROUTE_ATTRIBUTE, UsualTarget, usual_target
from opentelemetry_exporter_moesif.remembered import Remembered

if TYPE_CHECKING:
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from opentelemetry_exporter_moesif.mapping.dialect import Dialect
    from opentelemetry_exporter_moesif.mapping.trusted_proxies import TrustedProxies
    from opentelemetry_exporter_moesif.redaction import Redaction


# Whoever calls a service chooses the headers that it sends, and so the shapes: when there are too many, all are
# forgotten, so that the usual ones are soon known again. One whose names take more letters is never remembered.
_LONGEST_NAMES = 4096

# A header that was not captured, the attributes that hold its value all the same, and how they are read.
_USER_AGENT = ("user_agent.original", "http.user_agent")
_REQUEST_SIZE = ("http.request.body.size", "http.request_content_length")
_RESPONSE_SIZE = ("http.response.body.size", "http.response_content_length")

Names = tuple[str, ...]
Substitute = tuple[str, Names, Callable[[Any], str]]


# No NamedTuple: each field of one takes 0.02 µs to read, and a span reads twenty. A slot takes next to nothing.
@dataclass(frozen=True, slots=True)
class HeaderShape:
    """The headers of one side, a request or a response.

    Args:
        captured: The name of the attribute, and that of the header.
        substitutes: A header that was not captured, the attributes that are there for it, and how they are read.
        is_latin_1: Whether each byte of a value was read as a Latin-1 character.
    """

    captured: tuple[tuple[str, str], ...]
    substitutes: tuple[Substitute, ...]
    is_latin_1: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The names that spans of one shape have, sorted by what they are for.

    Args:
        request: The headers of the request.
        response: The headers of the response.
        metadata: Attributes that are told in the metadata.
        dialect: How such spans are to be read.
        origin: Finds their scheme and authority.
        usual_target: Takes path and query out of most of them, where one attribute tells the path.
        has_url: Whether an attribute holds a URL.
        has_path: Whether an attribute tells the path.
        has_lossy_query: Whether the query arrives decoded as a whole: where a value in it ends cannot be known.
        has_route: Whether `http.route` is there.
        forwarding: Forwarding headers, where they count.
        prefix: The attribute that holds `X-Forwarded-Prefix`, where that counts; else "".
        anonymous: Headers whose addresses are cut.
        client_addresses: Attributes that tell the client's address.
        local_addresses: Attributes that tell the server's own.
        secret_headers: Headers of either side whose values may be secrets by their names.
        ids: The event's field, and the attributes that tell it.
        has_body: Whether an attribute holds a body.
        has_own_attributes: Whether there are attributes that are meant for Moesif alone.
    """

    request: HeaderShape
    response: HeaderShape
    metadata: Names
    dialect: Dialect
    origin: Origin
    usual_target: UsualTarget | None
    has_url: bool
    has_path: bool
    has_lossy_query: bool
    has_route: bool
    forwarding: Names
    prefix: str
    anonymous: Names
    client_addresses: Names
    local_addresses: Names
    secret_headers: Names
    ids: tuple[tuple[str, Names], ...]
    has_body: bool
    has_own_attributes: bool


class Shapes(Remembered[Names, Shape]):
    """The shapes that were seen, by name and version of the instrumentation scope and the attributes' names in order.

    Args:
        proxies: What proxies are believed.
        redaction: Tells which headers are secrets'.
        anonymize_ip: Whether addresses are cut.
    """

    def __init__(self, proxies: TrustedProxies, redaction: Redaction, *, anonymize_ip: bool) -> None:
        super().__init__()
        self._tells_by_header = redaction.tells_by_header
        self._proxies = proxies
        self._anonymous = proxies.address_headers if anonymize_ip else ()
        self._last_scope: tuple[InstrumentationScope | None, Names] = (None, ("", ""))

    def of(self, scope: InstrumentationScope | None, attributes: Iterable[str]) -> Shape:
        """The shape of spans of a scope with these attributes."""
        known, name_and_version = self._last_scope
        if scope is not known:  # most spans are of one, and asking it for both each time is two calls more
            name_and_version = (scope.name, scope.version or "") if scope else ("", "")
            self._last_scope = (scope, name_and_version)  # one assignment: another thread never sees half of it
        key = (*name_and_version, *attributes)
        return self[key]

    def find(self, key: Names) -> Shape:
        """The shape of spans with a scope's name and version, and these names of attributes."""
        return self._shape(dialect_of(key[0], key[1], key[2:]), key[2:])

    def is_worth(self, key: Names) -> bool:
        """Whether the names are not too long together: whoever calls chooses those of headers."""
        return sum(map(len, key)) <= _LONGEST_NAMES

    def _shape(self, dialect: Dialect, names: Names) -> Shape:
        request = self._headers(
            names,
            REQUEST_PREFIX,
            dialect,
            (
                ("User-Agent", (*_USER_AGENT, *dialect.user_agents), user_agent),
                ("Content-Length", (*_REQUEST_SIZE, *dialect.request_sizes), dialect.size),
            ),
        )
        response = self._headers(
            names,
            RESPONSE_PREFIX,
            dialect,
            (("Content-Length", (*_RESPONSE_SIZE, *dialect.response_sizes), dialect.size),),
        )
        by_header = {header: attribute for attribute, header in request.captured}
        sources = {header: by_header[header] for header in _in(ORIGIN_HEADERS, by_header)}
        sources.update({name: name for name in _in(ORIGIN_ATTRIBUTES, names)})
        paths = PATH_ATTRIBUTES.intersection(names)
        return Shape(
            request=request,
            response=response,
            metadata=tuple(name for name in names if is_metadata(name) and name not in dialect.own_names),
            dialect=dialect,
            origin=Origin(sources, dialect, trust_forwarded=self._proxies.trust_headers),
            usual_target=usual_target(paths, dialect),
            has_url=not URL_ATTRIBUTES.isdisjoint(names),
            has_path=bool(paths),
            has_lossy_query=dialect.has_lossy_query and "http.url" in names and "url.query" not in names,
            has_route=ROUTE_ATTRIBUTE in names,
            forwarding=_in(self._proxies.forwarding_headers, by_header),
            prefix=by_header.get(PREFIX_HEADER, "") if self._proxies.trust_prefix else "",
            anonymous=_in(self._anonymous, by_header),
            client_addresses=_in((*dialect.client_addresses, *CLIENT_ATTRIBUTES), names),
            local_addresses=_in(LOCAL_ATTRIBUTES, names),
            secret_headers=tuple(filter(self._tells_by_header, _headers_of(request, response))),
            ids=tuple((field, present) for field, table in ID_ATTRIBUTES.items() if (present := _in(table, names))),
            has_body=not BODY_ATTRIBUTES.isdisjoint(names),
            has_own_attributes=any(name.startswith("moesif.") for name in names),
        )

    def _headers(
        self,
        names: Names,
        prefix: str,
        dialect: Dialect,
        substitutes: Iterable[Substitute],
    ) -> HeaderShape:
        start = len(prefix)
        captured = tuple(
            (name, header_name(name[start:])) for name in names if name.startswith(prefix) and name != prefix
        )
        headers = {header for _, header in captured}
        missing = [(header, _in(table, names), read) for header, table, read in substitutes if header not in headers]
        return HeaderShape(
            captured=captured,
            substitutes=tuple(substitute for substitute in missing if substitute[1]),
            is_latin_1=dialect.has_latin_1_headers,
        )


def _headers_of(*sides: HeaderShape) -> Iterator[str]:
    """The names of all headers that an event may have of these."""
    yield TAGS
    for side in sides:
        yield from (header for _, header in side.captured)
        yield from (header for header, _, _ in side.substitutes)


def _in(table: Iterable[str], names: Iterable[str]) -> Names:
    """The names of the table that are there, in the table's order."""
    present = frozenset(names)
    return tuple(name for name in table if name in present)
