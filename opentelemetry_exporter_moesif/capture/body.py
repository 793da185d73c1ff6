"""One body as it passes: its first bytes, how long it was, and how it ended."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from opentelemetry_exporter_moesif.mapping.body import CapturedBody, media_type_of

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.capture.upload import Upload
    from opentelemetry_exporter_moesif.mapping.body import Cut

Ending = Literal["whole", "aborted", "broken", "file"]
"""How a body ended. ``aborted``: the other side went away; ``broken``: what made it failed, or nobody wanted the rest;
``file``: the server sends it itself."""

# No longer number is a length, and Python refuses to read very long ones.
_LENGTH = re.compile("[0-9]{1,18}")
# What is held of a header counts, too. A media type with a boundary, and three encodings, are shorter than this.
_HEADER_CHARACTERS = 256

_UPLOAD = "multipart/form-data"
_EVENTS = "text/event-stream"


@dataclass(slots=True, eq=False)
class Body:
    """The first bytes of one body, copied as it passes.

    Args:
        limit: At most this many bytes are kept.
        awaited: Whether there is more to come until its end has been seen.
        with_streams: Whether streams of events, which have no end, are kept as well.
    """

    limit: int
    awaited: bool = False
    with_streams: bool = False
    content_type: str = ""
    content_encoding: str = ""
    expected: int = 0
    content: bytearray = field(default_factory=bytearray)
    seen: int = 0
    ending: Ending | None = None
    left_out: bool = False
    upload: Upload | None = None

    def describe(self, content_type: str, content_encoding: str, content_length: str = "") -> None:
        """Takes the headers of the body. It must be called before `copy`."""
        self.content_type = content_type[:_HEADER_CHARACTERS]
        self.content_encoding = content_encoding[:_HEADER_CHARACTERS]
        self.expected = int(content_length) if _LENGTH.fullmatch(content_length) else 0
        media_type = media_type_of(content_type)
        if media_type == _UPLOAD and not content_encoding:
            from opentelemetry_exporter_moesif.capture.upload import upload_of  # noqa: PLC0415 - for uploads only

            self.upload = upload_of(content_type, self.limit)
            self.left_out = self.upload is None
        else:
            self.left_out = media_type.startswith("multipart/") or (media_type == _EVENTS and not self.with_streams)

    def copy(self, chunk: bytes | memoryview) -> bool:
        """Copies what still fits of `chunk`; whether that was anything."""
        self.seen += len(chunk)
        if self.upload is not None:
            self.upload.read(bytes(chunk))
            return True
        room = self.limit - len(self.content)
        if room <= 0 or self.left_out or not len(chunk):
            return False
        self.content += chunk[:room]
        return True

    def end(self, ending: Ending) -> None:
        """Says how the body ended. What is said first holds."""
        self.ending = self.ending or ending

    def free(self) -> None:
        """Gives up what was copied."""
        self.content = bytearray()
        self.upload = None

    @property
    def held_bytes(self) -> int:
        """The memory that it takes, beside what every body takes."""
        texts = sum(sys.getsizeof(text) for text in (self.content_type, self.content_encoding) if text)
        return texts + (sys.getsizeof(self.content) if self.upload is None else self.upload.held_bytes)

    def captured(self) -> CapturedBody | None:
        """The body as the mapping reads it; None where there is nothing to say of it."""
        cut = self._cut()
        if self.left_out or not (self.seen or cut):
            return None
        size = self.expected if self.ending == "file" else 0
        if self.upload is None:
            return CapturedBody(bytes(self.content), self.content_type, self.content_encoding, cut, size)
        return CapturedBody(b"", self.content_type, "", cut, size, dict(self.upload.fields))

    def _cut(self) -> Cut | None:
        if self.ending == "aborted" or self.ending == "file":  # noqa: PLR1714 - so that mypy sees what it is
            return self.ending
        if self.upload is not None and self.upload.is_unreadable and not self.upload.is_cut:
            return "unparseable"
        if self.upload.is_cut if self.upload is not None else self.seen > len(self.content):
            return "truncated"
        if self.ending is None:
            return "incomplete" if self._is_under_way() else None
        return "incomplete" if self.ending == "broken" and (self.seen or self.awaited) else None

    def _is_under_way(self) -> bool:
        if self.expected:
            return self.seen < self.expected and (self.awaited or self.seen > 0)
        return self.awaited
