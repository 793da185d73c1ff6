"""A pipe that somebody holds open, as `tail -F access.log | moesif-otel replay -` does: what was read need not wait."""

from __future__ import annotations

import io
import os
import select
import time
from collections.abc import Callable, Sequence
from typing import Any

_LONGEST_SECONDS = 5.0

Meanwhile = tuple[float, Callable[[], None]]
"""After how many seconds without a byte, and what to do then."""


class OpenPipe(io.RawIOBase):
    """The bytes of a pipe.

    Args:
        raw: The pipe.
        meanwhile: What to do while nothing comes, the first one first, and that one each five seconds also while
            something does. Windows cannot tell whether something comes.
    """

    def __init__(self, raw: io.FileIO, meanwhile: Sequence[Meanwhile]) -> None:
        self._raw = raw
        self._meanwhile = () if os.name == "nt" else meanwhile
        self._acted = time.monotonic()

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """See `io.RawIOBase`."""
        for seconds, act in self._meanwhile:
            if select.select([self._raw], [], [], seconds)[0]:
                break
            self._act(act)
        if self._meanwhile and time.monotonic() - self._acted >= _LONGEST_SECONDS:
            self._act(self._meanwhile[0][1])
        return self._raw.readinto(buffer)

    def _act(self, act: Callable[[], None]) -> None:
        act()
        self._acted = time.monotonic()

    def close(self) -> None:
        """See `io.RawIOBase`."""
        self._raw.close()
        super().close()
