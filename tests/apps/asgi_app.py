"""The routes as bare ASGI, with OpenTelemetry's middleware."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import answers
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def routes(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    path = scope["path"]
    if path == "/boom":
        answers.boom()
    elif path == "/stream":
        await answer(send, 200, {"Content-Type": "text/plain"}, answers.CHUNKS)
    elif not path.startswith("/items/"):
        await answer(send, 404, {"Content-Type": "text/plain", "Content-Length": "9"}, [b"not found"])
    else:
        posted = scope["method"] == "POST"
        body = (await receive())["body"] if posted else json.dumps({"item": int(path.removeprefix("/items/"))}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **answers.HEADERS}
        await answer(send, 201 if posted else 200, headers, [body])


async def answer(send: Send, status: int, headers: dict[str, str], chunks: Iterable[bytes]) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "lifespan":
        return await routes(scope, receive, send)
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})
    return None


app = OpenTelemetryMiddleware(application)
