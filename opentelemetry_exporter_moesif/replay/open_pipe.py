"""A pipe that somebody holds open, as `tail -F access.log | moesif-otel replay -` does: what was read need not wait."""

from __future__ import annotations

import io
import os
import select
from collections.abc import Callable, Sequence
from typing import Any

Meanwhile = tuple[float, Callable[[], None]]
"""After how many seconds without a byte, and what to do then."""


class OpenPipe(io.RawIOBase):
    """The bytes of a pipe.

    Args:
        raw: The pipe.
        meanwhile: What to do while nothing comes, the first one first. Windows cannot tell whether something comes.
    """

    def __init__(self, raw: io.FileIO, meanwhile: Sequence[Meanwhile]) -> None:
        self._raw = raw
        self._meanwhile = () if os.name == "nt" else meanwhile

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """See `io.RawIOBase`."""
        for seconds, act in self._meanwhile:
            if select.select([self._raw], [], [], seconds)[0]:
                break
            act()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """See `io.RawIOBase`."""
        self._raw.close()
        super().close()
