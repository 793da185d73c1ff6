"""How long a file of the spool is one process's to send, and whether the wall clock tells that it is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile

_JUMP_SECONDS = 60.0


class Lease:
    """For how long a claim is this process's, and nobody else's.

    Args:
        spool: Where the files are.
        files: The claimed ones.
        seconds: After so many, anybody may take a claim over that was not renewed.
    """

    def __init__(self, spool: Spool, files: Sequence[SpoolFile], seconds: float) -> None:
        self._spool = spool
        self._files = files
        self._half = seconds / 2
        self._renewal = Deadline.after(self._half)

    def renew(self) -> None:
        """Begins it again, where half of it is over."""
        if self._renewal.passed:
            self._renewal = Deadline.after(self._half)
            for file in self._files:
                self._spool.renew(file)


class Clock:
    """Notices when somebody sets the wall clock: then it tells no file's age, nor the end of a lease, for a while."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()
        self._steady_since = -float("inf")

    def steady_seconds(self) -> float:
        """Seconds since it was set, as far as this process has seen."""
        ahead, now = time.time() - time.monotonic(), time.monotonic()
        if abs(ahead - self._ahead) > _JUMP_SECONDS:
            self._ahead = ahead
            self._steady_since = now
        return now - self._steady_since
