"""The files of the spool that this process has taken to send them, and their way back."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import MANY
from opentelemetry_exporter_moesif.delivery.deadline import Deadline
from opentelemetry_exporter_moesif.delivery.payload import joined
from opentelemetry_exporter_moesif.delivery.spool.file import belong_together
from opentelemetry_exporter_moesif.delivery.spool.writer import reason
from opentelemetry_exporter_moesif.delivery.waiting_line import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.delivery.payload import Payload
    from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile
    from opentelemetry_exporter_moesif.delivery.spool.writer import SpoolWarnings, SpoolWriter
    from opentelemetry_exporter_moesif.delivery.waiting_line import WaitingLine
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_RETRY_SECONDS = 1.0
_HANDS_SECONDS, _A_MOMENT = 0.2, 0.001
_NOT_THE_COLLECTORS = 1 << 62  # as many payloads will never be taken: a failure of the disk casts no suspicion


class SpoolClaims:
    """Claims files, reads them, and gives them back or removes them, whatever the disk says to it.

    Args:
        spool: The files.
        line: Those that wait: what cannot be read now goes back to it.
        most: Bytes of JSON that are worth sending at once.
        telemetry: Told of damaged files.
        warnings: Told what is wrong with the directory.

    Attributes:
        in_hand: The claims that this process holds, or is about to hold, by the name of their file.
    """

    def __init__(
        self, spool: Spool, line: WaitingLine[SpoolFile], most: int, telemetry: Telemetry, warnings: SpoolWarnings
    ) -> None:
        self.in_hand: dict[str, SpoolFile] = {}
        self._closed = False
        self._spool = spool
        self._line = line
        self._most = most
        self._telemetry = telemetry
        self._warnings = warnings
        self._sent: set[str] = set()

    def take(self, files: Sequence[SpoolFile]) -> tuple[Payload, list[SpoolFile]] | None:
        """The events that this process may send now, in one payload, with the files that they are in."""
        payloads: list[Payload] = []
        claims: list[SpoolFile] = []
        size = 0
        for file in files:
            payload, claimed = self._claim_one(file)
            if payload is None:
                continue
            size += payload.size
            if claims and size > self._most:
                self._line.put_back((self.given_back(claimed),), ())
                continue
            payloads.append(payload)
            claims.append(claimed)
        if not claims:
            return None
        try:
            return joined(payloads), claims
        except BaseException:  # no memory
            self._line.put_back(self.all_given_back(claims), ())
            raise

    def write(self, payload: Payload, writer: SpoolWriter) -> SpoolFile | None:
        """A payload as a claim of this process; None where the directory takes none now."""
        intended: list[SpoolFile] = []
        file = None

        def intend(claim: SpoolFile) -> None:
            intended.append(claim)
            self.in_hand[claim.unclaimed] = claim

        try:
            file = writer.write(payload, intend=intend)
        finally:
            for claim in intended:
                if claim is not file:
                    self.in_hand.pop(claim.unclaimed, None)
        return file

    def release_all(self) -> list[SpoolFile]:
        """Gives back all that is claimed, and what is being claimed just now; returns it.

        A thread that is about to claim a file sees that all is over once it has, and a moment is left for that.
        """
        self._closed = True
        released = []
        deadline = Deadline.after(_HANDS_SECONDS)
        while in_hand := self.in_hand.copy():
            for name, claim in in_hand.items():
                with suppress(OSError):
                    # Not `release`: that does not tell whether the claim is there yet.
                    (self._spool.directory / claim.name).rename(self._spool.directory / name)
                    released.append(claim)
                    self.in_hand.pop(name, None)
            if deadline.passed:
                break
            time.sleep(_A_MOMENT)
        return [*released, *self.in_hand.copy().values()]

    def _claim_one(self, file: SpoolFile) -> tuple[Payload | None, SpoolFile]:
        """A file's payload, or None where it cannot be sent now: then it is back in line, gone, or told lost."""
        try:
            claimed = self._claimed_file(file)
            if claimed is None:
                return None, file
            file = claimed
            payload = self._read(file)
        except Exception as error:  # noqa: BLE001 - no descriptors, no memory, no rights: it waits
            self._warnings.warn(f"cannot be used ({reason(error)}): what is in it waits")
            self._put_off(file)
            return None, file
        except BaseException:
            self._put_off(file)
            raise
        return payload, file

    def _claimed_file(self, file: SpoolFile) -> SpoolFile | None:
        if self._closed:
            return None
        # Before it is made: whoever closes meanwhile knows of it.
        self.in_hand[file.unclaimed] = self._spool.claim_of(file)
        try:
            claimed = self._spool.claim(file)
        except PermissionError:
            self._spool.make_usable()
            claimed = self._spool.claim(file)
        if claimed is None:
            self.in_hand.pop(file.unclaimed, None)
        elif self._closed:
            self.given_back(claimed)  # not into the line: whoever takes from it would find it there again
            return None
        return claimed

    def _read(self, claimed: SpoolFile) -> Payload | None:
        try:
            return self._spool.read(claimed)
        except ValueError:
            self.in_hand.pop(claimed.unclaimed, None)
            if self._spool.remove(claimed):
                self._telemetry.taken_over(claimed.count)
                self._telemetry.lost(claimed.count, "damaged")
            return None

    def _put_off(self, file: SpoolFile) -> None:
        file = self.given_back(file)
        file.trouble = file.trouble or Trouble(time.monotonic(), _NOT_THE_COLLECTORS)
        file.trouble.not_before = time.monotonic() + _RETRY_SECONDS
        self._line.put_back((), (file,))

    def given_back(self, file: SpoolFile) -> SpoolFile:
        """A file that others may claim again, or still this process's claim where the disk does not take that."""
        try:
            return self._spool.release(file) if self._spool.owns(file) else file
        except OSError:
            return file
        finally:
            self.in_hand.pop(file.unclaimed, None)

    def all_given_back(self, files: Sequence[SpoolFile]) -> list[SpoolFile]:
        """The same of several."""
        return [self.given_back(file) for file in files]

    def discard(self, claims: Sequence[SpoolFile]) -> None:
        """Removes files whose events are accounted for elsewhere."""
        for file in claims:
            self._sent.add(file.unclaimed)
            with suppress(OSError):  # it is not sent again, and removed as soon as it can be
                # Where `close` gave the claim back while it was under way, its file waits under its old name.
                if not self._spool.remove(file):
                    self._spool.remove(replace(file, name=file.unclaimed))
                self._sent.discard(file.unclaimed)
            self.in_hand.pop(file.unclaimed, None)

    def settle(
        self,
        whole: Payload,
        claims: list[SpoolFile],
        left: tuple[Sequence[Payload], Sequence[Payload]],
        keep: Callable[[Payload, float], SpoolFile | None],
    ) -> None:
        """Ends the sending of some files: what is left of them waits as files again, and the others are removed.

        Args:
            whole: What was in them.
            claims: The files.
            left: What is to be sent first, and what behind everything else.
            keep: Writes a payload of that age; None where it waits elsewhere.
        """
        first, last = left
        if [*first, *last] == [whole]:
            files = self.all_given_back(claims)
            for released in files:
                released.trouble = replace(whole.trouble) if whole.trouble else None
            self._line.put_back(files if first else (), files if last else ())
            self._telemetry.handed_over(whole.count)
            return
        created = claims[0].created
        self._line.put_back(
            [file for payload in first if (file := keep(payload, created))],
            [file for payload in last if (file := keep(payload, created))],
        )
        self.discard(claims)

    def join(self, run: Sequence[SpoolFile], writer: SpoolWriter) -> None:
        """Makes one file of many small ones that wait one behind the other, so that an outage of a day costs few."""
        run = [file for file in run if belong_together(file, run[-1])]
        if len(run) < MANY:
            return
        taken = self.take(run)
        if taken is None:
            return
        whole, claims = taken
        file = writer.write(whole, claims[0].created) if len(claims) > 1 else None
        if file is None:
            given_back = self.all_given_back(claims)
            self._line.put_back((), [back for back in given_back if self._spool.owns(back)])
            return
        if not self._line.replace(run, file):
            self._line.add(file)
        self.discard(claims)

    def was_sent(self, file: SpoolFile) -> bool:
        """Whether it is only still there because it could not be removed; another try is made."""
        if file.unclaimed not in self._sent:
            return False
        self.discard((file,))
        return True
