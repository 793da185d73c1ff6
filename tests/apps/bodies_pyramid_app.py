"""What bodies pass through under Pyramid."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import FileResponse, Response
from streamed import chunks, pieces, release


def echo(request: Request) -> dict[str, Any]:
    return {"got": request.json_body}


def upload(request: Request) -> dict[str, int]:
    size = 0
    while chunk := request.body_file.read(65536):
        size += len(chunk)
    return {"size": size}


def download(request: Request) -> Response:
    return Response(app_iter=pieces(request.query_string), content_type="application/octet-stream")


def stream(request: Request) -> Response:
    return Response(app_iter=chunks(), content_type="text/plain")


def broken(request: Request) -> Response:
    raise LookupError(request.path)


def file(request: Request) -> Response:
    return FileResponse(__file__, request, content_type="text/x-python")


def released(request: Request) -> dict[str, Any]:
    release()
    return {}


def make() -> Any:
    config = Configurator()
    for name, view in (("echo", echo), ("upload", upload), ("release", released)):
        config.add_route(name, f"/{name}")
        config.add_view(view, route_name=name, renderer="json")
    for name, view in (("stream", stream), ("download", download), ("broken", broken), ("file", file)):
        config.add_route(name, f"/{name}")
        config.add_view(view, route_name=name)
    return config.make_wsgi_app()


app = make()
