"""Writes to the spool as long as the disk takes it, and says once each what is wrong with the directory."""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from opentelemetry_exporter_moesif.delivery.payload import Payload
    from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile

_logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 60.0
_MOST_ODD_NAMES = 1_000


class SpoolWarnings:
    """Warns of the directory, of each thing once.

    Args:
        directory: The one that the user has set.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._said: set[str] = set()

    def warn(self, text: str) -> None:
        """Says what is wrong with the directory."""
        if text not in self._said:
            self._said.add(text)
            _logger.warning("Moesif exporter: the spool directory %s %s", self._directory, text)

    def name_odd(self, name: str, why: str) -> None:
        """Says that something in it is not ours."""
        if len(self._said) < _MOST_ODD_NAMES:
            self.warn(f"holds {name!a}, which is left alone: {why}")


class SpoolWriter:
    """Writes payloads as files. After a failure it leaves the disk alone for a while.

    Args:
        spool: The files.
        warnings: Told why nothing can be written.
    """

    def __init__(self, spool: Spool, warnings: SpoolWarnings) -> None:
        self._spool = spool
        self._warnings = warnings
        self._unwritable_until = -math.inf
        self._retry_seconds = _FIRST_RETRY_SECONDS

    @property
    def may_write(self) -> bool:
        """Whether another try is worth it now."""
        return time.monotonic() >= self._unwritable_until

    def try_again(self) -> None:
        """Has the next `write` ask the disk, however short ago it failed."""
        self._unwritable_until = -math.inf

    def write(
        self, payload: Payload, created: float | None = None, *, intend: Callable[[SpoolFile], None] | None = None
    ) -> SpoolFile | None:
        """A payload as a file; None where the directory takes none now. The arguments are those of `Spool.write`."""
        if not self.may_write:
            return None
        try:
            try:
                file = self._spool.write(payload, created, intend=intend)
            except (PermissionError, NotADirectoryError):
                self._spool.make_usable()
                file = self._spool.write(payload, created, intend=intend)
        except Exception as error:  # noqa: BLE001 - no descriptors, no memory: as a disk that takes nothing
            self._unwritable_until = time.monotonic() + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, _LONGEST_RETRY_SECONDS)
            self._warnings.warn(f"cannot be used ({reason(error)}): events wait in memory")
            return None
        self._retry_seconds = _FIRST_RETRY_SECONDS
        return file

    def rescue(self) -> Iterator[SpoolFile]:
        """Copies of what lies in a directory that was no longer ours, as far as it can be read."""
        for aside in self._spool.left_aside():
            for file in aside.files():
                with suppress(OSError, ValueError):
                    if file.bytes and (copy := self.write(aside.read(file), file.created)):
                        yield copy
                        aside.empty(file)


def reason(error: Exception) -> str:
    """What a person reads of it."""
    return getattr(error, "strerror", None) or type(error).__name__
