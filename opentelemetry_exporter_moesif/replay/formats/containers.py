"""What Docker and Kubernetes put around each line that a container printed."""

from __future__ import annotations

import re
from typing import Any

_CRI = re.compile(rb"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (?:stdout|stderr) (?P<tag>[FP](?::\S*)?) ")
# Docker cuts a long line into pieces of 16 KiB, and a container runtime likewise.
LONGEST_LINE = 64 * 1024 * 1024


class ContainerLines:
    """Takes lines out of their prefixes, and puts together what was cut.

    Attributes:
        time: When the container printed the last one; None where it had no prefix.
    """

    def __init__(self) -> None:
        self.time: Any = None
        self._pieces: list[bytes] = []
        self._bytes = 0

    def from_cri(self, line: bytes) -> bytes | None:
        """The line behind a CRI prefix; the line itself where it has none; None where the rest is still to come."""
        match = _CRI.match(line)
        if match is None:
            self.time = None
            return line
        self.time = match["time"].decode()
        return self._put(line[match.end() :].rstrip(b"\r\n"), is_whole=match["tag"].startswith(b"F"))

    def from_docker(self, value: dict[str, Any]) -> bytes | None:
        """The line in an entry of Docker's json-file log; None where the rest is still to come."""
        self.time = value["time"]
        text = value["log"].encode("utf-8", "surrogatepass")
        return self._put(text.rstrip(b"\r\n"), is_whole=text.endswith(b"\n"))

    def rest(self) -> bytes | None:
        """What was begun and never ended."""
        return self._put(b"", is_whole=True) if self._pieces else None

    def _put(self, piece: bytes, *, is_whole: bool) -> bytes | None:
        if is_whole and not self._pieces:
            return piece
        self._bytes += len(piece)
        if self._bytes > LONGEST_LINE:
            self._pieces.clear()
        else:
            self._pieces.append(piece)
        if not is_whole:
            return None
        line = b"".join(self._pieces)
        self._pieces, self._bytes = [], 0
        return line


def is_cri(line: bytes) -> bool:
    """Whether a line has the prefix of a container runtime."""
    return _CRI.match(line) is not None


def is_docker(value: Any) -> bool:
    """Whether a value is an entry of Docker's json-file log."""
    return isinstance(value, dict) and "stream" in value and "time" in value and isinstance(value.get("log"), str)
