"""What other people's servers do not tell of a call in their spans, row by row, each with its reason.

Everything that has no row here must be exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from support.foreign_spans import ForeignCall

NODE = ("js-",)
OF_A_PROXY = ("xff", "fwd")

Instead = str | int | None | Callable[[ForeignCall, Any], Any]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A part of a call that a span does not know.

    Attributes:
        servers: How the names of the recordings begin.
        part: The part of the event.
        instead: What the event says instead: a value, or what makes one of the call and the right value.
        reason: Who loses it, and why.
        calls: Names of the calls; none: all of them.
    """

    servers: tuple[str, ...]
    part: str
    instead: Instead
    reason: str
    calls: tuple[str, ...] = ()

    def applies(self, recording: str, call: ForeignCall) -> bool:
        """Returns: whether it befalls this call."""
        return recording.startswith(self.servers) and (not self.calls or call.name in self.calls)

    def value(self, call: ForeignCall, right: Any) -> Any:
        """Returns: what the event says."""
        return self.instead(call, right) if callable(self.instead) else self.instead


@dataclass(frozen=True, kw_only=True)
class NoSpan:
    """Calls that a server makes no span of."""

    servers: tuple[str, ...]
    calls: tuple[str, ...]
    reason: str

    def applies(self, recording: str, call: ForeignCall) -> bool:
        """Returns: whether this call has none."""
        return recording.startswith(self.servers) and call.name in self.calls


def _host(call: ForeignCall, _right: Any) -> str:
    return call.headers.get("host", "localhost")


def _peer(call: ForeignCall, _right: Any) -> str:
    return "::1" if call.ipv6 else "127.0.0.1"


def _with_values_masked(_call: ForeignCall, query: Any) -> str:
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return "&".join(f"{name}=REDACTED" for name in names)


def _parsed_again(_call: ForeignCall, query: Any) -> str:
    parts = [part.partition("=") for part in query.split("&")]
    return "&".join(f"{name}={quote(unquote(value), safe='+ ').replace(' ', '+')}" for name, _, value in parts)


LOSSES = (
    Loss(servers=("caddy",), part="query", instead="", reason="Go's instrumentation notes no query"),
    Loss(
        servers=("caddy", "traefik"),
        part="path",
        instead="/items/a/b%3Fc",
        calls=("slash",),
        reason="Go's own path is decoded, and with it %2F",
    ),
    Loss(
        servers=("traefik",),
        part="query",
        instead=_with_values_masked,
        reason="Traefik masks every value and sorts the names",
    ),
    Loss(
        servers=("traefik",),
        part="path",
        instead="/items/x",
        calls=("dblslash",),
        reason="Traefik makes one slash of two before it makes a span",
    ),
    Loss(
        servers=("traefik", "deno", *NODE),
        part="path",
        instead="/items/1",
        calls=("dots",),
        reason="their parsers of URLs resolve dot segments",
    ),
    Loss(
        servers=NODE,
        part="path",
        instead="//x",
        calls=("dblslash",),
        reason="Node's instrumentation takes what stands between // and / for a host",
    ),
    Loss(
        servers=("js-0.223",),
        part="query",
        instead=_parsed_again,
        calls=("query", "qmark"),
        reason="since 0.200 the query is parsed and written anew",
    ),
    Loss(
        servers=("js-0.57-express.http",),
        part="query",
        instead="",
        reason="0.57 notes no query under the stable conventions",
    ),
    Loss(
        servers=("envoy",),
        part="query",
        instead=lambda call, query: query[: 256 - len(call.target.partition("?")[0]) - 1],
        calls=("long",),
        reason="Envoy cuts paths after 256 bytes, as it is configured",
    ),
    Loss(
        servers=("envoy",),
        part="verb",
        instead="_OTHER",
        calls=("propfind", "purge"),
        reason="Envoy writes _OTHER for methods that it does not know",
    ),
    Loss(
        servers=("caddy", "deno", "js-0.57-http.old", "next-16"),
        part="scheme",
        instead="http",
        calls=OF_A_PROXY,
        reason="X-Forwarded-Proto was not captured",
    ),
    Loss(
        servers=("envoy", "traefik"),
        part="scheme",
        instead="http",
        calls=("fwd",),
        reason="neither knows the header Forwarded",
    ),
    Loss(
        servers=("caddy", "deno", "envoy", "js-0.57-http.old"),
        part="authority",
        instead=_host,
        calls=OF_A_PROXY,
        reason="X-Forwarded-Host was not captured",
    ),
    Loss(
        servers=("traefik",),
        part="authority",
        instead=_host,
        calls=("fwd",),
        reason="Traefik does not know the header Forwarded",
    ),
    Loss(
        servers=("caddy", "traefik", "js-0.223", "js-0.57-express"),
        part="authority",
        instead="localhost",
        calls=("nohost10",),
        reason="the caller named no host",
    ),
    Loss(
        servers=("deno", "js-0.57-fastify", "js-0.57-http"),
        part="authority",
        instead=lambda call, _: f"localhost:{call.port}",
        calls=("nohost10",),
        reason="the caller named no host",
    ),
    Loss(
        servers=("caddy", "traefik", "envoy", "js-0.57-http.old"),
        part="ip_address",
        instead=_peer,
        calls=("fwd",),
        reason="Forwarded was not captured, and none of them reads it",
    ),
    Loss(
        servers=("envoy",),
        part="ip_address",
        instead=_peer,
        calls=("xff", "xff6"),
        reason="Envoy's peer.address is who is connected, and it captures no header",
    ),
    Loss(servers=("deno", "next-16"), part="ip_address", instead="0.0.0.0", reason="they note no client address"),
    Loss(servers=("next-16",), part="authority", instead="localhost", reason="Next.js notes no host"),
    Loss(
        servers=("caddy", "deno", "js-0.57", "js-0.223-express", "js-0.223-http"),
        part="status",
        instead=200,
        calls=("abort",),
        reason="the caller left, and the span says what the handler had answered",
    ),
    Loss(
        servers=("js-0.223-next-16", "next-16"),
        part="status",
        instead=404,
        calls=("abort",),
        reason="the same, and Next.js had no such page",
    ),
    Loss(
        servers=("traefik",),
        part="status",
        instead=499,
        calls=("abort",),
        reason="Traefik's own for a caller that left",
    ),
    Loss(
        servers=("traefik",),
        part="status",
        instead=200,
        calls=("websocket",),
        reason="Traefik notes no status of an upgraded connection",
    ),
)

NO_SPANS = (
    NoSpan(servers=("caddy", "envoy", "traefik"), calls=("options*",), reason="answered before the instrumentation"),
    NoSpan(servers=("envoy", "js-", "next-16"), calls=("rawutf8",), reason="refused before the instrumentation"),
    NoSpan(servers=("envoy",), calls=("nohost10",), reason="refused: HTTP/1.0 without a host"),
    NoSpan(
        servers=("js-0.223", "js-0.57-express", "js-0.57-http", "next-16"),
        calls=("websocket",),
        reason="Node's instrumentation sees no upgrade",
    ),
    NoSpan(servers=("next-16",), calls=("dblslash", "absolute"), reason="redirected before Next.js makes a span"),
)

#: Headers that a proxy adds, or writes in another way.
ADDED_HEADERS = {
    "traefik": ("x-forwarded-host", "x-forwarded-proto"),
}
