"""What bodies pass through under Django: `wsgi` serves plain views, `asgi` async ones."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.decorators import sync_and_async_middleware
from streamed import pieces, pieces_later, wait_for_the_caller

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bodies_django_settings")


@sync_and_async_middleware
def reject(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):

        async def async_middleware(request: HttpRequest) -> HttpResponse:
            return _rejected() if request.headers.get("X-Reject") else await get_response(request)

        return async_middleware

    def middleware(request: HttpRequest) -> HttpResponse:
        return _rejected() if request.headers.get("X-Reject") else get_response(request)

    return middleware


def _rejected() -> HttpResponse:
    return JsonResponse({"error": "rejected"}, status=401)


def _echo(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"got": json.loads(request.body)})


async def _async_echo(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return _echo(request)


def form(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"names": sorted(request.POST)})


def upload(request: HttpRequest) -> HttpResponse:
    size = 0
    while chunk := request.read(65536):
        size += len(chunk)
    return JsonResponse({"size": size})


def _chunks(waits: bool, *chunks: bytes) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks):
        if number and waits:
            wait_for_the_caller()
        yield chunk


async def _async_chunks(waits: bool, *chunks: bytes) -> AsyncIterator[bytes]:
    for number, chunk in enumerate(chunks):
        if number and waits:
            await asyncio.to_thread(wait_for_the_caller)
        yield chunk


def _streamed(request: HttpRequest, waits: bool, *chunks: bytes) -> HttpResponse:
    made = _async_chunks if isinstance(request, ASGIRequest) else _chunks
    return StreamingHttpResponse(made(waits, *chunks), content_type="text/plain")


def stream(request: HttpRequest) -> HttpResponse:
    return _streamed(request, False, b"one\n", b"two\n")


def download(request: HttpRequest) -> HttpResponse:
    made = pieces_later if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(made(request.META["QUERY_STRING"]), content_type="application/octet-stream")


def slow(request: HttpRequest) -> HttpResponse:
    return _streamed(request, True, b"first\n", b"last\n")


def file(request: HttpRequest) -> HttpResponse:
    return FileResponse(io.BytesIO(b"file" * 10), content_type="text/plain")


def boom(request: HttpRequest) -> HttpResponse:
    message = "boom"
    raise RuntimeError(message)


_VIEWS = (form, upload, download, stream, slow, file, boom)
wsgi = get_wsgi_application()
asgi = get_asgi_application()
_echo_view = _async_echo if os.environ.get("BODIES_ASYNC") else _echo
urlpatterns = [path("echo", _echo_view), *(path(view.__name__, view) for view in _VIEWS)]
