"""What the spans of each instrumentation say in another way than the semantic conventions do: a row each.

Whoever reads a span asks the row of its instrumentation scope; no other room knows a scope's name. A span of a scope
without a row is read by the semantic conventions (`CONVENTIONS`). Spans recorded from these instrumentations, with
what was really sent, stand in `tests/spans` and `tests/foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from opentelemetry_exporter_moesif.mapping.escapes import (
    Reading,
    decoded,
    decoded_latin_1,
    decoded_query,
    latin_1,
    latin_1_escapes,
    raw,
    raw_below_a_slash,
    raw_or_decoded,
    raw_or_decoded_latin_1,
    up_to_query,
)
from opentelemetry_exporter_moesif.mapping.numbers import size, size_above_zero

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


def _contrib(*names: str) -> Names:
    """Scopes of OpenTelemetry's own instrumentations for Python."""
    return tuple(f"opentelemetry.instrumentation.{name}" for name in names)


@dataclass(frozen=True, slots=True)
class Row:
    """A dialect, and whose it is.

    Args:
        dialect: The dialect.
        scopes: Names of instrumentation scopes; one that ends with ``*`` stands for all that begin so.
        since: The version of the instrumentation from which on it is, where that is known.
        before: The version from which on it is no more, likewise.
        with_attributes: Attributes that all have to be there.
    """

    dialect: Dialect
    scopes: Names
    since: tuple[int, int] | None = None
    before: tuple[int, int] | None = None
    with_attributes: frozenset[str] = field(default_factory=frozenset)


_WSGI = Dialect(
    title="WSGI: Flask, Falcon, Pyramid, Bottle, …",
    path=decoded_latin_1,
    target=latin_1,
    query=latin_1,
    name=decoded_latin_1,
    port=Port.OF_THE_SOCKET,
    has_latin_1_headers=True,
    lacks=(
        "`Content-Type` and `Content-Length` of a request",
        "in `http` mode the path and query under servers that set neither `RAW_URI` nor `REQUEST_URI`",
    ),
)
_WSGI_ONCE = replace(_WSGI, path=raw_or_decoded_latin_1)
_DJANGO = replace(
    _WSGI,
    title="Django under WSGI",
    path=decoded,
    url_path=latin_1_escapes,
    name=raw_or_decoded,
)
_ASGI = Dialect(
    title="ASGI: FastAPI, Starlette, Django, Litestar, Quart, Sanic, …",
    path=decoded,
    target=decoded,
    url_path=decoded,
    url_query=decoded_query,
    name=decoded,
    no_route=re.compile(r"[A-Z]+ /"),  # Litestar's is the method and the path
    lacks=(
        "escapes in the path: `%2F` comes as `/`",
        "in the default mode escapes in the query, which arrives decoded",
        "in `http` mode the host, where `Host` is not captured",
    ),
)
_AIOHTTP = Dialect(
    title="aiohttp server",
    path=decoded,
    lacks=("the client's address, where no forwarding header is captured", "the status where the handler raised"),
)
_TORNADO = Dialect(title="Tornado", lacks=("headers that are captured by a pattern, not by name",))
_FASTAPI_ITSELF = Dialect(
    title="FastAPI's own instrumentation",
    path=decoded,
    lacks=("the client's address", "any header"),
)
_STARLETTE_ITSELF = Dialect(
    title="Starlette's own instrumentation",
    path=decoded,
    port=Port.OF_THE_SOCKET_AND_HOST_HAS_NONE,
    lacks=("any header", "the port of `Host`"),
)
_GO = Dialect(
    title="Go: net/http, Gin, Echo, Gorilla, Caddy, …",
    path=decoded,
    target=decoded,
    lacks=("the query", "escapes in the path: `%2F` comes as `/`"),
)
_TRAEFIK = Dialect(
    title="Traefik",
    path=decoded,
    client_addresses=("client.socket.address",),  # in 3.0 the whole X-Forwarded-For
    size=size_above_zero,
    lacks=("the values of the query, from 3.1 on", "escapes in the path, and doubled slashes"),
)
_ENVOY = Dialect(
    title="Envoy, Istio",
    client_addresses=("peer.address",),
    user_agents=("user_agent",),
    request_sizes=("request_size",),
    response_sizes=("response_size",),
    size=size_above_zero,
    tells_unanswered=True,
    lacks=("unusual methods", "what is beyond 256 letters of a URL", "any header but the User-Agent"),
)
_NGINX = Dialect(
    title="nginx",
    no_host=re.compile(r"_|~.*|\*.*|\..*|.*\.\*"),  # no name, a regular expression, wildcards
    size=size_above_zero,
    lacks=("`Host`, where a `server_name` is configured", "any header but the User-Agent"),
)
_NODE = Dialect(
    title="Node.js: Express, Fastify, Koa, hapi, Nest, …",
    path=raw_below_a_slash,
    target=raw_below_a_slash,
    has_host_of_path=True,
    reads_port_apart=True,
    lacks=(
        "calls with a target that Node.js cannot parse, and WebSockets",
        "the host in `//host/path`, which is taken for one",
        "the query, with the stable conventions before 0.200",
    ),
)
_NEXT = Dialect(
    title="Next.js",
    lacks=("the host", "the client's address", "headers: the span of Node.js around it has them"),
)
_DENO = Dialect(title="Deno", path=raw_below_a_slash, lacks=("the client's address", "any header"))
_ASP_NET = Dialect(
    title="ASP.NET Core", path=raw, lacks=("the client's address", "the values of the query, unless told otherwise")
)
_RACK = Dialect(
    title="Ruby: Rack, Rails, Sinatra",
    no_host=re.compile("unknown"),
    lacks=("the client's address, where no forwarding header is captured", "the prefix of a mounted application"),
)
_LARAVEL = Dialect(
    title="PHP: Laravel",
    path=up_to_query,
    lacks=("the order of the query's parameters", "any header"),
)
_JAVA = Dialect(title="Java: Tomcat, Jetty, Netty, Spring, …", path=raw)

DIALECTS = (
    Row(_WSGI, _contrib("wsgi", "flask", "falcon", "pyramid.callbacks"), since=(0, 63)),
    Row(_WSGI_ONCE, _contrib("wsgi", "flask", "falcon", "pyramid.callbacks")),
    Row(_ASGI, _contrib("asgi", "fastapi", "starlette")),
    Row(_ASGI, _contrib("django"), with_attributes=frozenset(("http.target", "http.url"))),
    Row(_DJANGO, _contrib("django")),
    Row(replace(_AIOHTTP, target=decoded), _contrib("aiohttp_server"), before=(0, 61)),
    Row(_AIOHTTP, _contrib("aiohttp_server")),
    Row(_TORNADO, _contrib("tornado")),
    Row(_FASTAPI_ITSELF, ("fastapi",)),
    Row(_STARLETTE_ITSELF, ("starlette",)),
    Row(replace(_GO, target=raw), ("go.opentelemetry.io/contrib/instrumentation/*",), before=(0, 38)),
    Row(_GO, ("go.opentelemetry.io/contrib/instrumentation/*",)),
    Row(_TRAEFIK, ("github.com/traefik/traefik*",)),
    Row(_ENVOY, ("envoy",)),
    Row(_ENVOY, ("",), with_attributes=frozenset(("http.protocol", "upstream_cluster", "response_flags"))),
    Row(_NGINX, ("nginx",)),
    Row(_NODE, ("@opentelemetry/instrumentation-http",)),
    Row(_NEXT, ("next.js",)),
    Row(_DENO, ("deno",)),
    Row(_ASP_NET, ("Microsoft.AspNetCore", "OpenTelemetry.Instrumentation.AspNetCore")),
    Row(_RACK, ("OpenTelemetry::Instrumentation::Rack",)),
    Row(_LARAVEL, ("io.opentelemetry.contrib.php.laravel*",)),
    Row(_JAVA, ("io.opentelemetry.*",)),
)
"""The table; of several rows for one scope the first that applies counts."""


def dialect_of(scope: str, version: str | None = None, attributes: Iterable[str] = ()) -> Dialect:
    """The dialect of spans.

    Args:
        scope: The name of their instrumentation scope.
        version: Its version.
        attributes: The names of their attributes.
    """
    names = frozenset(attributes)
    release = _release(version)
    return next((row.dialect for row in _rows(scope) if _applies(row, release, names)), CONVENTIONS)


def serves(scope: str) -> bool:
    """Whether spans of this scope are of calls that an HTTP server answers, whatever kind they were given."""
    return bool(scope) and any(row.dialect.serves for row in _rows(scope))


@lru_cache(maxsize=1024)
def _rows(scope: str) -> tuple[Row, ...]:
    return tuple(row for row in DIALECTS if any(_stands_for(name, scope) for name in row.scopes))


def _stands_for(name: str, scope: str) -> bool:
    return scope.startswith(name[:-1]) if name.endswith("*") else scope == name


def _applies(row: Row, release: tuple[int, int] | None, names: frozenset[str]) -> bool:
    if not row.with_attributes <= names:
        return False
    if release is None:
        return row.since is None and row.before is None
    return (row.since is None or row.since <= release) and (row.before is None or release < row.before)


def _release(version: str | None) -> tuple[int, int] | None:
    """Major and minor of a version."""
    numbers = re.match(r"v?(\d{1,9})\.(\d{1,9})", version or "")
    return (int(numbers[1]), int(numbers[2])) if numbers else None
