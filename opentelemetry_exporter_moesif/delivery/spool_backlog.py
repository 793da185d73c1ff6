"""The backlog that keeps what waits in a spool directory, and in memory where the directory fails."""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import MANY, Claim, MemoryBacklog
from opentelemetry_exporter_moesif.delivery.deadline import Deadline
from opentelemetry_exporter_moesif.delivery.payload import joined
from opentelemetry_exporter_moesif.delivery.spool import Spool, application_hash
from opentelemetry_exporter_moesif.delivery.spool_claims import SpoolClaims, reason
from opentelemetry_exporter_moesif.delivery.spool_file import SpoolFile, belong_together
from opentelemetry_exporter_moesif.delivery.spool_view import Clock, SpoolView, view
from opentelemetry_exporter_moesif.delivery.waiting_line import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 10.0
"""How often the directory is read for what other processes left, and how far it may outgrow its bound."""

_LOOK_SECONDS_BESIDE_CLAIMS = 1.0
_SHARE_OF_TIME = 20  # looking takes a twentieth of the time at most
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 60.0
_MOST_ODD_NAMES = 1_000


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
        self._warnings: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._spool = Spool(self._directory)
        self._line: WaitingLine[SpoolFile] = WaitingLine()
        self._view = SpoolView()
        # Only tried for: who does not get it leaves the work to who has it.
        self._looking = threading.Lock()
        self._next_look = -math.inf
        self._unwritable_until = -math.inf
        self._retry_seconds = _FIRST_RETRY_SECONDS
        self._clock = Clock()
        self._rescued = False
        self._claims = SpoolClaims(self._spool, self._line, self._most, self._telemetry, self._warn)
        self._in_hand: list[SpoolFile] = []
        self.unreadable = False

    # What waits

    @property
    def in_the_way(self) -> bool:
        """See `Backlog`."""
        return self._memory.in_the_way or self._line.in_the_way

    @property
    def unseen(self) -> bool:
        """See `Backlog`."""
        run_out = self._view.more_files > 0 and not len(self._line)
        return run_out or self._claims.moved_aside or time.monotonic() >= self._next_look

    @property
    def looked_through(self) -> bool:
        """See `Backlog`."""
        return self._looking.locked()

    @property
    def is_empty(self) -> bool:
        """See `Backlog`."""
        if self.looked_through or self.unseen or self.unreadable or self._view.claims or self._view.more_files:
            return False
        return self._memory.is_empty and not len(self._line)

    def due(self) -> float | None:
        """See `Backlog`; where other processes have claimed all that waits, when to look again."""
        known = [seconds for seconds in (self._memory.due(), self._line.due()) if seconds is not None]
        if self._view.claims or self._view.more_files:
            known.append(0.0 if self.unseen else self._next_look - time.monotonic())
        return min(known, default=None)

    def look_again(self) -> None:
        """See `Backlog`."""
        self.unreadable = False
        self._next_look = -math.inf

    # In and out

    def put(self, payload: Payload) -> None:
        """Writes a payload; the oldest are dropped where the directory has outgrown its bound."""
        file = self._keep(payload)
        if file is None:
            return
        # Where more waits than is known here, what is new is found after the older ones.
        if self._view.more_files:
            self._view.add(file)
        else:
            self._line.add(file)
        self._bound()

    def reserve(self, payload: Payload) -> Claim:
        """See `Backlog`: with `spool_always`, it is written first, as a claim of this process."""
        file = self._write(payload, claimed=True) if self._always else None
        return self._claimed(payload, [file]) if file else Claim(payload, self._settle_new)

    def take(self) -> Claim | None:
        """What waits in memory first: it is what a crash would cost. Then the oldest files, small ones together."""
        claim = self._memory.take()
        if claim is not None:
            return claim
        while files := self._line.take(self._room):
            payloads, claims = self._claims.take(files)
            if claims:
                whole = self._joined(payloads, claims)
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
        self._unwritable_until = -math.inf
        self._save_memory()
        self._memory.close()
        in_hand, self._in_hand = self._in_hand, []
        for file in in_hand:
            with suppress(OSError):
                self._spool.release(file)
        here: int = sum(file.count for file in (*self._line, *in_hand))
        return here + self._view.more_events + self._view.claims_events

    def after_fork(self) -> None:
        """In a forked child: the directory is shared, what the parent has claimed is the parent's."""
        self._memory.after_fork()
        self._begin()

    # Files

    def _write(self, payload: Payload, created: float | None = None, *, claimed: bool = False) -> SpoolFile | None:
        """A payload as a file; None where the directory takes none now."""
        if time.monotonic() < self._unwritable_until:
            return None
        try:
            try:
                file = self._spool.write(payload, created, claimed=claimed)
            except (PermissionError, NotADirectoryError):
                self._spool.make_usable()
                self._claims.moved_aside = True
                file = self._spool.write(payload, created, claimed=claimed)
        except Exception as error:  # noqa: BLE001 - no descriptors, no memory: as a disk that takes nothing
            self._unwritable_until = time.monotonic() + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, _LONGEST_RETRY_SECONDS)
            self._warn(f"cannot be used ({reason(error)}): events wait in memory")
            return None
        self._retry_seconds = _FIRST_RETRY_SECONDS
        return file

    def _joined(self, payloads: list[Payload], claims: list[SpoolFile]) -> Payload:
        try:
            return joined(payloads)
        except BaseException:  # no memory
            self._line.put_back([self._claims.given_back(file) for file in claims], ())
            raise

    def _claimed(self, payload: Payload, claims: list[SpoolFile]) -> Claim:
        self._in_hand = claims

        def settle(first: Sequence[Payload], last: Sequence[Payload]) -> None:
            self._settle(payload, claims, first, last)
            self._in_hand = []
            self._bound()

        lease = Deadline.after(self._lease / 2)

        def renew() -> None:
            nonlocal lease
            if lease.passed:
                lease = Deadline.after(self._lease / 2)
                for file in claims:
                    self._spool.renew(file)

        return Claim(payload, settle, renew, stays=True)

    def _settle_new(self, first: Sequence[Payload], last: Sequence[Payload]) -> None:
        for payload in (*first, *last):
            self.put(payload)

    def _settle(
        self, whole: Payload, claims: list[SpoolFile], first: Sequence[Payload], last: Sequence[Payload]
    ) -> None:
        if [*first, *last] == [whole]:
            files = [self._claims.given_back(claim) for claim in claims]
            for released in files:
                released.trouble = replace(whole.trouble) if whole.trouble else None
            self._line.put_back(files if first else (), files if last else ())
            self._telemetry.handed_over(whole.count)
            return
        created = claims[0].created
        self._line.put_back(
            [file for payload in first if (file := self._keep(payload, created))],
            [file for payload in last if (file := self._keep(payload, created))],
        )
        self._claims.discard(claims)

    def _keep(self, payload: Payload, created: float | None = None) -> SpoolFile | None:
        """A payload as a file, or None where it waits in memory."""
        file = self._write(payload, created)
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
            self._join()
        except Exception as error:  # noqa: BLE001 - a disk that fails, no descriptors, no memory
            _logger.debug("Moesif exporter: the spool directory was not looked through (%s)", type(error).__name__)
        finally:
            self._looking.release()

    def _look_around(self) -> None:
        began = time.monotonic()
        self._next_look = began + _LOOK_SECONDS
        known = {file.name for file in self._line}
        steady = self._clock.steady_seconds()
        try:
            seen = view(self._spool, known, lease=self._lease, steady_seconds=steady, odd=self._name_odd)
        except Exception as error:
            self._warn(f"cannot be read ({reason(error)})")
            self.unreadable = True
            raise
        self.unreadable = False
        self._view = seen
        waiting = {file.name for file in self._line}
        self._line.update(
            [file for file in seen.files if file.name not in waiting and not self._claims.was_sent(file)],
            lambda file: file.name not in known or file.name in seen.present,
            lambda file: file.name,
        )
        self._drop(seen.expired, "expired")
        self._bound()
        if not self._rescued or self._claims.moved_aside:
            self._rescued, self._claims.moved_aside = True, False
            self._rescue()
        with suppress(OSError):
            if self._spool.is_open_to_others():
                self._warn("is open to other users of this machine: its mode should be 0700")
        least = _LOOK_SECONDS_BESIDE_CLAIMS if seen.claims else _LOOK_SECONDS
        now = time.monotonic()
        self._next_look = now + max(least, _SHARE_OF_TIME * (now - began))

    def _bound(self) -> None:
        in_hand = sum(file.weight for file in self._in_hand)
        elsewhere = in_hand + self._view.more_weight + self._view.claims_weight
        self._drop(self._line.drop_beyond(self._max_bytes - elsewhere), "backlog_full")

    def _drop(self, files: Sequence[SpoolFile], reason: str) -> None:
        for file in files:
            with suppress(OSError):
                if self._spool.remove(file):
                    self._telemetry.taken_over(file.count)
                    self._telemetry.lost(file.count, reason)

    def _save_memory(self) -> None:
        """What a crash would cost becomes files as soon as the disk takes it."""
        while time.monotonic() >= self._unwritable_until and (claim := self._memory.take()):
            file = self._write(claim.payload)
            if file is None:
                claim.settle((claim.payload,), ())
                return
            self._telemetry.handed_over(claim.payload.count)
            self._line.add(file)

    def _join(self) -> None:
        """Many small files become one, so that an outage of a day costs few."""
        run = self._line.run(MANY, self._room)
        run = [file for file in run if belong_together(file, run[-1])]
        if len(run) < MANY:
            return
        payloads, claims = self._claims.take(run)
        file = self._write(joined(payloads), claims[0].created) if len(claims) > 1 else None
        if file is None:
            self._line.put_back(
                (), [back for claimed in claims if self._spool.owns(back := self._claims.given_back(claimed))]
            )
            return
        if not self._line.replace(run, file):
            self._line.add(file)
        self._claims.discard(claims)

    def _rescue(self) -> None:
        """What lies in a directory that was no longer ours is copied, as far as it can be read."""
        for aside in self._spool.left_aside():
            for file in aside.files():
                with suppress(OSError, ValueError):
                    if file.bytes and (copy := self._write(aside.read(file), file.created)):
                        self._line.add(copy)
                        aside.empty(file)

    def _name_odd(self, name: str, why: str) -> None:
        if len(self._warnings) < _MOST_ODD_NAMES:
            self._warn(f"holds {name!a}, which is left alone: {why}")

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.add(text)
            _logger.warning("Moesif exporter: the spool directory %s %s", self._directory.parent, text)
