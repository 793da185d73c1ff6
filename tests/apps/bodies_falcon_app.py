"""What bodies pass through under Falcon."""

from __future__ import annotations

import falcon
from streamed import chunks, release


class Echo:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"got": request.get_media()}


class Upload:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"size": len(request.bounded_stream.read())}


class Stream:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = "text/plain"
        response.stream = chunks()


class Release:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        release()
        response.media = {}


app = falcon.App()
for path, resource in (("/echo", Echo()), ("/upload", Upload()), ("/stream", Stream()), ("/release", Release())):
    app.add_route(path, resource)
