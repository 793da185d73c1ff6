"""One body as it passes: its first bytes, how long it was, and how it ended."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from opentelemetry_exporter_moesif.mapping.body import LEFT_OUT, CapturedBody

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.body import Cut

Ending = Literal["whole", "aborted", "broken", "file"]
"""How a body ended. ``aborted``: the other side went away; ``broken``: what made it failed; ``file``: the server sends
it itself."""

# No longer number is a length, and Python refuses to read very long ones.
_LENGTH = re.compile("[0-9]{1,18}")
# What is held of a header counts, too. A media type with a boundary, and three encodings, are shorter than this.
_HEADER_CHARACTERS = 256


@dataclass(slots=True, eq=False)
class Body:
    """The first bytes of one body, copied as it passes.

    Args:
        limit: At most this many bytes are kept.
        awaited: Whether there is more to come until its end has been seen.
    """

    limit: int
    awaited: bool = False
    content_type: str = ""
    content_encoding: str = ""
    expected: int = 0
    content: bytearray = field(default_factory=bytearray)
    seen: int = 0
    ending: Ending | None = None
    left_out: bool = False

    def describe(self, content_type: str, content_encoding: str, content_length: str = "") -> None:
        """Takes the headers of the body. It must be called before `copy`."""
        self.content_type = content_type[:_HEADER_CHARACTERS]
        self.content_encoding = content_encoding[:_HEADER_CHARACTERS]
        self.expected = int(content_length) if _LENGTH.fullmatch(content_length) else 0
        self.left_out = content_type.strip().lower().startswith(LEFT_OUT)

    def copy(self, chunk: bytes | memoryview) -> bool:
        """Copies what still fits of `chunk`; whether that was anything."""
        self.seen += len(chunk)
        room = self.limit - len(self.content)
        if room <= 0 or self.left_out or not len(chunk):
            return False
        self.content += chunk[:room]
        return True

    def end(self, ending: Ending) -> None:
        """Says how the body ended. What is said first holds."""
        self.ending = self.ending or ending

    @property
    def held_bytes(self) -> int:
        """The memory that it takes, beside what every body takes."""
        texts = sum(sys.getsizeof(text) for text in (self.content_type, self.content_encoding) if text)
        return texts + sys.getsizeof(self.content)

    def captured(self) -> CapturedBody | None:
        """The body as the mapping reads it; None where there is nothing to say of it."""
        cut = self._cut()
        if self.left_out or not (self.seen or cut):
            return None
        size = self.expected if self.ending == "file" else 0
        return CapturedBody(bytes(self.content), self.content_type, self.content_encoding, cut, size)

    def _cut(self) -> Cut | None:
        if self.ending == "aborted" or self.ending == "file":  # noqa: PLR1714 - so that mypy sees what it is
            return self.ending
        if self.seen > len(self.content):
            return "truncated"
        if self.ending is None:
            return "incomplete" if self.awaited or (self.seen and self.expected > self.seen) else None
        return "incomplete" if self.ending == "broken" else None
