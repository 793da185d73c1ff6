"""The routes under FastAPI."""

from __future__ import annotations

import answers
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse

app = FastAPI()


@app.api_route("/items/{item_id}", methods=["GET", "HEAD", "POST", "PURGE"])
async def item(item_id: int, request: Request) -> JSONResponse:
    if request.method == "POST":
        return JSONResponse(await request.json(), status_code=201, headers=answers.HEADERS)
    return JSONResponse({"item": item_id}, headers=answers.HEADERS)


@app.get("/boom")
async def boom() -> None:
    answers.boom()


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(iter(answers.CHUNKS), media_type="text/plain")


@app.get("/handshake")
async def handshake() -> StreamingResponse:
    return StreamingResponse(answers.handshake(), media_type="text/plain")


@app.websocket("/socket")
async def socket(connection: WebSocket) -> None:
    await connection.accept()
    await connection.send_text("hello")
    await connection.close()
