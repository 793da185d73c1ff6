"""What bodies pass through under Quart, which OpenTelemetry's ASGI middleware instruments."""

from __future__ import annotations

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from quart import Quart, Response, request
from streamed import chunks_later, pieces_later, release

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2**31
app.config["RESPONSE_TIMEOUT"] = app.config["BODY_TIMEOUT"] = 600
app.asgi_app = OpenTelemetryMiddleware(app.asgi_app)


@app.post("/echo")
async def echo() -> dict[str, object]:
    return {"got": await request.get_json()}


@app.post("/upload")
async def upload() -> dict[str, int]:
    size = 0
    async for chunk in request.body:
        size += len(chunk)
    return {"size": size}


@app.get("/download")
async def download() -> Response:
    return Response(pieces_later(request.query_string.decode()), mimetype="application/octet-stream")


@app.get("/stream")
async def stream() -> Response:
    return Response(chunks_later(), mimetype="text/plain")


@app.get("/release")
async def released() -> dict[str, object]:
    release()
    return {}
