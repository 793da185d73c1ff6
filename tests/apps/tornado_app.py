"""The routes under Tornado: `python tornado_app.py PORT`."""

from __future__ import annotations

import asyncio
import sys

import answers
from tornado import web, websocket


class Item(web.RequestHandler):
    SUPPORTED_METHODS = (*web.RequestHandler.SUPPORTED_METHODS, "PURGE")

    def get(self, item_id: str) -> None:
        self._answer({"item": int(item_id)})

    head = purge = get

    def post(self, item_id: str) -> None:
        self.set_status(201)
        self._answer(self.request.body)

    def _answer(self, body: dict[str, int] | bytes) -> None:
        for name, value in answers.HEADERS.items():
            self.set_header(name, value)
        self.set_header("Content-Type", "application/json")
        self.finish(body)


class Boom(web.RequestHandler):
    def get(self) -> None:
        answers.boom()


class Stream(web.RequestHandler):
    async def get(self) -> None:
        self.set_header("Content-Type", "text/plain")
        for chunk in answers.CHUNKS:
            self.write(chunk)
            await self.flush()


class Socket(websocket.WebSocketHandler):
    async def open(self) -> None:
        await self.write_message("hello")


async def main(port: int) -> None:
    app = web.Application([(r"/items/(\d+)", Item), (r"/boom", Boom), (r"/stream", Stream), (r"/socket", Socket)])
    app.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
