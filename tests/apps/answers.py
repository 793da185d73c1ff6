"""What every application of this directory answers, whatever its framework."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

HEADERS = {"X-Custom": "a", "Set-Cookie": "s=hush-set-cookie"}
CHUNKS = (b"one\n", b"two\n", b"three\n")


def boom() -> None:
    """Raise what a handler with a bug raises; the message holds a secret in a URL, as real ones do."""
    message = "boom at https://pay.example.com/charge?amount=1&sig=hush-exception"
    raise RuntimeError(message)


def handshake() -> Iterator[bytes]:
    """A first chunk, and a second one that says whether the caller had the first one by then.

    The caller says so by making the file that the variable HANDSHAKE names.
    """
    yield b"first\n"
    met = Path(os.environ["HANDSHAKE"])
    end = time.monotonic() + 10
    while not met.exists() and time.monotonic() < end:
        time.sleep(0.01)
    yield b"met\n" if met.exists() else b"nobody came\n"
