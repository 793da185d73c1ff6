"""What instrumentations, servers and frameworks lose of a call before an exporter sees it, row by row.

Each row has its reason, and what an event says instead. Everything that has no row here must be exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from support.calls import Exchange
from support.combinations import SERVICES, Combination

FLASK = ("flask-werkzeug", "flask-gunicorn", "flask-waitress")
#: Served by OpenTelemetry's WSGI or ASGI instrumentation, or one that works as they do.
WSGI = (*FLASK, "django-gunicorn", "falcon-gunicorn", "pyramid-waitress", "wsgiref", "wsgi-gunicorn")
ASGI = ("django-uvicorn", "fastapi-uvicorn", "fastapi-hypercorn", "starlette-uvicorn", "asgi-uvicorn")
OWN = ("fastapi_own-uvicorn", "starlette_own-uvicorn")
WAITRESS = ("flask-waitress", "pyramid-waitress")
GUNICORN = ("flask-gunicorn", "django-gunicorn", "falcon-gunicorn")
UVICORN = ("django-uvicorn", "fastapi-uvicorn", "starlette-uvicorn", "asgi-uvicorn", *OWN)
SERVER_HEADERS = ("date", "server", "connection", "transfer-encoding")
ITEMS = ("query", "post", "purge", "head")
#: Those of the tests of bodies, and the services that only these start.
BODY_CALLS = ("echo", "upload", "release")
BODY_SERVICES = ("wsgi-gunicorn", "litestar-uvicorn", "quart-uvicorn")


@dataclass(frozen=True, kw_only=True)
class Row:
    """Where a loss happens: every condition that is given must hold.

    Attributes:
        reason: Who loses it, and why.
        services: Names of services.
        modes: Of the semantic conventions.
        calls: Names of calls.
        headers: Whether the event's service captures headers, as far as its instrumentation can.
    """

    reason: str
    services: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    headers: bool | None = None

    def applies(self, combination: Combination, exchange: Exchange) -> bool:
        """Returns: whether the loss befalls this call."""
        return all(
            not wanted or found in wanted
            for wanted, found in (
                (self.services, combination.service.name),
                (self.modes, combination.mode),
                (self.calls, exchange.call.name),
                (() if self.headers is None else (self.headers,), captures_headers(combination)),
            )
        )


@dataclass(frozen=True, kw_only=True)
class Fallback(Row):
    """A part of the call that the span does not know, and what the event says instead ({port}: the server's)."""

    part: str
    instead: str


@dataclass(frozen=True, kw_only=True)
class LostHeaders(Row):
    """Headers of the call that the span does not know; no names: none of them."""

    side: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangedHeader(Row):
    """A header whose value is another one where the instrumentation looks."""

    side: str
    name: str
    instead: str


def captures_headers(combination: Combination) -> bool:
    """Returns: whether headers reach the span; the frameworks' own instrumentations never capture any."""
    return combination.captured and combination.service.name not in OWN


FALLBACKS = (
    Fallback(
        part="scheme",
        instead="http",
        services=("flask-werkzeug", "fastapi-hypercorn", "wsgiref", "aiohttp", "tornado"),
        headers=False,
        reason="X-Forwarded-Proto was not captured, and the server does not follow it (gunicorn and uvicorn do)",
    ),
    Fallback(
        part="scheme",
        instead="http",
        services=WAITRESS,
        reason="Waitress removes X-Forwarded-* unless it is told of a trusted proxy",
    ),
    Fallback(
        part="authority",
        instead="127.0.0.1:{port}",
        services=ASGI,
        modes=("http",),
        headers=False,
        reason="ASGI's server.address is the bound socket, and Host was not captured",
    ),
    Fallback(
        part="path",
        instead="/missing/x/%C3%A9",
        services=(*WSGI, "aiohttp", *ASGI, *OWN),
        modes=("http",),
        calls=("missing",),
        reason="url.path is decoded, and with it %2F; only the legacy http.target is raw",
    ),
    Fallback(
        part="path",
        instead="/missing/x/%C3%A9",
        services=("wsgiref", *ASGI, *OWN),
        modes=("old", "http-dup"),
        calls=("missing",),
        reason="there is no raw target: ASGI's http.target is decoded as well, and wsgiref keeps none",
    ),
    Fallback(
        part="path",
        instead="/",
        services=("wsgiref",),
        modes=("http",),
        calls=("purge",),
        reason="wsgiref keeps no raw target, so no url.path; an unknown method leaves no path in the name either",
    ),
    Fallback(
        part="query",
        instead="",
        services=("wsgiref",),
        modes=("http",),
        calls=("query",),
        reason="wsgiref keeps no raw target, so no url.query; the span's name has the path alone",
    ),
    Fallback(
        part="query",
        instead="q=a+b%26c&z=%C3%A9&sig=REDACTED",
        services=("aiohttp", "tornado", "fastapi_own-uvicorn"),
        calls=("query",),
        reason="the instrumentation decodes the query and encodes it anew: a space comes back as +",
    ),
    Fallback(
        part="query",
        instead="q=a+b%26c&z=%C3%A9&sig=REDACTED",
        services=("wsgiref",),
        modes=("old", "http-dup"),
        calls=("query",),
        reason="only http.url has the query, decoded and encoded anew",
    ),
    Fallback(
        part="query",
        instead="q=a+b&z=%C3%A9&sig=REDACTED",
        services=ASGI,
        modes=("old",),
        calls=("query",),
        reason="only http.url has the query, decoded before it is parsed: what followed %26 is gone",
    ),
    Fallback(
        part="verb",
        instead="_OTHER",
        services=(
            *(*FLASK, "django-gunicorn", "pyramid-waitress", "wsgiref", "aiohttp", "tornado"),
            *("django-uvicorn", "fastapi-uvicorn", "fastapi-hypercorn", "asgi-uvicorn"),
        ),
        modes=("old",),
        calls=("purge",),
        reason="the legacy names have no place for an unusual method, and the span's name says HTTP, or no method at all",
    ),
    Fallback(
        part="ip_address",
        instead="127.0.0.1",
        services=("flask-werkzeug", *GUNICORN, "fastapi-hypercorn", "wsgiref", "tornado"),
        calls=("query",),
        headers=False,
        reason="X-Forwarded-For was not captured: what is left is who connected, the proxy",
    ),
    Fallback(
        part="ip_address",
        instead="127.0.0.1",
        services=WAITRESS,
        calls=("query",),
        reason="Waitress removes X-Forwarded-* unless it is told of a trusted proxy",
    ),
    Fallback(
        part="ip_address",
        instead="10.0.0.1",
        services=UVICORN,
        calls=("query",),
        headers=False,
        reason="uvicorn takes the right-most address of X-Forwarded-For that is not a trusted proxy",
    ),
    Fallback(
        part="ip_address",
        instead="0.0.0.0",
        services=("fastapi_own-uvicorn",),
        reason="FastAPI's own instrumentation notes no client address",
    ),
    Fallback(
        part="ip_address",
        instead="0.0.0.0",
        services=("aiohttp",),
        headers=False,
        reason="aiohttp's instrumentation notes no client address",
    ),
    Fallback(
        part="ip_address",
        instead="0.0.0.0",
        services=("aiohttp",),
        calls=("post", "missing", "boom", "stream", "purge", "head", *BODY_CALLS),
        headers=True,
        reason="aiohttp's instrumentation notes no client address, and no forwarding header was sent",
    ),
)

LOST_HEADERS = (
    LostHeaders(side="response", headers=False, reason="headers were not captured"),
    LostHeaders(
        side="response",
        services=(*(service.name for service in SERVICES if service.name != "aiohttp"), *BODY_SERVICES),
        names=SERVER_HEADERS,
        reason="added by the server after the instrumentation saw the answer",
    ),
    LostHeaders(
        side="response",
        services=("aiohttp",),
        names=(*SERVER_HEADERS, "content-length"),
        calls=(*ITEMS, *BODY_CALLS),
        reason="added when the answer is written; a stream's are there when it begins",
    ),
    LostHeaders(
        side="response",
        services=("starlette-uvicorn", "asgi-uvicorn", "wsgiref", "aiohttp", "pyramid-waitress"),
        calls=("boom",),
        reason="the exception passes the instrumentation, and the error page is made outside of it",
    ),
    LostHeaders(
        side="response",
        services=("aiohttp",),
        calls=("missing",),
        reason="aiohttp's 404 is an exception to its instrumentation",
    ),
    LostHeaders(
        side="response",
        services=("falcon-gunicorn",),
        names=("content-type", "content-length", "set-cookie"),
        calls=(*ITEMS, *BODY_CALLS),
        reason="Falcon keeps its own defaults and cookies elsewhere until the answer is written",
    ),
    LostHeaders(
        side="response",
        services=("falcon-gunicorn",),
        names=("content-length",),
        reason="Falcon adds it when the answer is written",
    ),
    LostHeaders(
        side="response",
        services=("pyramid-waitress",),
        names=("content-type", "content-length"),
        calls=ITEMS,
        reason="Pyramid's instrumentation reads the headers that were set, not those of the body",
    ),
    LostHeaders(
        side="response",
        services=("tornado",),
        names=("etag", "vary"),
        reason="Tornado's instrumentation captures only headers it is told by name; these were not",
    ),
    LostHeaders(
        side="response",
        services=("tornado",),
        names=("content-length",),
        calls=("missing", "boom"),
        reason="Tornado adds it when the error page is written",
    ),
    LostHeaders(
        side="request",
        services=WSGI,
        names=("content-type", "content-length"),
        reason="WSGI has them outside of its HTTP_* variables, the only ones that are captured",
    ),
    LostHeaders(
        side="request",
        services=WAITRESS,
        names=("x-forwarded-for", "x-forwarded-proto"),
        reason="Waitress removes X-Forwarded-* unless it is told of a trusted proxy",
    ),
)

CHANGED_HEADERS = (
    ChangedHeader(
        side="request",
        name="x-dup",
        instead="1, 2",
        services=WAITRESS,
        reason="Waitress joins several values of one name with a comma and a space",
    ),
    ChangedHeader(
        side="request",
        name="x-dup",
        instead="2",
        services=("aiohttp",),
        reason="aiohttp's instrumentation keeps the last of several values",
    ),
    ChangedHeader(
        side="response",
        name="content-length",
        instead="0",
        services=("pyramid-waitress",),
        calls=("missing",),
        reason="Pyramid writes the page of an HTTP exception after the instrumentation saw it",
    ),
    ChangedHeader(
        side="response",
        name="content-type",
        instead="text/html; charset=UTF-8",
        services=("pyramid-waitress",),
        calls=("missing",),
        reason="Pyramid chooses the type of an HTTP exception's page when it writes the page",
    ),
)
