"""The routes under Django Ninja: `asgi` serves them."""

from __future__ import annotations

import os

import answers
import django_app
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from ninja import NinjaAPI

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ninja_settings")

api = NinjaAPI()


@api.api_operation(["GET", "HEAD", "POST", "PURGE"], "/items/{int:item_id}")
def item(request: HttpRequest, item_id: int) -> JsonResponse:
    return django_app.item(request, item_id)


@api.get("/boom")
def boom(request: HttpRequest) -> None:
    answers.boom()


urlpatterns = [path("stream", django_app.stream), path("", api.urls)]
asgi = get_asgi_application()
