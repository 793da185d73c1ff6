"""What a spool directory holds at one moment: what may be sent, what others send, what is too old."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.spool.directory import MAX_AGE_SECONDS
from opentelemetry_exporter_moesif.delivery.spool.lease import Clock
from opentelemetry_exporter_moesif.delivery.spool.writer import reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile
    from opentelemetry_exporter_moesif.delivery.spool.writer import SpoolWarnings

MOST_INDEXED = 4_096
"""As many files are known by name, the oldest ones: the others are counted, and found when these have left."""

_LOOK_SECONDS = 10.0
"""How often the directory is read for what other processes left, and how far it may outgrow its bound."""

_LOOK_SECONDS_BESIDE_CLAIMS = 1.0
_SHARE_OF_TIME = 20  # looking takes a twentieth of the time at most


@dataclass(slots=True)
class SpoolView:
    """What was seen.

    Attributes:
        files: What may be sent, oldest first, as far as it is indexed.
        present: Which of the names that were known before are there still.
        expired: What Moesif takes no more.
        more_files: How many files may be sent beside these.
        more_events: How many events they hold.
        more_weight: Bytes that they occupy.
        claims: How many files other processes are sending.
        claims_events: How many events these hold.
        claims_weight: Bytes that these occupy.
    """

    files: list[SpoolFile] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    expired: list[SpoolFile] = field(default_factory=list)
    more_files: int = 0
    more_events: int = 0
    more_weight: int = 0
    claims: int = 0
    claims_events: int = 0
    claims_weight: int = 0

    def add(self, file: SpoolFile) -> None:
        """Counts a file that is not indexed."""
        self.more_files += 1
        self.more_events += file.count
        self.more_weight += file.weight


class SpoolWatch:
    """Reads the directory now and then: often enough to find what others have left, too seldom to cost much.

    Args:
        spool: The directory.
        lease: Seconds after which a claim is anybody's.
        warnings: Told where it cannot be read, and of what is odd in it.

    Attributes:
        seen: What was seen at the last look.
        unreadable: Whether that failed.
    """

    def __init__(self, spool: Spool, lease: float, warnings: SpoolWarnings) -> None:
        self.seen = SpoolView()
        self.unreadable = False
        self._spool = spool
        self._lease = lease
        self._warnings = warnings
        self._clock = Clock()
        self._began = self._next_look = -math.inf

    @property
    def seconds_left(self) -> float:
        """When the next look is due, in seconds from now; below zero where it is overdue."""
        return self._next_look - time.monotonic()

    def look_again(self) -> None:
        """Makes the next look due at once."""
        self.unreadable = False
        self._next_look = -math.inf

    def look(self, known: set[str]) -> SpoolView:
        """What is there now; see `view`."""
        self._began = time.monotonic()
        self._next_look = self._began + _LOOK_SECONDS
        steady = self._clock.steady_seconds()
        try:
            seen = view(self._spool, known, lease=self._lease, steady_seconds=steady, odd=self._warnings.name_odd)
        except Exception as error:
            self._warnings.warn(f"cannot be read ({reason(error)})")
            self.unreadable = True
            raise
        self.unreadable = False
        self.seen = seen
        return seen

    def end_look(self) -> None:
        """Sets when to look next: all that was seen has been dealt with."""
        least = _LOOK_SECONDS_BESIDE_CLAIMS if self.seen.claims else _LOOK_SECONDS
        now = time.monotonic()
        self._next_look = now + max(least, _SHARE_OF_TIME * (now - self._began))


def view(
    spool: Spool, known: set[str], *, lease: float, steady_seconds: float, odd: Callable[[str, str], None]
) -> SpoolView:
    """Reads the directory, of any size, in bounded memory.

    Args:
        spool: The directory.
        known: Names that are known.
        lease: Seconds after which a claim is anybody's.
        steady_seconds: For how long the wall clock was not set, as far as this process knows.
        odd: See `Spool.files`.

    Raises:
        OSError: It cannot be read.
    """
    seen = SpoolView()
    clock_is_right = steady_seconds > lease
    newest = 0.0
    oldest: list[SpoolFile] = []
    for file in spool.files(odd):
        newest = max(newest, file.created)
        if file.name in known:
            seen.present.add(file.name)
        age_of_claim = None if file.claimed is None else time.time() - file.claimed
        if age_of_claim is not None and (spool.owns(file) or not clock_is_right or 0 <= age_of_claim < lease):
            if not spool.owns(file):
                seen.claims += 1
                seen.claims_events += file.count
                seen.claims_weight += file.weight
            continue
        oldest.append(file)
        if len(oldest) >= 2 * MOST_INDEXED:
            oldest = _cut(oldest, seen)
    now = min(newest, time.time())
    for file in _cut(oldest, seen):
        is_old = clock_is_right and not spool.wrote(file) and now - file.created > MAX_AGE_SECONDS
        (seen.expired if is_old else seen.files).append(file)
    return seen


def _cut(files: list[SpoolFile], seen: SpoolView) -> list[SpoolFile]:
    """The oldest of them, in order; the others are counted."""
    files.sort(key=lambda file: file.name)
    for file in files[MOST_INDEXED:]:
        seen.add(file)
    return files[:MOST_INDEXED]
