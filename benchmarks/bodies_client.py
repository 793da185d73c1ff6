"""Makes calls with one client library, and prints what they cost this process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from benchmarks.bodies import CALL, PIECE, peak, pieces

JSON = {"Content-Type": "application/json"}


async def _pieces_later(size: int) -> AsyncIterator[bytes]:
    for piece in pieces(size):
        yield piece


def main() -> None:
    """Runs what was asked for."""
    name, url = sys.argv[1:3]
    asyncio.run(_measure(name, url, *map(int, sys.argv[3:6])))


async def _measure(name: str, url: str, rounds: int, calls: int, size: int) -> None:
    call, upload, read, close = await _CLIENTS[name](url, size)
    taken = [await _round(call, calls) for _ in range(rounds + 1)][1:]
    first_byte = min([await read("stream") for _ in range(20)])
    before = _peak_here()
    await upload()
    await read(f"download?{size // len(PIECE)}")
    grown = _peak_here() - before
    await close()
    figures = {"processor µs a call": taken, "first byte ms": [first_byte * 1e3], "MiB grown": [grown / 2**20]}
    print(json.dumps(figures))


async def _round(call: Callable[[], Awaitable[Any]], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - began) / calls * 1e6


class _FirstPiece:
    """The seconds from its making to the first piece of an answer."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.seconds = 0.0

    def passed(self, _: object = None) -> None:
        self.seconds = self.seconds or time.perf_counter() - self._began


def _peak_here() -> int:
    return peak(os.getpid())


Acts = tuple[Callable[..., Awaitable[Any]], ...]
"""To make a call, to upload, to read the answer of a path (returns the seconds to its first piece), to close."""


def _later(act: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def acting(*args: Any) -> Any:
        return act(*args)

    return acting


async def _requests(url: str, size: int) -> Acts:
    import requests  # noqa: PLC0415 - one of them a process

    session = requests.Session()

    def read(path: str) -> float:
        first = _FirstPiece()
        with session.get(f"{url}/{path}", stream=True) as answer:
            for piece in answer.iter_content(2**16):
                first.passed(piece)
        return first.seconds

    return (
        _later(lambda: session.post(f"{url}/echo", data=CALL, headers=JSON).content),
        _later(lambda: session.post(f"{url}/upload", data=pieces(size)).content),
        _later(read),
        _later(session.close),
    )


async def _urllib3(url: str, size: int) -> Acts:
    import urllib3  # noqa: PLC0415 - one of them a process

    pool = urllib3.PoolManager()

    def read(path: str) -> float:
        first = _FirstPiece()
        answer = pool.request("GET", f"{url}/{path}", preload_content=False)
        for piece in answer.stream(2**16):
            first.passed(piece)
        return first.seconds

    return (
        _later(lambda: pool.request("POST", f"{url}/echo", body=CALL, headers=JSON).data),
        _later(lambda: pool.request("POST", f"{url}/upload", body=pieces(size)).data),
        _later(read),
        _later(pool.clear),
    )


async def _httpx(url: str, size: int) -> Acts:
    import httpx  # noqa: PLC0415 - one of them a process

    client = httpx.Client(timeout=600)

    def read(path: str) -> float:
        first = _FirstPiece()
        with client.stream("GET", f"{url}/{path}") as answer:
            for piece in answer.iter_bytes():
                first.passed(piece)
        return first.seconds

    return (
        _later(lambda: client.post(f"{url}/echo", content=CALL, headers=JSON).content),
        _later(lambda: client.post(f"{url}/upload", content=pieces(size)).content),
        _later(read),
        _later(client.close),
    )


async def _httpx_async(url: str, size: int) -> Acts:
    import httpx  # noqa: PLC0415 - one of them a process

    client = httpx.AsyncClient(timeout=600)

    async def read(path: str) -> float:
        first = _FirstPiece()
        async with client.stream("GET", f"{url}/{path}") as answer:
            async for piece in answer.aiter_bytes():
                first.passed(piece)
        return first.seconds

    return (
        lambda: client.post(f"{url}/echo", content=CALL, headers=JSON),
        lambda: client.post(f"{url}/upload", content=_pieces_later(size)),
        read,
        client.aclose,
    )


async def _aiohttp(url: str, size: int) -> Acts:
    import aiohttp  # noqa: PLC0415 - one of them a process

    session = aiohttp.ClientSession()

    async def call(method: str, path: str, **more: Any) -> float:
        first = _FirstPiece()
        async with session.request(method, f"{url}/{path}", **more) as answer:
            async for piece in answer.content.iter_any():
                first.passed(piece)
        return first.seconds

    return (
        lambda: call("POST", "echo", data=CALL, headers=JSON),
        lambda: call("POST", "upload", data=_pieces_later(size)),
        lambda path: call("GET", path),
        session.close,
    )


_CLIENTS: dict[str, Callable[[str, int], Awaitable[Acts]]] = {
    "requests": _requests,
    "urllib3": _urllib3,
    "httpx": _httpx,
    "httpx-async": _httpx_async,
    "aiohttp-client": _aiohttp,
}

if __name__ == "__main__":
    main()
