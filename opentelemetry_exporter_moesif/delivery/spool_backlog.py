"""The backlog that keeps what waits in a spool directory, and in memory where the directory fails."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import Claim, MemoryBacklog
from opentelemetry_exporter_moesif.delivery.spool import MAX_AGE_SECONDS, Spool, SpoolFile, application_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Payload

_logger = logging.getLogger(__name__)

_SCAN_SECONDS = 10.0
"""How often the directory is read for what other processes left, and how far it may outgrow its bound."""

_SCAN_SECONDS_BESIDE_CLAIMS = 1.0
_TRY_AGAIN_SECONDS = 60.0


class SpoolBacklog:
    """Waits as files. What the directory does not take waits in memory, with one warning.

    Args:
        config: the exporter's settings; `spool_directory` is one.
        memory: takes what the directory does not.
        lost: told how many events were dropped from the directory, and why.
    """

    lasting = True

    def __init__(self, config: Config, memory: MemoryBacklog, lost: Callable[[int, str], None]) -> None:
        name = application_hash(config.application_id or "", config.endpoint)
        self._directory = Path(config.spool_directory or ".") / name
        self._max_bytes = config.spool_max_bytes
        # Longer than any one POST, before each of which a claim is renewed.
        self._lease = 2 * config.timeout + 10
        self._memory = memory
        self._lost = lost
        self._warned = False
        self._begin()

    def _begin(self) -> None:
        self._spool = Spool(self._directory)
        self._lock = threading.RLock()
        self._files: deque[SpoolFile] = deque()
        self._bytes = 0
        self._next_lease_end = math.inf
        self._scanned = -math.inf
        self._usable_from = -math.inf

    def put(self, payload: Payload) -> None:
        """Writes a payload; the oldest are dropped where the directory has outgrown its bound."""
        if time.monotonic() < self._usable_from:
            self._memory.put(payload)
            return
        try:
            self._remember(self._spool.write(payload))
            if self._bytes > self._max_bytes or time.monotonic() - self._scanned > _SCAN_SECONDS:
                self._scan()
        except OSError as error:
            self._fall_back(error)
            self._memory.put(payload)

    def take(self) -> Claim | None:
        """What waits in memory first: it is what a crash would cost. Then the oldest file."""
        claim = self._memory.take()
        while claim is None:
            with self._lock:
                if not self._files:
                    return None
                file = self._files.popleft()
            claim = self._claim(file)
        return claim

    def due(self) -> float | None:
        """0 where something waits; where other processes have claimed all of it, when to look again."""
        if self._memory.due() is not None or self._files:
            return 0.0
        beside_claims = self._next_lease_end < math.inf
        if time.monotonic() - self._scanned > (_SCAN_SECONDS_BESIDE_CLAIMS if beside_claims else _SCAN_SECONDS):
            self._try_scan()
        if self._files:
            return 0.0
        return None if self._next_lease_end == math.inf else _SCAN_SECONDS_BESIDE_CLAIMS

    def close(self) -> tuple[int, int]:
        """Files stay; what waits in memory is lost.

        What is being sent just now is given back: this process may not live to see the answer, and the next one need
        not wait for the claim's lease to end.
        """
        staying = 0
        with suppress(OSError):
            for file in list(self._spool.files()):
                staying += file.count
                if self._spool.owns(file):
                    self._spool.release(file)
        return staying, self._memory.close()[1]

    def after_fork(self) -> None:
        """In a forked child: the directory is shared, what the parent has claimed is the parent's."""
        self._memory.after_fork()
        self._begin()

    def _claim(self, file: SpoolFile) -> Claim | None:
        try:
            claimed = self._spool.claim(file)
            payload = self._read(claimed) if claimed else None
        except OSError as error:
            self._fall_back(error)
            return None
        if claimed is None or payload is None:
            return None
        self._forget_bytes(file)
        return Claim(
            payload,
            lambda first, last: self._settle(claimed, payload, first, last),
            lambda: self._spool.renew(claimed),
            stays=True,
        )

    def _read(self, claimed: SpoolFile) -> Payload | None:
        try:
            return self._spool.read(claimed)
        except ValueError:
            if self._spool.remove(claimed):
                self._lost(claimed.count, "damaged")
            return None

    def _settle(self, claimed: SpoolFile, whole: Payload, first: Sequence[Payload], last: Sequence[Payload]) -> None:
        try:
            if len(first) == 1 and not last and first[0].count == whole.count:
                self._spool.release(claimed)
                self._remember(_waiting(claimed), at_front=True)
                return
            for file in reversed([self._spool.write(payload, claimed.created) for payload in first]):
                self._remember(file, at_front=True)
            for payload in last:
                self._remember(self._spool.write(payload))
            self._spool.remove(claimed)
        except OSError as error:
            # The claim is still there, whole: its lease brings it back. Twice is better than never.
            self._fall_back(error)

    def _remember(self, file: SpoolFile, *, at_front: bool = False) -> None:
        with self._lock:
            (self._files.appendleft if at_front else self._files.append)(file)
            self._bytes += file.size

    def _forget_bytes(self, file: SpoolFile) -> None:
        with self._lock:
            self._bytes -= file.size

    def _try_scan(self) -> None:
        try:
            self._scan()
        except OSError as error:
            self._fall_back(error)

    def _scan(self) -> None:
        """Reads the directory: what waits, whose lease has ended, what is too old or too much."""
        now = time.time()
        found = sorted(self._spool.files())
        files = [file for file in found if file.claimed is None or not 0 <= now - file.claimed < self._lease]
        others = [file for file in found if file.claimed is not None and not self._spool.owns(file)]
        leases = [file.claimed + self._lease for file in others if file.claimed is not None and file not in files]
        too_much = sum(file.size for file in found) - self._max_bytes
        kept = []
        for file in files:
            reason = "expired" if now - file.created > MAX_AGE_SECONDS else "backlog_full" if too_much > 0 else None
            if reason is None:
                kept.append(file)
            elif self._spool.remove(file):
                too_much -= file.size
                self._lost(file.count, reason)
        with self._lock:
            self._files = deque(kept)
            self._bytes = sum(file.size for file in kept)
            self._next_lease_end = min(leases, default=math.inf)
            self._scanned = time.monotonic()

    def _fall_back(self, error: OSError) -> None:
        self._usable_from = time.monotonic() + _TRY_AGAIN_SECONDS
        if not self._warned:
            self._warned = True
            _logger.warning(
                "Moesif exporter: the spool directory %s cannot be used (%s): events wait in memory",
                self._directory.parent,
                error.strerror or type(error).__name__,
            )


def _waiting(claimed: SpoolFile) -> SpoolFile:
    return SpoolFile(claimed.name.partition(".claim-")[0], claimed.created, claimed.count, claimed.size)
