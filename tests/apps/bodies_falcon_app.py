"""What bodies pass through under Falcon."""

from __future__ import annotations

import falcon
from streamed import chunks, pieces, release


class Echo:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"got": request.get_media()}


class Upload:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        size = 0
        while chunk := request.bounded_stream.read(65536):
            size += len(chunk)
        response.media = {"size": size}


class Download:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = "application/octet-stream"
        response.stream = pieces(request.query_string)


class Stream:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = "text/plain"
        response.stream = chunks()


class Release:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        release()
        response.media = {}


app = falcon.App()
for resource in (Echo, Upload, Download, Stream, Release):
    app.add_route(f"/{resource.__name__.lower()}", resource())
