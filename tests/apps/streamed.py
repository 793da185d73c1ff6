"""A stream whose second chunk is made only when `release` is called: whoever calls it has the first one by then."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

_released = threading.Event()
#: A first chunk that is held back must not hang the test for ever.
_SECONDS = 60


def release() -> None:
    _released.set()


def wait_for_the_caller() -> None:
    """Returns once the caller has what was sent so far, which it says by making the file that HANDSHAKE names.

    Raises:
        TimeoutError: It has not, so it was held back.
    """
    met = os.environ.get("HANDSHAKE")
    end = time.monotonic() + _SECONDS
    while met and not Path(met).exists():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)


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
