"""The backlog that keeps what waits in a spool directory, and in memory where the directory fails."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import MANY, Claim, MemoryBacklog
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash
from opentelemetry_exporter_moesif.delivery.spool.claims import SpoolClaims
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.delivery.spool.lease import Lease
from opentelemetry_exporter_moesif.delivery.spool.view import SpoolWatch
from opentelemetry_exporter_moesif.delivery.spool.writer import SpoolWarnings, SpoolWriter
from opentelemetry_exporter_moesif.delivery.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)


class SpoolBacklog:
    """Waits as files. What the directory does not take waits in memory, with one warning, until it does.

    What is in a file is no longer in flight in this process: another one may deliver it, and counts it then.

    Args:
        config: The exporter's settings; `spool_directory` is one.
        batcher: Says how much is worth joining.
        telemetry: Told what was handed over, taken over and dropped.
    """

    lasting = True

    def __init__(self, config: Config, batcher: Batcher, telemetry: Telemetry) -> None:
        name = application_hash(config.application_id or "", config.endpoint)
        self._directory = Path(config.spool_directory or ".") / name
        self._max_bytes = config.spool_max_bytes
        self._always = config.spool_always
        # Longer than any one POST, before each of which a claim is renewed.
        self._lease = 2 * config.timeout + 10
        # What is joined is bounded by what it holds on the disk: a tenth or so of its JSON.
        self._room = batcher.merge_bytes // 8
        self._most = config.max_payload_bytes
        self._memory = MemoryBacklog(config.backlog_max_bytes, batcher, telemetry)
        self._telemetry = telemetry
        self._warnings = SpoolWarnings(self._directory.parent)
        self._begin()

    def _begin(self) -> None:
        self._spool = Spool(self._directory)
        self._line: WaitingLine[SpoolFile] = WaitingLine()
        self._watch = SpoolWatch(self._spool, self._lease, self._warnings)
        # Only tried for: who does not get it leaves the work to who has it.
        self._looking = threading.Lock()
        self._writer = SpoolWriter(self._spool, self._warnings)
        self._rescued = False
        self._claims = SpoolClaims(self._spool, self._line, self._most, self._telemetry, self._warnings)

    # What waits

    @property
    def in_the_way(self) -> bool:
        """See `Backlog`."""
        return self._memory.in_the_way or self._line.in_the_way

    @property
    def unseen(self) -> bool:
        """See `Backlog`."""
        run_out = self._watch.seen.more_files > 0 and not len(self._line)
        return run_out or self._spool.moved_aside or self._watch.seconds_left <= 0

    @property
    def unreadable(self) -> bool:
        """See `Backlog`."""
        return self._watch.unreadable

    @property
    def looked_through(self) -> bool:
        """See `Backlog`."""
        return self._looking.locked()

    @property
    def is_empty(self) -> bool:
        """See `Backlog`."""
        if (
            self.looked_through
            or self.unseen
            or self.unreadable
            or self._watch.seen.claims
            or self._watch.seen.more_files
        ):
            return False
        return self._memory.is_empty and not len(self._line)

    def due(self) -> float | None:
        """See `Backlog`; where other processes have claimed all that waits, when to look again."""
        known = [seconds for seconds in (self._memory.due(), self._line.due()) if seconds is not None]
        if self._watch.seen.claims or self._watch.seen.more_files:
            known.append(0.0 if self.unseen else self._watch.seconds_left)
        return min(known, default=None)

    def look_again(self) -> None:
        """See `Backlog`."""
        self._watch.look_again()

    # In and out

    def put(self, payload: Payload) -> None:
        """Writes a payload; the oldest are dropped where the directory has outgrown its bound."""
        file = self._keep(payload)
        if file is None:
            return
        # Where more waits than is known here, what is new is found after the older ones.
        if self._watch.seen.more_files:
            self._watch.seen.add(file)
        else:
            self._line.add(file)
        self._bound()

    def reserve(self, payload: Payload) -> Claim:
        """See `Backlog`: with `spool_always`, it is written first, as a claim of this process."""
        file = self._claims.write(payload, self._writer) if self._always else None
        return self._claimed(payload, [file]) if file else Claim(payload, self._settle_new)

    def take(self) -> Claim | None:
        """What waits in memory first: it is what a crash would cost. Then the oldest files, small ones together."""
        claim = self._memory.take()
        if claim is not None:
            return claim
        while files := self._line.take(self._room):
            if taken := self._claims.take(files):
                whole, claims = taken
                self._telemetry.taken_over(whole.count)
                return self._claimed(whole, claims)
            if self._line.due() != 0:
                break
        return None

    def close(self) -> int:
        """Files stay, and what waits in memory becomes files where the disk takes it now.

        What is being sent just now is given back: this process may not live to see the answer, and the next one need
        not wait for the claim's lease to end.
        """
        self._writer.try_again()
        self._save_memory()
        self._memory.close()
        in_hand = self._claims.release_all()
        here: int = sum({file.unclaimed: file.count for file in (*self._line, *in_hand)}.values())
        return here + self._watch.seen.more_events + self._watch.seen.claims_events

    def after_fork(self) -> None:
        """In a forked child: the directory is shared, what the parent has claimed is the parent's."""
        self._memory.after_fork()
        self._begin()

    # Files

    def _claimed(self, payload: Payload, claims: list[SpoolFile]) -> Claim:
        def settle(first: Sequence[Payload], last: Sequence[Payload]) -> None:
            self._claims.settle(payload, claims, (first, last), self._keep)
            self._bound()

        return Claim(payload, settle, Lease(self._spool, claims, self._lease).renew, stays=True)

    def _settle_new(self, first: Sequence[Payload], last: Sequence[Payload]) -> None:
        for payload in (*first, *last):
            self.put(payload)

    def _keep(self, payload: Payload, created: float | None = None) -> SpoolFile | None:
        """A payload as a file, or None where it waits in memory."""
        file = self._writer.write(payload, created)
        if file is None:
            self._memory.put(payload)
        else:
            self._telemetry.handed_over(payload.count)
        return file

    # Looking after the directory

    def look(self) -> None:
        """See `Backlog`."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            if self.unseen:
                self._look_around()
            self._save_memory()
            self._claims.join(self._line.run(MANY, self._room), self._writer)
        except Exception as error:  # noqa: BLE001 - a disk that fails, no descriptors, no memory
            _logger.debug("Moesif exporter: the spool directory was not looked through (%s)", type(error).__name__)
        finally:
            self._looking.release()

    def _look_around(self) -> None:
        known = {file.name for file in self._line}
        seen = self._watch.look(known)
        waiting = {file.name for file in self._line}
        self._line.update(
            [file for file in seen.files if file.name not in waiting and not self._claims.was_sent(file)],
            lambda file: file.name not in known or file.name in seen.present,
            lambda file: file.name,
        )
        self._drop(seen.expired, "expired")
        self._bound()
        if not self._rescued or self._spool.moved_aside:
            self._rescued, self._spool.moved_aside = True, False
            for copy in self._writer.rescue():
                self._line.add(copy)
        with suppress(OSError):
            if self._spool.is_open_to_others():
                self._warnings.warn("is open to other users of this machine: its mode should be 0700")
        self._watch.end_look()

    def _bound(self) -> None:
        in_hand = sum(file.weight for file in self._claims.in_hand.copy().values())
        elsewhere = in_hand + self._watch.seen.more_weight + self._watch.seen.claims_weight
        self._drop(self._line.drop_beyond(self._max_bytes - elsewhere), "backlog_full")

    def _drop(self, files: Sequence[SpoolFile], reason: str) -> None:
        for file in files:
            with suppress(OSError):
                if self._spool.remove(file):
                    self._telemetry.taken_over(file.count)
                    self._telemetry.lost(file.count, reason)

    def _save_memory(self) -> None:
        """What a crash would cost becomes files as soon as the disk takes it."""
        while self._writer.may_write and (claim := self._memory.take()):
            file = self._writer.write(claim.payload)
            if file is None:
                claim.settle((claim.payload,), ())
                return
            self._telemetry.handed_over(claim.payload.count)
            self._line.add(file)
