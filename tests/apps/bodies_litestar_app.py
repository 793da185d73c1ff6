"""What bodies pass through under Litestar, instrumented by its own plug-in."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, get, post
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.response import Stream
from streamed import chunks_later, release


@post("/echo", status_code=200)
async def echo(request: Request) -> dict[str, Any]:
    return {"got": await request.json()}


@post("/upload", status_code=200)
async def upload(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}


@get("/stream")
async def stream() -> Stream:
    return Stream(chunks_later(), media_type="text/plain")


@get("/release")
async def released() -> dict[str, Any]:
    release()
    return {}


app = Litestar([echo, upload, stream, released], plugins=[OpenTelemetryPlugin(OpenTelemetryConfig())])
