"""What bodies pass through under Starlette."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamed import pieces_later, wait_for_the_caller


class Reject:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rejected = scope["type"] == "http" and any(name == b"x-reject" for name, _ in scope["headers"])
        answer = JSONResponse({"error": "rejected"}, status_code=401) if rejected else self.app
        await answer(scope, receive, send)


async def echo(request: Request) -> Response:
    return JSONResponse({"got": await request.json()})


async def form(request: Request) -> Response:
    return JSONResponse({"names": sorted(await request.form())})


async def file(request: Request) -> Response:
    with tempfile.NamedTemporaryFile(delete=False) as written:
        written.write(b"file" * 10)
    return FileResponse(written.name, media_type="text/plain")


async def boom(request: Request) -> Response:
    message = "boom"
    raise RuntimeError(message)


async def upload(request: Request) -> Response:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return JSONResponse({"size": size})


async def _chunks(waits: bool, *chunks: str) -> AsyncIterator[str]:
    for number, chunk in enumerate(chunks):
        if number and waits:
            await asyncio.to_thread(wait_for_the_caller)
        yield chunk


async def stream(request: Request) -> Response:
    return StreamingResponse(_chunks(False, "one\n", "two\n"), media_type="text/plain")


async def download(request: Request) -> Response:
    return StreamingResponse(pieces_later(request.url.query), media_type="application/octet-stream")


async def slow(request: Request) -> Response:
    return StreamingResponse(_chunks(True, "first\n", "last\n"), media_type="text/plain")


# Starlette's own middleware is added by hand; OpenTelemetry's instrumentor adds its own.
_MIDDLEWARE = [Middleware(Reject)]
if os.environ.get("BODIES_STARLETTE_OWN"):
    from starlette.middleware.opentelemetry import OpenTelemetryMiddleware

    _MIDDLEWARE.insert(0, Middleware(OpenTelemetryMiddleware))

app = Starlette(
    routes=[
        Route("/echo", echo, methods=["POST"]),
        Route("/form", form, methods=["POST"]),
        Route("/file", file),
        Route("/boom", boom),
        Route("/upload", upload, methods=["POST"]),
        Route("/stream", stream),
        Route("/download", download),
        Route("/slow", slow),
    ],
    middleware=_MIDDLEWARE,
)
