"""Views of Django REST framework and of Django Ninja in one project."""

from __future__ import annotations

import json

from django.http import StreamingHttpResponse
from django.urls import path
from ninja import File, NinjaAPI, Schema
from ninja.files import UploadedFile
from ninja.security import HttpBearer
from rest_framework import serializers, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter


class Token(BaseAuthentication):
    def authenticate(self, request):
        given = request.headers.get("Authorization", "")
        if not given:
            return None
        if not given.startswith("Token "):
            raise AuthenticationFailed
        return "ada", given

    def authenticate_header(self, request):
        return "Token"


class OrderSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=20)
    password = serializers.CharField(required=False)


class Orders(viewsets.ViewSet):
    authentication_classes = (Token,)

    def list(self, request):
        return Response([{"id": 1}, {"id": 2}])

    def create(self, request):
        order = OrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.data, status=201)

    def retrieve(self, request, pk=None):
        return Response({"id": int(pk)})

    def destroy(self, request, pk=None):
        return Response(status=204)


class Bearer(HttpBearer):
    def authenticate(self, request, token):
        return token


class Item(Schema):
    name: str
    count: int


ninja = NinjaAPI()


@ninja.post("/items", response={201: Item}, auth=Bearer())
def add_item(request, item: Item):
    return 201, item


@ninja.post("/files")
def add_file(request, file: File[UploadedFile]):
    return {"bytes": file.size}


@ninja.get("/stream")
def stream(request):
    return StreamingHttpResponse(
        (json.dumps({"number": number}) + "\n" for number in range(5)), content_type="text/plain"
    )


@ninja.get("/fails")
def fails(request):
    raise ValueError


router = DefaultRouter()
router.register("orders", Orders, basename="orders")
urlpatterns = [*router.urls, path("ninja/", ninja.urls)]
