"""The routes under Django: `wsgi` and `asgi` serve the same views."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator

import answers
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_settings")


def item(request: HttpRequest, item_id: int) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(json.loads(request.body), status=201, headers=answers.HEADERS)
    return JsonResponse({"item": item_id}, headers=answers.HEADERS)


def boom(request: HttpRequest) -> None:
    answers.boom()


async def _chunks() -> AsyncIterator[bytes]:
    for chunk in answers.CHUNKS:
        yield chunk


def stream(request: HttpRequest) -> StreamingHttpResponse:
    chunks = _chunks() if isinstance(request, ASGIRequest) else iter(answers.CHUNKS)
    return StreamingHttpResponse(chunks, content_type="text/plain")


async def _handshake() -> AsyncIterator[bytes]:
    for chunk in answers.handshake():
        yield chunk


def handshake(request: HttpRequest) -> StreamingHttpResponse:
    chunks = _handshake() if isinstance(request, ASGIRequest) else answers.handshake()
    return StreamingHttpResponse(chunks, content_type="text/plain")


urlpatterns = [
    path("items/<int:item_id>", item),
    path("boom", boom),
    path("stream", stream),
    path("handshake", handshake),
]

wsgi = get_wsgi_application()
asgi = get_asgi_application()
