"""gzip unpacked within a bound: a few kilobytes can hold a gigabyte."""

from __future__ import annotations

import zlib

GZIP = 16 + zlib.MAX_WBITS
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""What zlib calls the formats that it reads."""

# Each member may be of 20 bytes. Real files have a few.
_MOST_MEMBERS = 100
# What follows a member is copied each time: pieces make that a small copy.
_PIECE_BYTES = 4096


class TooManyMembersError(ValueError):
    """A gzip file is of more members than any real one."""

    def __init__(self) -> None:
        super().__init__(f"more than {_MOST_MEMBERS} members")


class Gunzip:
    """Unpacks a gzip file as its bytes come: member after member (RFC 1952, section 2.2).

    Args:
        most: Bytes. Unpacking ends with the first one beyond.
        formats: `GZIP`, or `GZIP_OR_ZLIB`.

    Attributes:
        content: What it held so far, `most` bytes of it or one more.
        members: How many members were begun.
    """

    def __init__(self, most: int, formats: int = GZIP) -> None:
        self.content = bytearray()
        self.members = 0
        self._most = most
        self._formats = formats
        self._member = zlib.decompressobj(formats)

    @property
    def is_whole(self) -> bool:
        """Whether the last member has ended."""
        return self._member.eof

    @property
    def is_over(self) -> bool:
        """Whether it holds more than it may."""
        return len(self.content) > self._most

    def feed(self, packed: bytes) -> None:
        """Unpacks what comes next.

        Raises:
            TooManyMembersError: It is of more than 100 members.
            ValueError: It is no gzip, or damaged.
        """
        for start in range(0, len(packed), _PIECE_BYTES):
            piece = packed[start : start + _PIECE_BYTES]
            while piece and not self.is_over:
                if self._member.eof or not self.members:
                    self._begin_member()
                try:
                    self.content += self._member.decompress(piece, self._most + 1 - len(self.content))
                except zlib.error as error:
                    raise ValueError(str(error)) from None
                piece = self._member.unused_data

    def _begin_member(self) -> None:
        if self.members == _MOST_MEMBERS:
            raise TooManyMembersError
        self.members += 1
        self._member = zlib.decompressobj(self._formats)
