"""Authenticates in a middleware, inside a span of its own; `wsgi` and `asgi` serve the same view."""

from __future__ import annotations

import os
from collections.abc import Callable

import jwt
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from opentelemetry import trace

from opentelemetry_exporter_moesif import identify

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity_django_settings")
KEY = "only-for-tests, and thirty-two bytes long"
tracer = trace.get_tracer(__name__)


def authenticate(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        with tracer.start_as_current_span("authenticate") as span:
            _, _, token = request.headers.get("X-Token", "").partition(" ")
            request.claims = jwt.decode(token, KEY, algorithms=["HS256"]) if token else {}
            if token:
                span.set_attributes({"user.id": request.claims["sub"], "session.id": "s-1"})
        return get_response(request)

    return middleware


def whoami(request: HttpRequest) -> HttpResponse:
    if "company" in request.GET:
        with tracer.start_as_current_span("look up"):
            identify(company_id=request.GET["company"], metadata={"plan": "gold"})
    return JsonResponse({"user": request.claims.get("sub")})


urlpatterns = [path("whoami", whoami)]
wsgi = get_wsgi_application()
asgi = get_asgi_application()
