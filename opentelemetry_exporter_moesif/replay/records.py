"""The records of a stream, one after the other: lines, documents, messages. Never two of them are held.

What cannot be read is told, and reading goes on behind it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay import streams
from opentelemetry_exporter_moesif.replay.formats.documents import TooManyValuesError, is_json
from opentelemetry_exporter_moesif.replay.formats.reader import why_unknown
from opentelemetry_exporter_moesif.replay.json_documents import documents
from opentelemetry_exporter_moesif.replay.options import RECORD_MAX_BYTES

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.formats.reader import FormatReader

_HEAD_BYTES = 64 * 1024
_LENGTH_BYTES = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What no text has in it.
_CONTROL_CHARACTERS = bytes((*range(8), *range(14, 27), *range(28, 32)))
# ResourceSpans: a resource (1), its scopes (2) or a schema's URL (3), each with its length.
_FIRST_FIELD = b"\x0a"
_NEXT_FIELDS = b"\x0a\x12\x1a"
_VARINT_MORE = 0x80
_SECOND_DOCUMENT = "Extra data"

Bad = Callable[[str], None]


class RecordReader:
    """Reads the records of one stream.

    Args:
        stream: Its bytes, unpacked.
        formats: Reads each record.
        bad: Told why a record cannot be read.
        end_record: Called behind each record with its bytes.

    Attributes:
        line: The number of the line that is being read; 0 where there are none.
    """

    def __init__(
        self,
        stream: io.BufferedReader,
        formats: FormatReader,
        bad: Bad,
        end_record: Callable[[int], None],
    ) -> None:
        self.line = 0
        self._stream = stream
        self._formats = formats
        self._bad = bad
        self._end_record = end_record

    def read(self, limit: int | None = None) -> None:
        """Reads them all, or the lines that begin before `limit` bytes.

        Raises:
            OSError, EOFError, zlib.error: The stream cannot be read on.
        """
        head = self._stream.peek(_HEAD_BYTES)
        if has_lengths(head):
            self._read_messages()
        elif is_protobuf(head):
            self._read_message()
        else:
            self._read_lines(limit)
        self._formats.end()

    def _read_messages(self) -> None:
        """What the Collector's file exporter writes with `format: proto` or `compression`."""
        while True:
            length = self._stream.read(_LENGTH_BYTES)
            if not length:
                return
            size = int.from_bytes(length, "big")
            if len(length) < _LENGTH_BYTES or size > RECORD_MAX_BYTES:
                self._bad(f"a message longer than {RECORD_MAX_BYTES // 1024**2} MiB, or no message at all")
                return
            message = self._stream.read(size)
            if len(message) < size:
                self._bad("the last message is cut off")
                return
            self._message(message)
            self._end_record(size)

    def _message(self, message: bytes) -> None:
        if message.startswith(streams.ZSTD_MAGIC):
            try:
                content = streams.inflated(message, RECORD_MAX_BYTES)
            except Exception as error:
                reason = streams.damage(error)
                if reason is None:
                    raise
                self._bad(reason)
                return
            if content is None:
                self._bad(f"longer than {RECORD_MAX_BYTES // 1024**2} MiB")
                return
            message = content
        if is_json(message):
            self._json(message)
        else:
            self._formats.message(message)

    def _read_message(self) -> None:
        message = self._stream.read(RECORD_MAX_BYTES + 1)
        if len(message) > RECORD_MAX_BYTES:
            self._bad(f"longer than {RECORD_MAX_BYTES // 1024**2} MiB")
            return
        self._formats.message(message)
        self._end_record(len(message))

    def _read_lines(self, limit: int | None) -> None:
        offset = 0
        if self._stream.peek(len(_BYTE_ORDER_MARK)).startswith(_BYTE_ORDER_MARK):
            self._stream.read(len(_BYTE_ORDER_MARK))
        while limit is None or offset < limit:
            line = self._stream.readline(_HEAD_BYTES)
            if not line:
                return
            if len(line) == _HEAD_BYTES and not line.endswith(b"\n") and not line.isspace():
                # An array may be the whole file. Of anything else a line is the whole.
                if line.lstrip().startswith(b"["):
                    self.line += 1
                    self._read_documents(self._stream, line)
                    return
                line += self._stream.readline(RECORD_MAX_BYTES - _HEAD_BYTES)
            size = len(line)
            offset += size
            is_whole = line.endswith(b"\n")
            # Blanks without an end are held by nobody.
            self.line += is_whole or not line.isspace()
            if size >= RECORD_MAX_BYTES and not is_whole:
                del line
                offset += self._skip_line()
                self._bad(f"longer than {RECORD_MAX_BYTES // 1024**2} MiB")
                continue
            if not line.isspace() and self._line(line):
                # A part of a file has whole lines alone: what goes on elsewhere is another part's.
                if limit is None and goes_on(line):
                    self._read_documents(self._stream, line)
                    return
                self._read_documents(io.BytesIO(line))
            del line
            self._end_record(size)

    def _line(self, line: bytes) -> bool:
        """Reads a line. Returns whether it is JSON, but not one document."""
        if not line.startswith(b"{"):
            unwrapped = self._formats.unwrapped(line)
            if unwrapped is None:
                return False
            line = unwrapped
        if not is_json(line):
            if not self._formats.line(line):
                self._bad(why_unknown(line))
            return False
        try:
            self._formats.decoded(line)
        except TooManyValuesError as error:
            self._bad(str(error))
        except json.JSONDecodeError:  # orjson's is one too
            # A log's line may begin with a time in brackets.
            return not (line.startswith(b"[") and self._formats.line(line))
        except (ValueError, RecursionError):
            self._bad("not JSON")
        return False

    def _json(self, content: bytes) -> None:
        try:
            self._formats.decoded(content)
        except TooManyValuesError as error:
            self._bad(str(error))
        except (ValueError, RecursionError):
            self._bad("not JSON")

    def _value(self, value: Any) -> None:
        try:
            self._formats.value(value)
        except RecursionError:
            self._bad("nested too deeply")

    def _read_documents(self, stream: io.BufferedIOBase, head: bytes = b"") -> None:
        first = self.line - 1
        for line, value, reason in documents(stream, head, RECORD_MAX_BYTES):
            self.line = first + line
            if reason is None:
                self._value(value)
            else:
                self._bad(reason)
            self._end_record(_HEAD_BYTES)

    def _skip_line(self) -> int:
        skipped = 0
        while True:
            piece = self._stream.readline(streams.READ_BYTES)
            skipped += len(piece)
            if not piece or piece.endswith(b"\n"):
                return skipped


def has_lengths(head: bytes) -> bool:
    """Whether a file begins with the length of a message, and that message."""
    if len(head) <= _LENGTH_BYTES or int.from_bytes(head[:_LENGTH_BYTES], "big") > RECORD_MAX_BYTES:
        return False
    message = head[_LENGTH_BYTES:]
    return message.startswith((streams.ZSTD_MAGIC, _FIRST_FIELD, b"{"))


def is_protobuf(head: bytes) -> bool:
    """Whether a file begins as a request of OTLP does in protobuf."""
    at = 1
    while at < len(head) and head[at] & _VARINT_MORE:
        at += 1
    return (
        head.startswith(_FIRST_FIELD)
        and head[at + 1 : at + 2] in {bytes((field,)) for field in _NEXT_FIELDS}
        and len(head.translate(None, _CONTROL_CHARACTERS)) < len(head)
    )


def goes_on(line: bytes) -> bool:
    """Whether a document begins in this line that goes on behind it: an array, a pretty object, a second one.

    A line that is cut off within a text is a bad line: the next one begins a record.
    """
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        is_cut_between_values = line.endswith(b"\n") and error.pos >= len(error.doc.rstrip())
        return line.lstrip().startswith(b"[") or is_cut_between_values or error.msg.startswith(_SECOND_DOCUMENT)
    except ValueError:  # not UTF-8, or a number with more digits than Python reads
        return line.lstrip().startswith(b"[")
    except RecursionError:
        return False
    return False
