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
    name, url, calls, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    asyncio.run(_measure(name, url, calls, size))


async def _measure(name: str, url: str, calls: int, size: int) -> None:
    call, upload, download, close = await _CLIENTS[name](url, size)
    for _ in range(calls // 10):
        await call()
    began = time.process_time()
    for _ in range(calls):
        await call()
    processor = time.process_time() - began
    before = _peak_here()
    await upload()
    await download()
    grown = _peak_here() - before
    await close()
    print(json.dumps({"processor µs a call": processor / calls * 1e6, "MiB grown": grown / 2**20}))


def _peak_here() -> int:
    return peak(os.getpid())


Acts = tuple[Callable[[], Awaitable[Any]], ...]


def _later(act: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def acting() -> Any:
        return act()

    return acting


async def _requests(url: str, size: int) -> Acts:
    import requests  # noqa: PLC0415 - one of them a process

    session = requests.Session()

    def download() -> None:
        with session.get(f"{url}/download?{size // len(PIECE)}", stream=True) as answer:
            for _ in answer.iter_content(2**16):
                pass

    return (
        _later(lambda: session.post(f"{url}/echo", data=CALL, headers=JSON).content),
        _later(lambda: session.post(f"{url}/upload", data=pieces(size)).content),
        _later(download),
        _later(session.close),
    )


async def _urllib3(url: str, size: int) -> Acts:
    import urllib3  # noqa: PLC0415 - one of them a process

    pool = urllib3.PoolManager()

    def download() -> None:
        answer = pool.request("GET", f"{url}/download?{size // len(PIECE)}", preload_content=False)
        for _ in answer.stream(2**16):
            pass

    return (
        _later(lambda: pool.request("POST", f"{url}/echo", body=CALL, headers=JSON).data),
        _later(lambda: pool.request("POST", f"{url}/upload", body=pieces(size)).data),
        _later(download),
        _later(pool.clear),
    )


async def _httpx(url: str, size: int) -> Acts:
    import httpx  # noqa: PLC0415 - one of them a process

    client = httpx.Client(timeout=600)

    def download() -> None:
        with client.stream("GET", f"{url}/download?{size // len(PIECE)}") as answer:
            for _ in answer.iter_bytes():
                pass

    return (
        _later(lambda: client.post(f"{url}/echo", content=CALL, headers=JSON).content),
        _later(lambda: client.post(f"{url}/upload", content=pieces(size)).content),
        _later(download),
        _later(client.close),
    )


async def _httpx_async(url: str, size: int) -> Acts:
    import httpx  # noqa: PLC0415 - one of them a process

    client = httpx.AsyncClient(timeout=600)

    async def download() -> None:
        async with client.stream("GET", f"{url}/download?{size // len(PIECE)}") as answer:
            async for _ in answer.aiter_bytes():
                pass

    return (
        lambda: client.post(f"{url}/echo", content=CALL, headers=JSON),
        lambda: client.post(f"{url}/upload", content=_pieces_later(size)),
        download,
        client.aclose,
    )


async def _aiohttp(url: str, size: int) -> Acts:
    import aiohttp  # noqa: PLC0415 - one of them a process

    session = aiohttp.ClientSession()

    async def read(method: str, path: str, **more: Any) -> None:
        async with session.request(method, f"{url}/{path}", **more) as answer:
            async for _ in answer.content.iter_any():
                pass

    return (
        lambda: read("POST", "echo", data=CALL, headers=JSON),
        lambda: read("POST", "upload", data=_pieces_later(size)),
        lambda: read("GET", f"download?{size // len(PIECE)}"),
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
