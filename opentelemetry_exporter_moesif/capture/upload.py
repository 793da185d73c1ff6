"""Uploads (`multipart/form-data`, RFC 7578): their fields, and of files the name, type and size, never the content."""

from __future__ import annotations

import logging
import sys
from typing import Any

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# As many parts as Starlette and Werkzeug take by default, and as much of a part's headers as anybody sends.
_MOST_PARTS = 1000
_MOST_HEADER_BYTES = 8192
# RFC 2046 (5.1.1) allows 70, servers take more. Newer parsers refuse longer ones themselves, older ones look for any.
_MOST_BOUNDARY_BYTES = 256
# What comes before the first part is read byte by byte: an honest client sends nothing there.
_MOST_BYTES_BEFORE = 1024
# This, and the parser while there is more to come: its attributes are a dictionary of its own before Python 3.11.
_UPLOAD_BYTES = 480
_PARSER_BYTES = 1300 if sys.version_info >= (3, 11) else 1700
# A place in a list, with what a list keeps free.
_LIST_ITEM_BYTES = 9

# The parser warns of each odd byte that a client sends. That is no news for the log of a service that did not ask it.
_silent = logging.Logger(f"{_logger.name}.uploads", logging.CRITICAL + 1)  # noqa: LOG001 - no set-up of the application reaches it

_logged = {"missing": False}


class Unreadable(Exception):  # noqa: N818 - what the body is, and nobody's error
    """The body is no upload, or has more in it than anybody sends."""


class Upload:
    """Reads an upload as it passes, and keeps what an event tells of it.

    Args:
        boundary: What separates its parts, of the content type.
        limit: At most this many bytes of names and values are kept.

    Raises:
        ImportError: There is no parser (`python-multipart`).
        ValueError: Nobody has such a boundary.
    """

    __slots__ = (
        "_content_type",
        "_disposition",
        "_header",
        "_header_bytes",
        "_kept_bytes",
        "_options",
        "_parser",
        "_parts",
        "_room",
        "_seen",
        "_size",
        "_value",
        "fields",
        "is_cut",
        "is_unreadable",
    )

    def __init__(self, boundary: bytes, limit: int) -> None:
        from python_multipart.multipart import MultipartParser  # noqa: PLC0415 - optional, and for uploads only

        if not 0 < len(boundary) <= _MOST_BOUNDARY_BYTES:
            msg = f"a boundary of {len(boundary)} bytes"
            raise ValueError(msg)
        self.fields: dict[str, Any] = {}
        self._kept_bytes = _UPLOAD_BYTES
        self.is_cut = False
        self.is_unreadable = False
        self._room = limit
        self._seen = 0
        self._parts = 0
        self._header: list[bytes] = [b"", b""]
        self._header_bytes = 0
        self._disposition = self._content_type = b""
        self._options: dict[bytes, bytes] = {}
        self._value = bytearray()
        self._size = 0
        self._parser: MultipartParser | None = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._read_header_name,
                "on_header_value": self._read_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._read_part,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )
        self._parser.logger = _silent

    @property
    def held_bytes(self) -> int:
        """The memory that it takes."""
        parser_bytes = _PARSER_BYTES if self._parser else 0
        return self._kept_bytes + sys.getsizeof(self.fields) + sys.getsizeof(self._value) + parser_bytes

    def read(self, chunk: bytes) -> None:
        """Reads on. What cannot be read any more is left alone from there on."""
        if self._parser is None:
            return
        self._seen += len(chunk)
        try:
            self._parser.write(chunk)
            if not self._parts and self._seen > _MOST_BYTES_BEFORE:
                self._give_up()
        except Exception:  # noqa: BLE001 - the parser's own errors, and ours out of its callbacks
            self.is_unreadable = True
            self.is_cut = self._parts > 0
            self._end()

    def _end(self) -> None:
        self._parser = None
        self._value = bytearray()

    def _begin_part(self) -> None:
        self._parts += 1
        self._header_bytes = self._size = 0
        self._disposition = self._content_type = b""
        self._value = bytearray()
        if self._parts > _MOST_PARTS:
            self._give_up()

    def _read_header_name(self, data: bytes, start: int, end: int) -> None:
        self._read_header(0, data[start:end])

    def _read_header_value(self, data: bytes, start: int, end: int) -> None:
        self._read_header(1, data[start:end])

    def _read_header(self, part: int, piece: bytes) -> None:
        self._header_bytes += len(piece)
        if self._header_bytes > _MOST_HEADER_BYTES:
            self._give_up()
        self._header[part] += piece

    def _end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        elif name.lower() == b"content-type":
            self._content_type = value
        self._header = [b"", b""]

    def _end_headers(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415 - as above

        _, self._options = parse_options_header(self._disposition)

    def _read_part(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if b"filename" not in self._options:
            room = self._room - len(self._value)
            self._value += data[start : min(end, start + room)]
            self.is_cut = self.is_cut or end - start > room

    def _end_part(self) -> None:
        if b"filename" in self._options:
            value: Any = {
                "filename": self._kept(self._options[b"filename"]),
                "content_type": self._kept(self._content_type),
                "size": self._size,
            }
            self._kept_bytes += sum(map(sys.getsizeof, (value, *value.values())))
        else:
            value = self._kept(bytes(self._value))
            self._kept_bytes += sys.getsizeof(value)
        self._add(self._kept(self._options.get(b"name", b"")), value)

    def _add(self, name: str, value: Any) -> None:
        before = self.fields.get(name)
        if before is None:
            self.fields[name] = value
            self._kept_bytes += sys.getsizeof(name)
        elif isinstance(before, list):
            before.append(value)
            self._kept_bytes += _LIST_ITEM_BYTES
        else:
            self.fields[name] = [before, value]
            self._kept_bytes += sys.getsizeof(self.fields[name])

    def _kept(self, text: bytes) -> str:
        kept = text[: self._room].decode("utf-8", "replace")
        self.is_cut = self.is_cut or len(text) > self._room
        self._room -= min(self._room, len(text))
        return kept

    def _give_up(self) -> None:
        raise Unreadable


def upload_of(content_type: str, limit: int) -> Upload | None:
    """What reads an upload; None where the content type has no boundary, or nothing here reads uploads."""
    try:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415 - optional, and for uploads only

        _, options = parse_options_header(content_type)
        return Upload(options[b"boundary"], limit)
    except ImportError:
        _tell_that_it_is_missing()
    except Exception:
        _logger.debug("Moesif exporter: an upload cannot be read", exc_info=True)
    return None


def _tell_that_it_is_missing() -> None:
    if not _logged["missing"]:
        _logged["missing"] = True
        _logger.info(
            "Moesif exporter: uploads are left out. To have their fields told:"
            " pip install 'opentelemetry-exporter-moesif[uploads]'"
        )
