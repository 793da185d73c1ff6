"""The routes that both Starlette applications serve."""

from __future__ import annotations

import answers
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route


async def item(request: Request) -> JSONResponse:
    if request.method == "POST":
        return JSONResponse(await request.json(), status_code=201, headers=answers.HEADERS)
    return JSONResponse({"item": request.path_params["item_id"]}, headers=answers.HEADERS)


async def boom(request: Request) -> None:
    answers.boom()


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(iter(answers.CHUNKS), media_type="text/plain")


ROUTES = [
    Route("/items/{item_id:int}", item, methods=["GET", "POST", "PURGE"]),
    Route("/boom", boom),
    Route("/stream", stream),
]
