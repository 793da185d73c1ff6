"""What bodies pass through under FastAPI."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from streamed import pieces_later, wait_for_the_caller

app = FastAPI()


@app.middleware("http")
async def reject(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    if request.headers.get("X-Reject"):
        return JSONResponse({"error": "rejected"}, status_code=401)
    return await call_next(request)


@app.post("/echo")
async def echo(body: dict[str, Any]) -> dict[str, Any]:
    return {"got": body}


mounted = FastAPI()
mounted.post("/echo")(echo)
app.mount("/mounted", mounted)


@app.post("/form")
async def form(request: Request) -> dict[str, Any]:
    return {"names": sorted(await request.form())}


@app.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {"size": size}


async def _chunks(waits: bool, *chunks: str) -> AsyncIterator[str]:
    for number, chunk in enumerate(chunks):
        if number and waits:
            await asyncio.to_thread(wait_for_the_caller)
        yield chunk


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(_chunks(False, "one\n", "two\n"), media_type="text/plain")


@app.get("/download")
async def download(request: Request) -> StreamingResponse:
    return StreamingResponse(pieces_later(request.url.query), media_type="application/octet-stream")


@app.get("/slow")
async def slow() -> StreamingResponse:
    return StreamingResponse(_chunks(True, "first\n", "last\n"), media_type="text/plain")


@app.get("/events")
async def events() -> StreamingResponse:
    return StreamingResponse(_chunks(True, "data: first\n\n", "data: last\n\n"), media_type="text/event-stream")


@app.get("/file")
async def file() -> FileResponse:
    with tempfile.NamedTemporaryFile(delete=False) as written:
        written.write(b"file" * 10)
    return FileResponse(written.name, media_type="text/plain")


@app.get("/boom")
async def boom() -> None:
    message = "boom"
    raise RuntimeError(message)
