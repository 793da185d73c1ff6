"""What every application of this directory answers, whatever its framework."""

from __future__ import annotations

HEADERS = {"X-Custom": "a", "Set-Cookie": "s=hush-set-cookie"}
CHUNKS = (b"one\n", b"two\n", b"three\n")


def boom() -> None:
    """Raise what a handler with a bug raises; the message holds a secret in a URL, as real ones do."""
    message = "boom at https://pay.example.com/charge?amount=1&sig=hush-exception"
    raise RuntimeError(message)
