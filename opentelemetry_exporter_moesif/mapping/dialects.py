"""What the spans of each instrumentation say in another way than the semantic conventions do: a row each.

Whoever reads a span asks the row of its instrumentation scope; no other room knows a scope's name. A span of a scope
without a row is read by the semantic conventions (`CONVENTIONS`). Spans recorded from these instrumentations, with
what was really sent, stand in `tests/spans` and `tests/foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from opentelemetry_exporter_moesif.mapping.dialect import CONVENTIONS, Dialect, Names, Port
from opentelemetry_exporter_moesif.mapping.escapes import (
    decoded,
    decoded_latin_1,
    decoded_query,
    first_of_two,
    latin_1,
    latin_1_escapes,
    raw,
    raw_below_a_slash,
    raw_or_decoded,
    raw_or_decoded_latin_1,
    up_to_query,
)
from opentelemetry_exporter_moesif.mapping.numbers import size_above_zero


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
    has_sockets=True,
    lacks=("the client's address, where no forwarding header is captured", "the status where the handler raised"),
)
_TORNADO = Dialect(title="Tornado", has_sockets=True, lacks=("headers that are captured by a pattern, not by name",))
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
    Row(replace(_DJANGO, path=raw_or_decoded), _contrib("django"), before=(0, 63)),
    Row(_DJANGO, _contrib("django")),
    Row(replace(_AIOHTTP, target=decoded, url_query=first_of_two), _contrib("aiohttp_server"), before=(0, 61)),
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
