"""Reads the body of a POST within bounds, compressed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.gunzip import Gunzip, TooManyMembersError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


class RefusedError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: The HTTP status of the answer.
        reason: The reason in words.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request, decompressed.

    Args:
        request: A request whose body was not read yet.
        limit: The most bytes that the body may have, before and after decompression.

    Raises:
        RefusedError: 413 for a body over the limit (a gzip bomb is given up at the limit, not unpacked),
            415 for an unknown encoding, 400 for damaged gzip.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"gzip", "identity", ""}:
        raise RefusedError(415, f"Content-Encoding {encoding[:40]!r} is not known: send gzip or nothing")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    chunks = request.stream()
    return await (_inflate(chunks, limit) if encoding == "gzip" else _join(chunks, limit))


async def _join(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _inflate(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = Gunzip(limit)
    async for chunk in chunks:
        try:
            body.feed(chunk)
        except TooManyMembersError as error:
            raise RefusedError(400, f"the body's gzip is of {error}") from error
        except ValueError as error:
            raise RefusedError(400, "the body is not gzip, as Content-Encoding says") from error
        if body.is_over:
            raise _too_large(limit)
    if not body.is_whole:
        raise RefusedError(400, "the body's gzip ends before its end")
    return bytes(body.content)


def _too_large(limit: int) -> RefusedError:
    return RefusedError(413, f"over the limit of {limit:,} bytes before compression")
