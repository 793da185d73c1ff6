"""What bodies pass through under Quart, which OpenTelemetry's ASGI middleware instruments."""

from __future__ import annotations

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from quart import Quart, Response, request
from streamed import chunks_later, release

app = Quart(__name__)
app.asgi_app = OpenTelemetryMiddleware(app.asgi_app)


@app.post("/echo")
async def echo() -> dict[str, object]:
    return {"got": await request.get_json()}


@app.post("/upload")
async def upload() -> dict[str, int]:
    return {"size": len(await request.get_data())}


@app.get("/stream")
async def stream() -> Response:
    return Response(chunks_later(), mimetype="text/plain")


@app.get("/release")
async def released() -> dict[str, object]:
    release()
    return {}
