"""The files of the spool that this process has taken to send them, and their way back."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.payload import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.delivery.payload import Payload
    from opentelemetry_exporter_moesif.delivery.spool import Spool
    from opentelemetry_exporter_moesif.delivery.spool_file import SpoolFile
    from opentelemetry_exporter_moesif.delivery.waiting_line import WaitingLine
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_RETRY_SECONDS = 1.0
_NOT_THE_COLLECTORS = 1 << 62  # as many payloads will never be taken: a failure of the disk casts no suspicion


class SpoolClaims:
    """Claims files, reads them, and gives them back or removes them, whatever the disk says to it.

    Args:
        spool: The files.
        line: Those that wait: what cannot be read now goes back to it.
        most: Bytes of JSON that are worth sending at once.
        telemetry: Told of damaged files.
        warn: Told once what is wrong with the directory.

    Attributes:
        moved_aside: Whether something was found in the directory's place, and is to be looked through.
    """

    def __init__(
        self, spool: Spool, line: WaitingLine[SpoolFile], most: int, telemetry: Telemetry, warn: Callable[[str], None]
    ) -> None:
        self.moved_aside = False
        self._spool = spool
        self._line = line
        self._most = most
        self._telemetry = telemetry
        self._warn = warn
        self._sent: set[str] = set()

    def take(self, files: Sequence[SpoolFile]) -> tuple[list[Payload], list[SpoolFile]]:
        """The payloads that this process may send now, with their claims."""
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
        return payloads, claims

    def _claim_one(self, file: SpoolFile) -> tuple[Payload | None, SpoolFile]:
        """A file's payload, or None where it cannot be sent now: then it is back in line, gone, or told lost."""
        try:
            claimed = self._claimed_file(file)
            if claimed is None:
                return None, file
            file = claimed
            payload = self._read(file)
        except Exception as error:  # noqa: BLE001 - no descriptors, no memory, no rights: it waits
            self._warn(f"cannot be used ({reason(error)}): what is in it waits")
            self._put_off(file)
            return None, file
        except BaseException:
            self._put_off(file)
            raise
        return payload, file

    def _claimed_file(self, file: SpoolFile) -> SpoolFile | None:
        try:
            return self._spool.claim(file)
        except PermissionError:
            self._spool.make_usable()
            self.moved_aside = True
            return self._spool.claim(file)

    def _read(self, claimed: SpoolFile) -> Payload | None:
        try:
            return self._spool.read(claimed)
        except ValueError:
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

    def discard(self, claims: Sequence[SpoolFile]) -> None:
        """Removes files whose events are accounted for elsewhere."""
        for file in claims:
            self._sent.add(file.unclaimed)
            with suppress(OSError):  # it is not sent again, and removed as soon as it can be
                # Where `close` gave the claim back while it was under way, its file waits under its old name.
                if not self._spool.remove(file):
                    self._spool.remove(replace(file, name=file.unclaimed))
                self._sent.discard(file.unclaimed)

    def was_sent(self, file: SpoolFile) -> bool:
        """Whether it is only still there because it could not be removed; another try is made."""
        if file.unclaimed not in self._sent:
            return False
        self.discard((file,))
        return True


def reason(error: Exception) -> str:
    """What a person reads of it."""
    return getattr(error, "strerror", None) or type(error).__name__
