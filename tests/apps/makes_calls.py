"""A program that makes calls with client libraries in all ways that matter, and prints what it saw of each."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import httpx
import requests
import urllib3
from requests.adapters import HTTPAdapter

URL = ""
"""Where the server listens, with the client's name as the first part of the path."""
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
PIECES = (b"one,", b"two,", b"three")
UPLOAD = {"title": (None, "shoes"), "photo": ("blue.png", b"\x89PNG hush-Zq7", "image/png")}


def generated() -> Iterator[bytes]:
    yield from PIECES


async def generated_later() -> AsyncIterator[bytes]:
    for piece in PIECES:
        yield piece


def failing() -> Iterator[bytes]:
    yield b"one,"
    message = "the program's own"
    raise LookupError(message)


async def failing_later() -> AsyncIterator[bytes]:
    for piece in failing():
        yield piece


def file(skipped: bytes = b"skipped,") -> Any:
    opened = tempfile.TemporaryFile()  # noqa: SIM115 - the client reads it
    opened.write(skipped + b"of a file")
    opened.seek(len(skipped))
    return opened


class OnlyRead:
    """A file-like thing that can do nothing else."""

    def __init__(self) -> None:
        self._beneath = io.BytesIO(b"read only")

    def read(self, size: int = -1) -> bytes:
        return self._beneath.read(size)


class CannotSeek(OnlyRead):
    """A file-like thing that says so in its own way."""

    @property
    def seek(self) -> Any:
        message = "not even asked for"
        raise RuntimeError(message)


def of_requests(session: requests.Session) -> dict[str, Callable[[], Any]]:
    def post(path: str, data: Any, **more: Any) -> Any:
        return session.post(f"{URL}/{path}", data=data, headers=TEXT, **more).json()

    def get(path: str, **more: Any) -> requests.Response:
        return session.get(f"{URL}/{path}", **more)

    def partly() -> Any:
        with get("text?partly", stream=True) as answer:
            return len(next(answer.iter_content(1000)))

    def never() -> Any:
        with get("text?never", stream=True) as answer:
            return answer.status_code

    def late() -> Any:
        answer = get("json?late", stream=True)
        get("json?between").json()
        return answer.json()

    def streamed() -> Any:
        with get("stream", stream=True) as answer:
            lines = answer.iter_lines()
            first = next(lines)
            get("release")
            return [first, *lines]

    def raw() -> Any:
        with get("gzip?raw", stream=True) as answer:
            return len(answer.raw.read())

    return {
        "json": lambda: session.post(f"{URL}/echo?json", json={"a": "é", "password": "hush-Zq7"}).json(),
        "bytes": lambda: post("echo?bytes", b"plain"),
        "text": lambda: post("echo?text", "plain text"),
        "generator": lambda: post("echo?generator", generated()),
        "file": lambda: post("echo?file", file()),
        "memory": lambda: post("echo?memory", io.BytesIO(b"in memory")),
        "only read": lambda: post("echo?only-read", OnlyRead()),
        "cannot seek": lambda: post("echo?cannot-seek", CannotSeek()),
        "form": lambda: session.post(f"{URL}/echo?form", data={"a": "1", "password": "hush-Zq7"}).json(),
        "upload": lambda: session.post(f"{URL}/echo?upload", files=UPLOAD).json(),
        "kept": lambda: post("kept", b"twice sent"),
        "kept file": lambda: post("kept?file", file()),
        "changed": lambda: post("changed", b"moved"),
        "gzip": lambda: get("gzip").json(),
        "raw": raw,
        "nothing": lambda: get("nothing").content,
        "head": lambda: session.head(f"{URL}/text?head").headers["Content-Length"],
        "missing": lambda: get("missing").json(),
        "flaky": lambda: get("flaky").json(),
        "partly": partly,
        "never": never,
        "late": late,
        "streamed": streamed,
        "cut": lambda: get("cut").content,
        "hang": lambda: get("hang", timeout=(60, 0.3)).content,
        "failing": lambda: post("echo?failing", failing()),
        "refused": lambda: session.get("http://127.0.0.1:9/"),
        "hook": lambda: get("json?hook", hooks={"response": lambda answer, **_: bool(answer.json()) and None}).json(),
    }


def of_urllib3(pool: urllib3.PoolManager) -> dict[str, Callable[[], Any]]:
    def post(path: str, body: Any, **more: Any) -> Any:
        return json.loads(pool.request("POST", f"{URL}/{path}", body=body, headers=TEXT, **more).data)

    def get(path: str, **more: Any) -> Any:
        return pool.request("GET", f"{URL}/{path}", **more)

    def partly() -> Any:
        answer = get("text?partly", preload_content=False)
        read = len(answer.read(1000))
        answer.close()
        return read

    def never() -> Any:
        answer = get("text?never", preload_content=False)
        answer.close()
        return answer.status

    def late() -> Any:
        answer = get("json?late", preload_content=False)
        get("json?between")
        read = json.loads(answer.read())
        answer.release_conn()
        return read

    def streamed() -> Any:
        answer = get("stream", preload_content=False)
        chunks = answer.stream(decode_content=True)
        first = next(chunks)
        get("release")
        return [first, *chunks]

    def in_pieces() -> Any:
        answer = get("text?in-pieces", preload_content=False)
        pieces = list(iter(lambda: len(answer.read(7000)), 0))
        answer.release_conn()
        return pieces

    def into() -> Any:
        answer = get("json?into", preload_content=False)
        buffer = bytearray(1000)
        return bytes(buffer[: answer.readinto(buffer)])

    return {
        "json": lambda: post("echo?json", json.dumps({"a": "é", "password": "hush-Zq7"})),
        "bytes": lambda: post("echo?bytes", b"plain"),
        "bytearray": lambda: post("echo?bytearray", bytearray(b"plain")),
        "every second byte": lambda: post("echo?stepped", memoryview(b"p_l_a_i_n")[::2], chunked=True),
        "every second byte at once": lambda: post("echo?stepped-at-once", memoryview(b"p_l_a_i_n")[::2], retries=False),
        "generator": lambda: post("echo?generator", generated()),
        "file": lambda: post("echo?file", file()),
        "upload": lambda: json.loads(
            pool.request("POST", f"{URL}/echo?upload", fields={"a": "1", "f": ("n.txt", "hush-Zq7")}).data
        ),
        "kept": lambda: post("kept", b"twice sent"),
        "changed": lambda: post("changed", b"moved"),
        "gzip": lambda: json.loads(get("gzip", headers={"Accept-Encoding": "gzip"}).data),
        "raw": lambda: len(get("gzip?raw", decode_content=False).data),
        "nothing": lambda: get("nothing").data,
        "missing": lambda: json.loads(get("missing").data),
        "flaky": lambda: json.loads(get("flaky", retries=urllib3.Retry(3, status_forcelist=[503])).data),
        "flaky upload": lambda: post(
            "flaky?file", file(), retries=urllib3.Retry(3, status_forcelist=[503], allowed_methods=None)
        ),
        "partly": partly,
        "never": never,
        "late": late,
        "streamed": streamed,
        "in pieces": in_pieces,
        "into": into,
        "cut": lambda: get("cut", retries=False).data,
        "hang": lambda: get("hang", timeout=urllib3.Timeout(connect=60, read=0.3), retries=False).data,
        "failing": lambda: post("echo?failing", failing(), retries=False),
    }


def of_httpx(client: httpx.Client) -> dict[str, Callable[[], Any]]:
    def post(path: str, content: Any, **more: Any) -> Any:
        return client.post(f"{URL}/{path}", content=content, headers=TEXT, **more).json()

    def get(path: str, **more: Any) -> httpx.Response:
        return client.get(f"{URL}/{path}", **more)

    def partly() -> Any:
        with client.stream("GET", f"{URL}/text?partly") as answer:
            return len(next(answer.iter_bytes(1000)))

    def never() -> Any:
        with client.stream("GET", f"{URL}/text?never") as answer:
            return answer.status_code

    def late() -> Any:
        with client.stream("GET", f"{URL}/json?late") as answer:
            get("json?between")
            return json.loads(answer.read())

    def streamed() -> Any:
        with client.stream("GET", f"{URL}/stream") as answer:
            lines = answer.iter_lines()
            first = next(lines)
            get("release")
            return [first, *lines]

    return {
        "json": lambda: client.post(f"{URL}/echo?json", json={"a": "é", "password": "hush-Zq7"}).json(),
        "bytes": lambda: post("echo?bytes", b"plain"),
        "generator": lambda: post("echo?generator", generated()),
        "file": lambda: post("echo?file", file(skipped=b"")),
        "upload": lambda: client.post(
            f"{URL}/echo?upload", data={"title": "shoes"}, files={"photo": UPLOAD["photo"]}
        ).json(),
        "kept": lambda: post("kept", b"twice sent"),
        "kept generator": lambda: post("kept?generator", generated()),
        "changed": lambda: post("changed", b"moved"),
        "gzip": lambda: get("gzip").json(),
        "nothing": lambda: get("nothing").content,
        "missing": lambda: get("missing").json(),
        "partly": partly,
        "never": never,
        "late": late,
        "streamed": streamed,
        "cut": lambda: get("cut").content,
        "hang": lambda: get("hang", timeout=httpx.Timeout(60, read=0.3)).content,
        "failing": lambda: post("echo?failing", failing()),
    }


def of_httpx_async(client: httpx.AsyncClient) -> dict[str, Callable[[], Any]]:
    async def post(path: str, content: Any) -> Any:
        return (await client.post(f"{URL}/{path}", content=content, headers=TEXT)).json()

    async def get(path: str, **more: Any) -> httpx.Response:
        return await client.get(f"{URL}/{path}", **more)

    async def read(path: str, **more: Any) -> bytes:
        return (await get(path, **more)).content

    async def partly() -> Any:
        async with client.stream("GET", f"{URL}/text?partly") as answer:
            return len(await anext(answer.aiter_bytes(1000)))

    async def never() -> Any:
        async with client.stream("GET", f"{URL}/text?never") as answer:
            return answer.status_code

    async def streamed() -> Any:
        async with client.stream("GET", f"{URL}/stream") as answer:
            lines = answer.aiter_lines()
            first = await anext(lines)
            await get("release")
            return [first, *[line async for line in lines]]

    return {
        "json": lambda: read_json(client.post(f"{URL}/echo?json", json={"a": "é", "password": "hush-Zq7"})),
        "bytes": lambda: post("echo?bytes", b"plain"),
        "generator": lambda: post("echo?generator", generated_later()),
        "kept": lambda: post("kept", b"twice sent"),
        "gzip": lambda: read("gzip"),
        "partly": partly,
        "never": never,
        "streamed": streamed,
        "cut": lambda: read("cut"),
        "hang": lambda: read("hang", timeout=httpx.Timeout(60, read=0.3)),
        "cancelled": lambda: cancelled(read, "hang?cancelled"),
        "cancelled answer": lambda: cancelled(read, "stream?cancelled"),
        "failing": lambda: post("echo?failing", failing_later()),
    }


async def read_json(answer: Any) -> Any:
    return (await answer).json()


async def cancelled(read: Callable[[str], Any], path: str) -> Any:
    """While the server hangs in its answer, and what came of that before has been read."""
    task = asyncio.create_task(read(path))
    await asyncio.to_thread(ask, f"hanging?{path}")
    for _ in range(20):
        await asyncio.sleep(0.01)
    task.cancel()
    try:
        return await task
    finally:
        await asyncio.to_thread(ask, "release")


def ask(path: str) -> None:
    """By a library that nobody instruments."""
    urllib.request.urlopen(f"{URL}/{path}").close()


def of_aiohttp(session: aiohttp.ClientSession) -> dict[str, Callable[[], Any]]:  # noqa: C901 - one each
    async def post(path: str, data: Any, **more: Any) -> Any:
        async with session.post(f"{URL}/{path}", data=data, headers=TEXT, **more) as answer:
            return await answer.json()

    async def read(path: str, **more: Any) -> Any:
        async with session.get(f"{URL}/{path}", **more) as answer:
            return await answer.read()

    async def json_of(**more: Any) -> Any:
        async with session.post(f"{URL}/echo?json", **more) as answer:
            return await answer.json()

    async def upload() -> Any:
        form = aiohttp.FormData()
        form.add_field("title", "shoes")
        form.add_field("photo", b"\x89PNG hush-Zq7", filename="blue.png", content_type="image/png")
        async with session.post(f"{URL}/echo?upload", data=form) as answer:
            return await answer.json()

    async def partly() -> Any:
        async with session.get(f"{URL}/text?partly") as answer:
            return len(await answer.content.read(1000))

    async def never() -> Any:
        async with session.get(f"{URL}/text?never") as answer:
            return answer.status

    async def late() -> Any:
        answer = await session.get(f"{URL}/json?late")
        await read("json?between")
        return await answer.json()

    async def streamed() -> Any:
        async with session.get(f"{URL}/stream") as answer:
            first = await answer.content.readline()
            await read("release")
            return [first, *[line async for line in answer.content]]

    async def in_chunks() -> Any:
        async with session.get(f"{URL}/text?in-chunks") as answer:
            return [len(chunk) async for chunk in answer.content.iter_chunked(8000)]

    async def in_http_chunks() -> Any:
        async with session.get(f"{URL}/stream?in-http-chunks") as answer:
            await read("release?again")
            return [list(chunk) async for chunk in answer.content.iter_chunks()]

    async def exactly() -> Any:
        async with session.get(f"{URL}/text?exactly") as answer:
            return len(await answer.content.readexactly(20_000)), len(await answer.content.readany()) > 0

    return {
        "json": lambda: json_of(json={"a": "é", "password": "hush-Zq7"}),
        "bytes": lambda: post("echo?bytes", b"plain"),
        "generator": lambda: post("echo?generator", generated_later()),
        "file": lambda: post("echo?file", file()),
        "upload": upload,
        "kept": lambda: post("kept", b"twice sent"),
        "changed": lambda: post("changed", b"moved"),
        "gzip": lambda: read("gzip"),
        "nothing": lambda: read("nothing"),
        "missing": lambda: read("missing"),
        "partly": partly,
        "never": never,
        "late": late,
        "streamed": streamed,
        "in chunks": in_chunks,
        "in HTTP chunks": in_http_chunks,
        "exactly": exactly,
        "cut": lambda: read("cut"),
        "hang": lambda: read("hang", timeout=aiohttp.ClientTimeout(sock_read=0.3)),
        "cancelled": lambda: cancelled(read, "hang?cancelled"),
        "cancelled answer": lambda: cancelled(read, "stream?cancelled"),
        "failing": lambda: post("echo?failing", failing_later()),
    }


def error_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def tell(name: str, answer: Any) -> None:
    print(
        json.dumps([URL.rpartition("/")[2], name, answer], default=lambda value: bytes(value).decode("latin-1")),
        flush=True,
    )


def run(calls: dict[str, Callable[[], Any]]) -> None:
    for name, call in calls.items():
        with told(name) as tell:
            tell(call())


async def run_async(calls: dict[str, Callable[[], Any]]) -> None:
    for name, call in calls.items():
        with told(name) as tell:
            tell(await call())


@contextlib.contextmanager
def told(name: str) -> Iterator[Callable[[Any], None]]:
    try:
        yield lambda answer: tell(name, answer)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever it is, it is the same without us
        tell(name, error_of(error))


async def main_async(client: str) -> None:
    if client == "aiohttp":
        async with aiohttp.ClientSession() as session:
            await run_async(of_aiohttp(session))
    else:
        async with httpx.AsyncClient(follow_redirects=True, timeout=60) as opened:
            await run_async(of_httpx_async(opened))


def main(client: str) -> None:
    if client == "requests":
        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=urllib3.Retry(2, status_forcelist=[503], backoff_factor=0)))
        run(of_requests(session))
    elif client == "urllib3":
        run(of_urllib3(urllib3.PoolManager()))
    elif client == "httpx":
        with httpx.Client(follow_redirects=True, timeout=60) as opened:
            run(of_httpx(opened))
    else:
        asyncio.run(main_async(client))


if __name__ == "__main__":
    for client in ("requests", "urllib3", "httpx", "httpx-async", "aiohttp"):
        URL = f"{sys.argv[1]}/{client}"
        main(client)
