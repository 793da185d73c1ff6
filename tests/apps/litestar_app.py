"""The routes under Litestar, with its own plugin for OpenTelemetry, which takes contrib's ASGI middleware."""

from __future__ import annotations

from typing import Any

import answers
from litestar import Litestar, Response, get, post
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.response import Stream


@get("/items/{item_id:int}")
async def item(item_id: int) -> Response[dict[str, int]]:
    return Response({"item": item_id}, headers=answers.HEADERS)


@post("/items/{item_id:int}")
async def posted(item_id: int, data: dict[str, Any]) -> Response[dict[str, Any]]:
    return Response(data, headers=answers.HEADERS)


@get("/boom")
async def boom() -> None:
    answers.boom()


@get("/stream")
async def stream() -> Stream:
    return Stream(iter(answers.CHUNKS), media_type="text/plain")


@get("/handshake")
async def handshake() -> Stream:
    return Stream(answers.handshake(), media_type="text/plain")


app = Litestar([item, posted, boom, stream, handshake], plugins=[OpenTelemetryPlugin(OpenTelemetryConfig())])
