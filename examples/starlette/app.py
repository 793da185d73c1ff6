"""A small shop in Starlette, with OpenTelemetry set up in code and flushed when the server stops."""

import contextlib
import itertools

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from opentelemetry_exporter_moesif import MoesifSpanExporter, identify

# The application id and the endpoint come from the environment here; they are arguments as well.
provider = TracerProvider(resource=Resource.create())
provider.add_span_processor(BatchSpanProcessor(MoesifSpanExporter(redact_headers=["+x-internal"])))

numbers = itertools.count(8)
items = {7: {"id": 7, "name": "chair"}}


@contextlib.asynccontextmanager
async def lifespan(_app: Starlette):
    yield
    provider.shutdown()  # sends what still waits


async def read_item(request: Request) -> JSONResponse:
    if user := request.headers.get("x-user"):
        identify(user_id=user, company_id="example-company")
    item = items.get(request.path_params["item_id"])
    return JSONResponse(item) if item else JSONResponse({"error": "no such item"}, status_code=404)


async def add_item(request: Request) -> JSONResponse:
    number = next(numbers)
    items[number] = {"id": number, **await request.json()}
    return JSONResponse(items[number], status_code=201)


app = Starlette(
    routes=[Route("/items/{item_id:int}", read_item), Route("/items", add_item, methods=["POST"])],
    middleware=[Middleware(OpenTelemetryMiddleware, tracer_provider=provider)],
    lifespan=lifespan,
)
