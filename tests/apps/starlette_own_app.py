"""The routes under Starlette with Starlette's own OpenTelemetry middleware, which its users add themselves."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.opentelemetry import OpenTelemetryMiddleware
from starlette_routes import ROUTES

app = Starlette(routes=ROUTES, middleware=[Middleware(OpenTelemetryMiddleware)])
