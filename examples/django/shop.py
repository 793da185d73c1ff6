"""A small shop in Django: a middleware, views and the WSGI application."""

import itertools
import json

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from opentelemetry_exporter_moesif import identify

numbers = itertools.count(8)
items = {7: {"id": 7, "name": "chair"}}


def authenticate(get_response):
    """Stands for whatever tells who is calling."""

    def middleware(request: HttpRequest):
        if user := request.headers.get("X-User"):
            identify(user_id=user, company_id="example-company")
        return get_response(request)

    return middleware


def read_item(_request: HttpRequest, item_id: int) -> JsonResponse:
    if item_id not in items:
        return JsonResponse({"error": "no such item"}, status=404)
    return JsonResponse(items[item_id])


def add_item(request: HttpRequest) -> JsonResponse:
    number = next(numbers)
    items[number] = {"id": number, **json.loads(request.body)}
    return JsonResponse(items[number], status=201)


urlpatterns = [path("items/<int:item_id>", read_item), path("items", add_item)]
application = get_wsgi_application()
