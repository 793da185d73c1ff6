"""The bytes of a file as they were before they were compressed or encoded: gzip, zstd, UTF-16."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import importlib
import io
import zlib
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from types import ModuleType

READ_BYTES = 1024 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF16_LETTERS = 4
# How far back a frame may refer: what zstd itself takes unless it is told otherwise.
_ZSTD_WINDOW_LOG = 27


class MissingExtraError(Exception):
    """A library that is not installed; its text says which extra brings it."""

    def __init__(self, what: str, extra: str = "replay") -> None:
        super().__init__(f"{what} needs more than is installed: pip install 'opentelemetry-exporter-moesif[{extra}]'")


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Bytes, none at the end."""


def unpacked(raw: io.BufferedReader) -> io.BufferedReader:
    """What a file holds, unpacked and in UTF-8. By its first bytes and not by its name: names lie.

    Raises:
        MissingExtraError: It is of zstd, which cannot be read here.
    """
    head = raw.peek(len(ZSTD_MAGIC))
    if head.startswith(_GZIP_MAGIC):
        raw = io.BufferedReader(_gzip_file(raw), READ_BYTES)
    elif head.startswith(ZSTD_MAGIC):
        raw = io.BufferedReader(_zstd_file(raw), READ_BYTES)
    encoding = _utf16(raw.peek(2 * _UTF16_LETTERS)[: 2 * _UTF16_LETTERS])
    return io.BufferedReader(_Transcoded(raw, encoding), READ_BYTES) if encoding else raw


def damage(error: Exception) -> str | None:
    """What an error of reading a compressed file says; None where it is another one."""
    if isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile)) or type(error).__name__ in _DAMAGES:
        return "the compressed data ends too early or is damaged"
    return None


_DAMAGES = ("ZstdError", "IsalError", "error")


def zstd() -> ModuleType:
    """The standard library's, or what stands for it before Python 3.14. Raises `MissingExtraError`."""
    for name in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    what = "zstd"
    raise MissingExtraError(what)


def inflated(message: bytes, max_bytes: int) -> bytes | None:
    """A message that was compressed by zstd alone; None where it takes more than `max_bytes`.

    Raises:
        Exception: It is damaged; `damage` tells.
    """
    library = zstd()
    decompressor = library.ZstdDecompressor(options=_zstd_options(library))
    content = cast("bytes", decompressor.decompress(message, max_length=max_bytes + 1))
    if len(content) > max_bytes:
        return None
    if not decompressor.eof:
        raise EOFError
    return content


def _gzip_file(raw: io.BufferedReader) -> Any:
    try:
        from isal import igzip  # noqa: PLC0415 - there are machines without it
    except ImportError:
        return gzip.GzipFile(fileobj=raw)
    return igzip.IGzipFile(fileobj=raw, mode="rb")  # type: ignore[no-untyped-call]  # it has no types


def _zstd_file(raw: io.BufferedReader) -> Any:
    library = zstd()
    return library.ZstdFile(raw, options=_zstd_options(library))


def _zstd_options(library: ModuleType) -> dict[Any, int]:
    return {library.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}


def _utf16(head: bytes) -> str | None:
    """Which UTF-16 a text begins in, by its mark or by the zeros between Latin letters."""
    marked = _UTF16_MARKS.get(head[:2])
    if marked or len(head) < 2 * _UTF16_LETTERS:
        return marked
    even, odd = head[::2], head[1::2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else None


class _Transcoded(io.RawIOBase):
    """A text in another encoding, as UTF-8."""

    def __init__(self, raw: io.BufferedReader, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        while not self._rest:
            piece = self._raw.read1(READ_BYTES)
            self._rest = self._decoder.decode(piece, final=not piece).encode("utf-8", "replace")
            if not piece:
                break
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
