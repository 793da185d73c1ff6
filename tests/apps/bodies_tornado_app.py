"""What bodies pass through under Tornado."""

from __future__ import annotations

import asyncio
import json
import sys

from streamed import chunks_later, pieces_later, release
from tornado import web

LEFT = asyncio.Event()


class Echo(web.RequestHandler):
    def post(self) -> None:
        self.write({"got": json.loads(self.request.body)})


@web.stream_request_body
class Upload(web.RequestHandler):
    def initialize(self) -> None:
        self.size = 0

    def data_received(self, chunk: bytes) -> None:
        self.size += len(chunk)

    def post(self) -> None:
        self.write({"size": self.size})


class Stream(web.RequestHandler):
    async def get(self) -> None:
        try:
            self.set_header("Content-Type", "text/plain")
            async for chunk in chunks_later():
                self.write(chunk)
                await self.flush()
        finally:
            LEFT.set()


class Left(web.RequestHandler):
    """Answers once a stream has ended, also where its client went away."""

    async def get(self) -> None:
        await LEFT.wait()
        self.write({})


class Download(web.RequestHandler):
    async def get(self) -> None:
        self.set_header("Content-Type", "application/octet-stream")
        async for piece in pieces_later(self.request.query):
            self.write(piece)
            await self.flush()


class Release(web.RequestHandler):
    def get(self) -> None:
        release()
        self.write({})


async def main(port: int) -> None:
    handlers = [
        ("/echo", Echo),
        ("/upload", Upload),
        ("/download", Download),
        ("/stream", Stream),
        ("/release", Release),
        ("/left/settled", Left),
    ]
    web.Application(handlers, compress_response=True).listen(port, "127.0.0.1", max_body_size=2**31)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
