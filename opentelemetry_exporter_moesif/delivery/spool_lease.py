"""How long a file of the spool is one process's to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.delivery.spool import Spool
    from opentelemetry_exporter_moesif.delivery.spool_file import SpoolFile


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
