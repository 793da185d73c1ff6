"""The routes under Django REST framework: `wsgi` serves them."""

from __future__ import annotations

import os

import answers
import django_app
from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "drf_settings")


class Item(APIView):
    http_method_names = ("get", "head", "post", "purge")

    def get(self, request: Request, item_id: int) -> Response:
        return Response({"item": item_id}, headers=answers.HEADERS)

    purge = get

    def post(self, request: Request, item_id: int) -> Response:
        return Response(request.data, status=201, headers=answers.HEADERS)


urlpatterns = [
    path("items/<int:item_id>", Item.as_view()),
    path("boom", django_app.boom),
    path("stream", django_app.stream),
]
wsgi = get_wsgi_application()
