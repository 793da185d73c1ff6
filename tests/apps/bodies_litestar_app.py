"""What bodies pass through under Litestar, instrumented by its own plug-in."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, get, post
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.response import Stream
from streamed import chunks_later, pieces_later, release


@post("/echo", status_code=200)
async def echo(request: Request) -> dict[str, Any]:
    return {"got": await request.json()}


@post("/upload", status_code=200)
async def upload(request: Request) -> dict[str, int]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {"size": size}


@get("/download")
async def download(request: Request) -> Stream:
    return Stream(pieces_later(request.url.query), media_type="application/octet-stream")


@get("/stream")
async def stream() -> Stream:
    return Stream(chunks_later(), media_type="text/plain")


@get("/release")
async def released() -> dict[str, Any]:
    release()
    return {}


app = Litestar(
    [echo, upload, download, stream, released],
    plugins=[OpenTelemetryPlugin(OpenTelemetryConfig())],
    request_max_body_size=2**31,
)
