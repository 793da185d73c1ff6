"""What bodies pass through without any framework, under OpenTelemetry's ASGI middleware."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from streamed import chunks_later, pieces_later, release


async def plain(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    path = scope["path"]
    if path in {"/stream", "/download"}:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        async for chunk in chunks_later() if path == "/stream" else pieces_later(scope["query_string"].decode()):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
        return
    body, size, more = b"", 0, True
    while more:
        message = await receive()
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        body = body + chunk if path == "/echo" else b""
    if path == "/release":
        release()
    answer = {"got": json.loads(body)} if path == "/echo" else {"size": size} if path == "/upload" else {}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


app = OpenTelemetryMiddleware(plain)
