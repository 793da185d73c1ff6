"""The routes under Bottle, with OpenTelemetry's WSGI middleware: Bottle has no instrumentation of its own."""

from __future__ import annotations

from collections.abc import Iterator

import answers
from bottle import Bottle, request, response
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

routes = Bottle()


@routes.route("/items/<item_id:int>", method=["GET", "POST", "PURGE"])
def item(item_id: int) -> dict[str, object]:
    for name, value in answers.HEADERS.items():
        response.add_header(name, value)
    if request.method == "POST":
        response.status = 201
        return request.json
    return {"item": item_id}


@routes.route("/boom")
def boom() -> None:
    answers.boom()


@routes.route("/stream")
def stream() -> Iterator[bytes]:
    response.content_type = "text/plain"
    return iter(answers.CHUNKS)


app = OpenTelemetryMiddleware(routes)
