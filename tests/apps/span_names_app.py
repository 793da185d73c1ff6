"""Says which spans its former calls made: `fastapi_app`, `starlette_app` and `asgi_app` with one more route, `/spans`.

It sees them as any span processor of the application's own does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ended: list[list[str]] = []


class _Watching(SpanProcessor):
    def on_end(self, span: ReadableSpan) -> None:
        ended.append([span.kind.name, span.name])


trace.get_tracer_provider().add_span_processor(_Watching())


def spans(request: Request) -> JSONResponse:
    return JSONResponse(ended)


async def item(request: Request) -> JSONResponse:
    return JSONResponse({"sent": len(await request.body())})


routes = [Route("/spans", spans), Route("/items", item, methods=["POST"])]
fastapi = FastAPI(routes=routes)
starlette = Starlette(routes=routes)


async def _bare(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    await starlette_routes(scope, receive, send)


starlette_routes = starlette.router
bare = OpenTelemetryMiddleware(_bare)
