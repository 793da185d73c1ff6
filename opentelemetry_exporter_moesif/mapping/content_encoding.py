"""Decodes compressed bodies, never beyond a bound: a few kilobytes can hold a gigabyte."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS

# Whatever is sent, decoding has a bound: this many encodings, each of which may make `max_bytes`, and this many members
# of gzip, which may be of 20 bytes each. Real ones are one or two, and a few.
_MOST_ENCODINGS = 3
_MOST_MEMBERS = 100
# What follows a member is copied each time: pieces make that a small copy.
_PIECE_BYTES = 4096


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
    decoded = bytearray()
    members = 0
    decompressor = None
    for start in range(0, len(content), _PIECE_BYTES):
        piece = content[start : start + _PIECE_BYTES]
        while piece:
            if decompressor is None or decompressor.eof:  # several may follow each other (RFC 1952, section 2.2)
                members += 1
                decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            if members > _MOST_MEMBERS:
                msg = "too many members"
                raise UndecodableError(msg)
            decoded += _inflated(decompressor, piece, max_bytes + 1 - len(decoded))
            if len(decoded) > max_bytes:
                return Decoded(bytes(decoded[:max_bytes]), cut=True)
            piece = decompressor.unused_data
    return Decoded(bytes(decoded), cut=False)


def _deflate(content: bytes, max_bytes: int) -> Decoded:
    # "deflate" means zlib's format (RFC 9110), but some send the bare stream.
    try:
        decoded = _inflated(zlib.decompressobj(_GZIP_OR_ZLIB), content, max_bytes + 1)
    except UndecodableError:
        decoded = _inflated(zlib.decompressobj(_RAW_DEFLATE), content, max_bytes + 1)
    return Decoded(decoded[:max_bytes], len(decoded) > max_bytes)


def _inflated(decompressor: zlib._Decompress, content: bytes, max_bytes: int) -> bytes:
    try:
        return decompressor.decompress(content, max_bytes)
    except zlib.error as error:
        raise UndecodableError(str(error)) from error


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
