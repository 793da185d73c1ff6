"""A stream whose second chunk is made only when `release` is called: whoever calls it has the first one by then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

_released = threading.Event()
#: A first chunk that is held back must not hang the test for ever.
_SECONDS = 20


def release() -> None:
    _released.set()


#: What a large answer is made of, and how large it is without another size in its query.
PIECE = b"0123456789abcdef" * 4096
_PIECES = 16


def pieces(query: str) -> Iterator[bytes]:
    """A large answer; the query is the number of its pieces of 64 KiB."""
    for _ in range(int(query or _PIECES)):
        yield PIECE


async def pieces_later(query: str) -> AsyncIterator[bytes]:
    for piece in pieces(query):
        yield piece


def chunks() -> Iterator[bytes]:
    yield b"first\n"
    if _released.wait(_SECONDS):
        yield b"second\n"


async def chunks_later() -> AsyncIterator[bytes]:
    yield b"first\n"
    if await asyncio.to_thread(_released.wait, _SECONDS):
        yield b"second\n"
