"""Keeps other web sites out: a page of theirs must neither read this collector nor post to it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guards:
    """ASGI middleware: refuses foreign hosts and origins, and sets the security headers of every answer.

    A browser that was led here by a name of an attacker's (DNS rebinding) sends that name as Host. So only addresses,
    `localhost` and names that the user gave are answered: an address cannot be rebound.

    Args:
        app: What is guarded.
        hosts: Names that are answered beside addresses and `localhost`.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or refuses it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-cache")  # a newer version has newer scripts
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            return await PlainTextResponse(refusal, status_code=403)(scope, receive, send_guarded)
        return await self._app(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if not self._is_known(host):
            return f"The host {host[:100]!r} is not known here: start the collector with --allow-host to let it in.\n"
        origin = headers.get("origin")
        if origin is not None and _place(origin) != host.lower():
            return "Other web sites have no access.\n"
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not _is_navigation(method, headers):
            return "Other web sites have no access.\n"
        return None

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._hosts or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # `http://[::1`
        return None


def _is_navigation(method: str, headers: Headers) -> bool:
    """Whether a user follows a link: what it leads to stays unreadable for the page that holds the link."""
    return method in {"GET", "HEAD"} and headers.get("sec-fetch-mode") == "navigate"
