"""JSON documents out of a stream, piece by piece: the elements of an array that is larger than memory, one by one.

The standard library's decoder does the work at the speed of C: it is asked for the value at a position, and where the
value is not all there yet, more is read and it is asked again.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry_exporter_moesif.replay.streams import Readable

_READ_BYTES = 1024 * 1024
_MOST_READ_BYTES = 8 * 1024 * 1024
# Decoded they take 50 to 300 bytes each, however few they took in the file.
_MOST_VALUES = 2_000_000
_BLANK = re.compile(r"[ \t\r\n]*")
# Behind a value that cannot be read, the next one is looked for at the beginning of a line.
_NEXT_OBJECT = re.compile(r"\n[ \t]*(?=\{)")
# An error so near to the end may be only that the rest is not read yet (`-Infinity`, `\u00e9`).
_LONGEST_LITERAL = 12
# Text that is cut off gives its beginning as the place of the error, however much of it is there.
_CUT_TEXT = "Unterminated string"


def documents(stream: Readable, head: bytes, max_bytes: int) -> Iterator[tuple[int, Any, str | None]]:
    """The documents of a stream one after the other; of an array its elements.

    Args:
        stream: UTF-8; bytes that are not become U+FFFD.
        head: bytes already read from the stream.
        max_bytes: the most that one value may take.

    Yields:
        The line on which a value starts, the value, and None; or a line, None and why there is no value.
    """
    text = _Text(stream, head)
    in_array = broken = False
    while text.skip_blanks():
        character = text.character
        if character == ("]" if in_array else "["):
            in_array = not in_array
            text.advance(1)
        elif character == "," and in_array:
            text.advance(1)
        else:
            line, value, reason = _next_value(text, max_bytes)
            broken = reason is not None
            yield line, value, reason
    if in_array and not broken:
        yield text.line, None, "the array has no end: is the file cut off?"


def _next_value(text: _Text, max_bytes: int) -> tuple[int, Any, str | None]:
    line = text.line
    try:
        return line, text.value(max_bytes), None
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg}"
    except RecursionError:
        reason = "nested too deeply"
    except ValueError:
        reason = "not JSON: a number with more digits than Python reads"
    except OverflowError as error:
        reason = str(error)
    text.skip_to_next_object()
    return line, None, reason


class _Text:
    """A window on the stream's text, and the number of the line at its position."""

    def __init__(self, stream: Readable, head: bytes) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._json = json.JSONDecoder()
        self._text = self._decoder.decode(head)
        self._at = 0
        self._at_end = False
        self.line = 1

    @property
    def character(self) -> str:
        return self._text[self._at]

    def advance(self, count: int) -> None:
        self._move_to(self._at + count)

    def skip_blanks(self) -> bool:
        """To the next character that is not white space; False where there is none."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            if blank is not None:
                self._move_to(blank.end())
            if self._at < len(self._text):
                return True
            if not self._read():
                return False

    def value(self, max_bytes: int) -> Any:
        """The value at the position, which moves behind it.

        Raises:
            json.JSONDecodeError: there is none.
            RecursionError: it is nested too deeply.
            OverflowError: it is longer than `max_bytes`, or holds more values than fit into memory.
        """
        while True:
            outcome = self._decoded()
            if not isinstance(outcome, json.JSONDecodeError):
                self._move_to(outcome[1])
                return outcome[0]
            if len(self._text) - outcome.pos > _LONGEST_LITERAL and not outcome.msg.startswith(_CUT_TEXT):
                raise outcome
            self._check_size(max_bytes)
            if not self._read():
                raise outcome

    def _check_size(self, max_bytes: int) -> None:
        if len(self._text) - self._at > max_bytes:
            message = f"longer than {max_bytes // 1024**2} MiB"
            raise OverflowError(message)
        if sum(self._text.count(mark, self._at) for mark in ",[{") > _MOST_VALUES:
            message = "more than 2 million values in one record"
            raise OverflowError(message)

    def _decoded(self) -> tuple[Any, int] | json.JSONDecodeError:
        try:
            return self._json.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            return error

    def skip_to_next_object(self) -> None:
        """Behind the next line break that an object follows, else to the end."""
        self.advance(min(1, len(self._text) - self._at))
        while True:
            start = _NEXT_OBJECT.search(self._text, self._at)
            if start is not None:
                self._move_to(start.end())
                return
            last_line = max(self._text.rfind("\n"), self._at)
            self._move_to(last_line if self._text[last_line:].isspace() else len(self._text))
            if not self._read():
                self._move_to(len(self._text))
                return

    def _move_to(self, position: int) -> None:
        self.line += self._text.count("\n", self._at, position)
        self._at = position

    def _read(self) -> bool:
        """Drops what lies behind and reads as much again as is left; False at the end of the stream."""
        if self._at_end:
            return False
        rest = self._text[self._at :]
        piece = self._stream.read(min(max(_READ_BYTES, len(rest)), _MOST_READ_BYTES))
        self._at_end = not piece
        self._text = rest + self._decoder.decode(piece, final=self._at_end)
        self._at = 0
        return True
