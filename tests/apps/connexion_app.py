"""The routes under Connexion, with OpenTelemetry's ASGI middleware around the application."""

from __future__ import annotations

from typing import Any

import answers
from connexion import AsyncApp
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.responses import JSONResponse, StreamingResponse


def item(item_id: int) -> JSONResponse:
    return JSONResponse({"item": item_id}, headers=answers.HEADERS)


def posted(item_id: int, body: Any) -> JSONResponse:
    return JSONResponse(body, status_code=201, headers=answers.HEADERS)


def boom() -> None:
    answers.boom()


def stream() -> StreamingResponse:
    return StreamingResponse(iter(answers.CHUNKS), media_type="text/plain")


def _operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": f"connexion_app.{name}", "responses": {"200": {"description": "answered"}}, **more}


_ID = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
PATHS = {
    "/items/{item_id}": {
        "parameters": [_ID],
        "get": _operation("item"),
        "head": _operation("item"),
        "post": _operation("posted", requestBody=_BODY),
    },
    "/boom": {"get": _operation("boom")},
    "/stream": {"get": _operation("stream")},
}

routes = AsyncApp("shop")
routes.add_api({"openapi": "3.0.3", "info": {"title": "shop", "version": "1"}, "paths": PATHS})
app = OpenTelemetryMiddleware(routes)
