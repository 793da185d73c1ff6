"""The routes under Falcon (which wants FALCON_CUSTOM_HTTP_METHODS=PURGE for the unusual method)."""

from __future__ import annotations

import answers
import falcon


class Item:
    def on_get(self, request: falcon.Request, response: falcon.Response, item_id: int) -> None:
        response.media = {"item": item_id}
        for name, value in answers.HEADERS.items():
            response.append_header(name, value)

    on_head = on_purge = on_get

    def on_post(self, request: falcon.Request, response: falcon.Response, item_id: int) -> None:
        self.on_get(request, response, item_id)
        response.status = 201
        response.media = request.get_media()


class Boom:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        answers.boom()


class Stream:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = "text/plain"
        response.stream = iter(answers.CHUNKS)


app = falcon.App()
app.add_route("/items/{item_id:int}", Item())
app.add_route("/boom", Boom())
app.add_route("/stream", Stream())
