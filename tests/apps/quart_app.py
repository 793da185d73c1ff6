"""The routes under Quart, with OpenTelemetry's ASGI middleware: Quart has no instrumentation of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import answers
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from quart import Quart, Response, request

app = Quart(__name__)


@app.route("/items/<int:item_id>", methods=["GET", "POST", "PURGE"])
async def item(item_id: int) -> tuple[Any, int, dict[str, str]]:
    if request.method == "POST":
        return await request.get_json(), 201, answers.HEADERS
    return {"item": item_id}, 200, answers.HEADERS


@app.route("/boom")
async def boom() -> None:
    answers.boom()


@app.route("/stream")
async def stream() -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in answers.CHUNKS:
            yield chunk

    return Response(chunks(), mimetype="text/plain")


app.asgi_app = OpenTelemetryMiddleware(app.asgi_app)  # type: ignore[method-assign]
