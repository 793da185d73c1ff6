"""What bodies pass through under aiohttp's server."""

from __future__ import annotations

import sys

from aiohttp import web
from streamed import chunks_later, pieces_later, release


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"got": await request.json()})


async def upload(request: web.Request) -> web.Response:
    size = 0
    async for chunk in request.content.iter_chunked(4096):
        size += len(chunk)
    return web.json_response({"size": size})


async def form(request: web.Request) -> web.Response:
    return web.json_response(sorted(await request.post()))


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    async for chunk in chunks_later():
        await response.write(chunk)
    await response.write_eof()
    return response


async def download(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    await response.prepare(request)
    async for piece in pieces_later(request.query_string):
        await response.write(piece)
    return response


async def generated(request: web.Request) -> web.Response:
    return web.Response(body=chunks_later(), content_type="text/plain")


async def released(request: web.Request) -> web.Response:
    release()
    return web.json_response({})


async def refused(request: web.Request) -> web.Response:
    raise web.HTTPForbidden(text='{"error": "refused"}', content_type="application/json")


async def file(request: web.Request) -> web.FileResponse:
    return web.FileResponse(__file__)


def main(port: int) -> None:
    app = web.Application(client_max_size=2**31)
    app.add_routes([web.post("/echo", echo), web.post("/upload", upload), web.post("/form", form)])
    app.add_routes([web.get(f"/{view.__name__}", view) for view in (stream, download, generated, refused, file)])
    app.add_routes([web.get("/release", released)])
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
