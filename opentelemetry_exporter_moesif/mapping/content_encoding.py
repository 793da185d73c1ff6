"""Decodes compressed bodies, never beyond a bound: a few kilobytes can hold a gigabyte."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


class Decoded(NamedTuple):
    """The start of a decoded body, and whether there was more of it than the bound allows."""

    content: bytes
    cut: bool


class UndecodableError(ValueError):
    """The body is not in the encoding that it says, or nothing here can read that."""


def decode_content(content: bytes, content_encoding: str, max_bytes: int) -> Decoded:
    """Undo the encodings that a `Content-Encoding` header names (RFC 9110, section 8.4), the last one first.

    Args:
        content: The body as it was sent, or the start of it.
        content_encoding: The header's value; empty for none.
        max_bytes: At most this many bytes are decoded.

    Raises:
        UndecodableError: The body is damaged, or of an encoding that cannot be read here.
    """
    decoded = Decoded(content[:max_bytes], len(content) > max_bytes)
    encodings = [name.strip().lower() for name in content_encoding.split(",")]
    for name in reversed([name for name in encodings if name not in {"", "identity"}]):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise UndecodableError(name)
        decoded = decoder(decoded.content, max_bytes)
    return decoded


def _gzip(content: bytes, max_bytes: int) -> Decoded:
    return _inflate(content, max_bytes, _GZIP_OR_ZLIB)


def _deflate(content: bytes, max_bytes: int) -> Decoded:
    # "deflate" means zlib's format (RFC 9110), but some send the bare stream.
    try:
        return _inflate(content, max_bytes, _GZIP_OR_ZLIB)
    except UndecodableError:
        return _inflate(content, max_bytes, _RAW_DEFLATE)


def _inflate(content: bytes, max_bytes: int, window_bits: int) -> Decoded:
    pieces = []
    room = max_bytes
    while content:
        decompressor = zlib.decompressobj(window_bits)
        try:
            piece = decompressor.decompress(content, room + 1)
        except zlib.error as error:
            raise UndecodableError(str(error)) from error
        pieces.append(piece[:room])
        if len(piece) > room:
            return Decoded(b"".join(pieces), cut=True)
        room -= len(piece)
        content = decompressor.unused_data  # gzip allows several members one after the other (RFC 1952, section 2.2)
    return Decoded(b"".join(pieces), cut=False)


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
