"""The routes under aiohttp's server: `python aiohttp_app.py PORT`."""

from __future__ import annotations

import sys

import answers
from aiohttp import web


async def item(request: web.Request) -> web.Response:
    if request.method == "POST":
        return web.json_response(await request.json(), status=201, headers=answers.HEADERS)
    return web.json_response({"item": int(request.match_info["item_id"])}, headers=answers.HEADERS)


async def boom(request: web.Request) -> web.Response:
    answers.boom()


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    for chunk in answers.CHUNKS:
        await response.write(chunk)
    await response.write_eof()
    return response


async def socket(request: web.Request) -> web.WebSocketResponse:
    response = web.WebSocketResponse()
    await response.prepare(request)
    await response.send_str("hello")
    await response.receive()
    return response


app = web.Application()
app.add_routes(
    [
        web.route("*", r"/items/{item_id:\d+}", item),
        web.get("/boom", boom),
        web.get("/stream", stream),
        web.get("/socket", socket),
    ]
)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
