"""A small shop under aiohttp's server. Nothing here knows of OpenTelemetry or of Moesif: `run` does."""

import itertools
import os

from aiohttp import web

numbers = itertools.count(8)
items = {7: {"id": 7, "name": "chair"}}
routes = web.RouteTableDef()


@routes.get(r"/items/{item_id:\d+}")
async def read_item(request: web.Request) -> web.Response:
    item = items.get(int(request.match_info["item_id"]))
    return web.json_response(item) if item else web.json_response({"error": "no such item"}, status=404)


@routes.post("/items")
async def add_item(request: web.Request) -> web.Response:
    number = next(numbers)
    items[number] = {"id": number, **await request.json()}
    return web.json_response(items[number], status=201)


app = web.Application()
app.add_routes(routes)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]))
