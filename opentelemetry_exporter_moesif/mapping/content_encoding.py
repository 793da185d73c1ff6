"""Decodes compressed bodies, never beyond a bound: a few kilobytes can hold a gigabyte."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.gunzip import GZIP_OR_ZLIB, Gunzip

if TYPE_CHECKING:
    from collections.abc import Callable

_RAW_DEFLATE = -zlib.MAX_WBITS

# Whatever is sent, decoding has a bound: this many encodings, each of which may make `max_bytes`.
_MOST_ENCODINGS = 3


class Decoded(NamedTuple):
    """The start of a decoded body, and whether there was more of it than the bound allows."""

    content: bytes
    cut: bool


class UndecodableError(ValueError):
    """The body is not in the encoding that it says, or nothing here can read that."""


def decode_content(content: bytes, content_encoding: str, max_bytes: int) -> Decoded:
    """Undoes the encodings that a `Content-Encoding` header names (RFC 9110, section 8.4), the last one first.

    Args:
        content: The body as it was sent, or the start of it.
        content_encoding: The header's value; empty for none.
        max_bytes: At most this many bytes are decoded.

    Raises:
        UndecodableError: The body is damaged, of an encoding that cannot be read here, or of more than three.
    """
    decoded = Decoded(content[:max_bytes], len(content) > max_bytes)
    encodings = [name.strip().lower() for name in content_encoding.split(",")]
    encodings = [name for name in encodings if name not in {"", "identity"}]
    if len(encodings) > _MOST_ENCODINGS:
        msg = f"{len(encodings)} encodings"
        raise UndecodableError(msg)
    for name in reversed(encodings):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise UndecodableError(name)
        decoded = decoder(decoded.content, max_bytes)
    return decoded


def _gzip(content: bytes, max_bytes: int) -> Decoded:
    body = Gunzip(max_bytes, GZIP_OR_ZLIB)
    try:
        body.feed(content)
    except ValueError as error:
        raise UndecodableError(str(error)) from error
    return Decoded(bytes(body.content[:max_bytes]), body.is_over)


def _deflate(content: bytes, max_bytes: int) -> Decoded:
    # "deflate" means zlib's format (RFC 9110), but some send the bare stream.
    try:
        return _inflated(content, max_bytes, GZIP_OR_ZLIB)
    except UndecodableError:
        return _inflated(content, max_bytes, _RAW_DEFLATE)


def _inflated(content: bytes, max_bytes: int, formats: int) -> Decoded:
    try:
        start = zlib.decompressobj(formats).decompress(content, max_bytes + 1)
    except zlib.error as error:
        raise UndecodableError(str(error)) from error
    return Decoded(start[:max_bytes], len(start) > max_bytes)


def _brotli(content: bytes, max_bytes: int) -> Decoded:
    try:
        import brotli  # pyright: ignore[reportMissingImports]  # noqa: PLC0415 - optional, and only an application that answers in it has it
    except ImportError as error:
        msg = "br"
        raise UndecodableError(msg) from error
    try:
        # Versions before 1.2 know no limit: there a body could decode to gigabytes, so it is not decoded.
        piece: bytes = brotli.Decompressor().process(content, output_buffer_limit=max_bytes + 1)
    except (TypeError, brotli.error) as error:
        raise UndecodableError(str(error)) from error
    return Decoded(piece[:max_bytes], len(piece) > max_bytes)


_DECODERS: dict[str, Callable[[bytes, int], Decoded]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
}
