"""The routes under Pyramid."""

from __future__ import annotations

import answers
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response


def item(request: Request) -> Response:
    posted = request.method == "POST"
    body = request.json_body if posted else {"item": int(request.matchdict["item_id"])}
    return Response(json_body=body, status=201 if posted else 200, headers=answers.HEADERS)


def boom(request: Request) -> Response:
    answers.boom()


def stream(request: Request) -> Response:
    return Response(app_iter=iter(answers.CHUNKS), content_type="text/plain", charset="utf-8")


with Configurator() as config:
    for view, pattern in ((item, r"/items/{item_id:\d+}"), (boom, "/boom"), (stream, "/stream")):
        config.add_route(view.__name__, pattern)
        config.add_view(view, route_name=view.__name__)
    app = config.make_wsgi_app()
