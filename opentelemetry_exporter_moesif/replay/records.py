"""Files of JSON as a stream of records: lines or documents, gzip or not, and never more than one record in memory.

What cannot be read is a `BadRecord` in its place, and reading goes on behind it.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.replay.json_documents import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STANDARD_INPUT = "-"
RECORD_MAX_BYTES = 64 * 1024 * 1024
"""A longer line, or a longer element of an array, is bad: nobody's exporter writes one, and memory has to stay flat."""

_HEAD_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# What else the Collector's file exporter writes: a number of bytes (big-endian) before each message.
_LENGTH_BYTES = 4
_BINARY = b"\0"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_Lines = io.BufferedReader | gzip.GzipFile


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value, and where it stands."""

    file: str
    line: int
    value: Any


@dataclass(frozen=True, slots=True)
class BadRecord:
    """What could not be read, where it stands, and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        """`file:line: reason`, as compilers have it; without a line where the file itself is bad."""
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class Source:
    """A file, or standard input, to read records from.

    Args:
        name: its path, or `-`.
    """

    def __init__(self, name: str) -> None:
        self.name = "standard input" if name == STANDARD_INPUT else name
        self._path = None if name == STANDARD_INPUT else Path(name)
        self._raw: io.BufferedReader | None = None

    def size(self) -> int | None:
        """Bytes of the file as it lies there; None where nobody knows before the end."""
        try:
            return self._path.stat().st_size if self._path is not None and self._path.is_file() else None
        except OSError:
            return None

    def position(self) -> int:
        """Bytes read so far, of those that `size` counts."""
        try:
            return self._raw.tell() if self._raw is not None and not self._raw.closed else 0
        except OSError:  # a pipe
            return 0

    def records(self) -> Iterator[Record | BadRecord]:
        """Every record in order."""
        line = 0
        try:
            with self._open() as raw:
                self._raw = raw
                unsupported = _unsupported(raw.peek(_LENGTH_BYTES + len(_ZSTD_MAGIC)))
                if unsupported:
                    yield BadRecord(self.name, 0, unsupported)
                    return
                for line, value in _values(_unzipped(raw)):
                    if isinstance(value, Unreadable):
                        yield BadRecord(self.name, line, value.reason)
                    else:
                        yield Record(self.name, line, value)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield BadRecord(self.name, line + 1, "the gzip data ends too early or is damaged")
        except OSError as error:
            yield BadRecord(self.name, line, f"cannot be read: {error.strerror or type(error).__name__}")

    def _open(self) -> io.BufferedReader:
        raw = io.FileIO(sys.stdin.fileno(), closefd=False) if self._path is None else io.FileIO(self._path)
        return io.BufferedReader(raw, _READ_BYTES)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a value that could not be read."""

    reason: str


def _unsupported(head: bytes) -> str | None:
    """Why a file with this beginning cannot be read at all, or None."""
    if head.startswith(_ZSTD_MAGIC):
        return "compressed with zstd: unpack it first (zstd -dc FILE | moesif-otel replay -)"
    if head.startswith(_BINARY):
        return (
            "binary, as the Collector's file exporter writes with `format: proto` or `compression`; JSON lines are read"
        )
    return None


def _unzipped(raw: io.BufferedReader) -> _Lines:
    # By the first bytes and not by the name: standard input has none, and names lie.
    return gzip.GzipFile(fileobj=raw) if raw.peek(len(_GZIP_MAGIC))[:2] == _GZIP_MAGIC else raw


def _values(stream: _Lines) -> Iterator[tuple[int, Any]]:
    """(line number, value) of each value; the elements of an array one by one."""
    head, skipped = _head(stream)
    reader: Callable[[_Lines, bytes], Iterator[tuple[int, Any]]] = _documents if _spans_lines(head) else _lines
    for line, value in reader(stream, head):
        for item in value if isinstance(value, list) else (value,):
            yield skipped + line, item


def _head(stream: _Lines) -> tuple[bytes, int]:
    """The first line that is not blank, or its beginning, and the number of blank lines before it."""
    skipped = 0
    head = stream.readline(_HEAD_BYTES).removeprefix(_BYTE_ORDER_MARK)
    while head and not head.strip():
        skipped += 1
        head = stream.readline(_HEAD_BYTES)
    return head, skipped


def _spans_lines(head: bytes) -> bool:
    """Whether a document begins here that goes on behind the line's end: an array, or an object printed prettily."""
    start = head.lstrip()[:1]
    if start not in (b"[", b"{"):
        return False
    try:
        json.loads(head)
    except UnicodeDecodeError:
        return start == b"["
    except json.JSONDecodeError as error:
        cut_between_values = head.endswith(b"\n") and error.pos >= len(error.doc.rstrip())
        return start == b"[" or cut_between_values
    except RecursionError:
        return False
    return False


def _lines(stream: _Lines, head: bytes) -> Iterator[tuple[int, Any]]:
    number = 0
    line = head if head.endswith(b"\n") else head + stream.readline(RECORD_MAX_BYTES)
    while line:
        number += 1
        if len(line) > RECORD_MAX_BYTES or (len(line) == RECORD_MAX_BYTES and not line.endswith(b"\n")):
            _skip_line(stream)
            yield number, Unreadable(f"longer than {RECORD_MAX_BYTES // 1024**2} MiB")
        elif not line.isspace():
            yield number, _decoded(line)
        line = stream.readline(RECORD_MAX_BYTES)


def _skip_line(stream: _Lines) -> None:
    while True:
        piece = stream.readline(_READ_BYTES)
        if not piece or piece.endswith(b"\n"):
            return


def _decoded(line: bytes) -> Any:
    try:
        return loads(line)
    except json.JSONDecodeError as error:  # orjson's is one too
        return Unreadable(f"not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError):
        return Unreadable("not JSON")


def _documents(stream: _Lines, head: bytes) -> Iterator[tuple[int, Any]]:
    for line, value, reason in documents(stream, head, RECORD_MAX_BYTES):
        yield line, value if reason is None else Unreadable(reason)
