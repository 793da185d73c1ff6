"""The bytes of a file as they were before they were compressed or encoded: gzip, zstd, bzip2, xz, UTF-16."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import importlib
import io
import zlib
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

READ_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024  # its rest is copied for each stream in it

_GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BZIP2_MAGIC = b"BZh"
_XZ_MAGIC = b"\xfd7zXZ\0"
COMPRESSED = (_GZIP_MAGIC, ZSTD_MAGIC, _BZIP2_MAGIC, _XZ_MAGIC)
"""How compressed files begin."""
# Somebody compressed what was compressed already.
_MOST_LAYERS = 3
_HEAD_BYTES = 512
# What begins so, or has it at this place, holds files or tables, and no records one behind the other.
_ARCHIVES = (
    (0, b"PK\x03\x04", "a zip archive: `unzip -p FILE | moesif-otel replay -` reads what is in it"),
    (257, b"ustar", "a tar archive: `tar -xOf FILE | moesif-otel replay -` reads what is in it"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (0, b"Rar!", "a rar archive: unpack it first"),
    (0, b"PAR1", "Parquet, which is not read: write what is in it as JSON, one record a line"),
    (0, b"Obj\x01", "Avro, which is not read: write what is in it as JSON, one record a line"),
)
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF16_LETTERS = 4
# How far back a frame may refer: what zstd itself takes unless it is told otherwise.
_ZSTD_WINDOW_LOG = 27
_XZ_MAX_BYTES = 160 * 1024 * 1024


class MissingExtraError(Exception):
    """A library that is not installed; its text says which extra brings it."""

    def __init__(self, what: str, extra: str = "replay") -> None:
        super().__init__(f"{what} needs more than is installed: pip install 'opentelemetry-exporter-moesif[{extra}]'")


class UnreadableError(Exception):
    """A file that holds no records; its text says what it is."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Bytes, none at the end."""


def unpacked(raw: io.BufferedReader) -> io.BufferedReader:
    """What a file holds, unpacked and in UTF-8. By its first bytes and not by its name: names lie.

    Raises:
        MissingExtraError: It is of a compression that cannot be read here.
        UnreadableError: It is an archive or a table.
    """
    for _ in range(_MOST_LAYERS):
        head = raw.peek(_HEAD_BYTES)
        reader = next((reader for magic, reader in _READERS.items() if head.startswith(magic)), None)
        if reader is None:
            break
        raw = io.BufferedReader(reader(raw), READ_BYTES)
    head = raw.peek(_HEAD_BYTES)
    for at, mark, what in _ARCHIVES:
        if head.startswith(mark, at):
            raise UnreadableError(what)
    encoding = _utf16(raw.peek(2 * _UTF16_LETTERS)[: 2 * _UTF16_LETTERS])
    return io.BufferedReader(_Transcoded(raw, encoding), READ_BYTES) if encoding else raw


def damage(error: Exception) -> str | None:
    """What an error of reading a compressed file says; None where it is another one."""
    is_bzip2 = isinstance(error, OSError) and error.args == ("Invalid data stream",)
    if is_bzip2 or isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile)) or type(error).__name__ in _DAMAGES:
        if "memory" in str(error).lower():
            return "it was compressed so that unpacking it takes more memory than 128 MiB"
        return "the compressed data ends too early or is damaged"
    return None


_DAMAGES = ("ZstdError", "IsalError", "LZMAError", "error")


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


def _bzip2_file(raw: io.BufferedReader) -> Any:
    return _library("bz2").BZ2File(raw)


def _xz_file(raw: io.BufferedReader) -> Any:
    return _XZFile(raw, lambda: _library("lzma").LZMADecompressor(memlimit=_XZ_MAX_BYTES))


def _library(name: str) -> ModuleType:
    """One of the standard library's, which a Python may be built without."""
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"{name}, which this Python was built without, is needed to unpack it"
        raise UnreadableError(message) from None


_READERS: dict[bytes, Callable[[io.BufferedReader], Any]] = {
    _GZIP_MAGIC: _gzip_file,
    ZSTD_MAGIC: _zstd_file,
    _BZIP2_MAGIC: _bzip2_file,
    _XZ_MAGIC: _xz_file,
}


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


class _XZFile(io.RawIOBase):
    """A file of xz, unpacked within bounded memory: `lzma.LZMAFile` knows no bound."""

    def __init__(self, raw: io.BufferedReader, decompressor: Callable[[], Any]) -> None:
        self._raw = raw
        self._new = decompressor
        self._decompressor = decompressor()

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        while True:
            piece = self._next_piece()
            if piece is None:
                return 0
            content = self._decompressor.decompress(piece, len(buffer))
            if content:
                buffer[: len(content)] = content
                return len(content)

    def _next_piece(self) -> bytes | None:
        """What is to be unpacked next; None at the end."""
        if not self._decompressor.eof:
            if not self._decompressor.needs_input:
                return b""
            piece = self._raw.read1(_PIECE_BYTES)
            if not piece:
                raise EOFError
            return piece
        # Another stream may follow, behind zeros.
        rest: bytes = self._decompressor.unused_data.lstrip(b"\0")
        while not rest:
            piece = self._raw.read1(_PIECE_BYTES)
            if not piece:
                return None
            rest = piece.lstrip(b"\0")
        self._decompressor = self._new()
        return rest
