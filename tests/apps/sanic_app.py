"""The routes under Sanic as an ASGI application, with OpenTelemetry's middleware around it."""

from __future__ import annotations

import answers
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from sanic import HTTPResponse, Request, Sanic, json

routes = Sanic("shop", configure_logging=False)


@routes.route("/items/<item_id:int>", methods=["GET", "HEAD", "POST"])
async def item(request: Request, item_id: int) -> HTTPResponse:
    if request.method == "POST":
        return json(request.json, 201, answers.HEADERS)
    return json({"item": item_id}, 200, answers.HEADERS)


@routes.get("/boom")
async def boom(request: Request) -> None:
    answers.boom()


@routes.get("/stream")
async def stream(request: Request) -> None:
    response = await request.respond(content_type="text/plain")
    for chunk in answers.CHUNKS:
        await response.send(chunk)


app = OpenTelemetryMiddleware(routes)
