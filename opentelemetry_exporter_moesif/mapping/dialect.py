"""How the spans of one instrumentation are to be read: what a row of the table of dialects is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.escapes import (
    Reading,
    decoded,
    decoded_query,
    raw,
    raw_below_a_slash,
    raw_or_decoded,
    up_to_query,
)
from opentelemetry_exporter_moesif.mapping.numbers import size

if TYPE_CHECKING:
    import re

Names = tuple[str, ...]


class Port(Enum):
    """Whose port the attribute beside the server's address tells."""

    OF_THE_ADDRESS = "the address's own"
    OF_THE_SOCKET = "that of the socket, while the address is the Host header with its own port"
    OF_THE_SOCKET_AND_HOST_HAS_NONE = "that of the socket, while the address is the Host header without its port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the spans of one instrumentation are to be read.

    Args:
        title: What it is called in the documentation.
        serves: Whether it makes spans of calls that an HTTP server answers.
        path: How `url.path` is written.
        target: How `http.target` is written; a decoded one is the path alone, whatever "?" it holds.
        query: How `url.query` is written.
        url_path: How the path in `http.url` is written.
        url_query: How the query in `http.url` is written.
        name: How a path in the span's name is written.
        port: Whose port is told beside the server's address.
        has_host_of_path: Whether the host in `http.url` may be a part of the path, and so is asked last.
        no_host: What stands where a host should, and is none.
        reads_port_apart: Whether scheme and port come from different headers, so that port 443 says more than ``http``.
        client_addresses: Attributes that tell the client's address before the usual ones.
        user_agents: Attributes that tell the User-Agent beside the usual ones.
        request_sizes: Attributes that tell the size of the request's body beside the usual ones.
        response_sizes: Likewise of the response's.
        size: How the size of a body is read: whether 0 was a header, or no body.
        has_latin_1_headers: Whether each byte of a header was read as a Latin-1 character.
        has_sockets: Whether a span with the status 101 is of a WebSocket, for as long as that is open.
        tells_unanswered: Whether a status of 0 says that the client left before there was an answer.
        no_route: What an `http.route` looks like that is none.
        lacks: What its spans do not hold, for the documentation.
    """

    title: str
    serves: bool = True
    path: Reading = raw_or_decoded
    target: Reading = raw
    query: Reading = raw
    url_path: Reading = raw
    url_query: Reading = raw
    name: Reading = raw_or_decoded
    port: Port = Port.OF_THE_ADDRESS
    has_host_of_path: bool = False
    no_host: re.Pattern[str] | None = None
    reads_port_apart: bool = False
    client_addresses: Names = ()
    user_agents: Names = ()
    request_sizes: Names = ()
    response_sizes: Names = ()
    size: Callable[[Any], str] = size
    has_latin_1_headers: bool = False
    has_sockets: bool = False
    tells_unanswered: bool = False
    no_route: re.Pattern[str] | None = None
    lacks: Names = ()

    @property
    def has_raw_target(self) -> bool:
        """Whether `http.target` holds the query, too."""
        return self.target is not decoded

    @property
    def has_usual_paths(self) -> bool:
        """Whether an `url.path` that needs no encoding is as it was sent."""
        return self.path not in (raw_below_a_slash, up_to_query)

    @property
    def has_lossy_query(self) -> bool:
        """Whether the query in `http.url` was decoded as a whole, so that where a value ends cannot be known."""
        return self.url_query is decoded_query

    def is_route(self, route: Any) -> bool:
        """Whether an `http.route` is one: aiohttp's is empty where none matched."""
        return route != "" and (self.no_route is None or self.no_route.match(str(route)) is None)

    @property
    def own_names(self) -> frozenset[str]:
        """Attributes that are read by other names than the conventions', and so are no metadata."""
        return frozenset((*self.client_addresses, *self.user_agents, *self.request_sizes, *self.response_sizes))


CONVENTIONS = Dialect(title="the semantic conventions", serves=False)
"""The row of everybody else."""
