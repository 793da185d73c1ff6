"""The spool: payloads that wait as files, which survive a crash and are shared by the processes of a machine.

One gzip file a payload, in a sub-directory named by a hash of application id and endpoint, so that two services that
share a directory never send each other's calls:

    <spool_directory>/<hash>/01795406400000000000-<writer>-<sequence>-<events>.json.gz
    <spool_directory>/<hash>/….json.gz.claim-<process>      being sent by that process

A process claims a file by renaming it, which only one can. A claim whose process died is anybody's after its lease.

For programs such as `moesif-otel spool`: `waiting` lists what waits, `adopt` moves what another application id left,
and a `Sender` with the same settings sends it: `Sender(config, telemetry).force_flush()`.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.batching import Payload

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_AGE_SECONDS = 30 * 24 * 3600.0
"""Moesif takes no older events (its API reference, *Limits*)."""

_ABANDONED_SECONDS = 3600.0
_NAME = re.compile(r"(?P<created>\d{20})-[0-9a-f-]+-\d+-(?P<count>\d+)\.json\.gz(?P<claim>\.claim-[0-9a-f-]+)?")
_TEMPORARY = ".tmp"
_OWNER_ONLY, _OWNER_READS_AND_WRITES = 0o700, 0o600


@dataclass(frozen=True, order=True, slots=True)
class SpoolFile:
    """One file of the spool, in the order in which files are sent.

    Attributes:
        name: the file's name.
        created: seconds since the epoch when its events were exported.
        count: the events in it.
        size: bytes on disk.
        claimed: seconds since the epoch when a process claimed it, None while it waits.
    """

    name: str
    created: float
    count: int
    size: int
    claimed: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one application.

    Attributes:
        application_hash: the sub-directory's name; see `application_hash`.
        files: how many payloads.
        events: how many events.
        bytes: compressed bytes on disk.
        oldest_seconds: the age of the oldest payload.
    """

    application_hash: str
    files: int
    events: int
    bytes: int
    oldest_seconds: float


def application_hash(application_id: str, endpoint: str) -> str:
    """The name of the sub-directory of an application at an endpoint: 32 hex digits that tell nothing of either."""
    return blake2b(f"{application_id}\0{endpoint}".encode(), digest_size=16, person=b"moesif-spool").hexdigest()


def waiting(spool_directory: str | Path) -> list[Waiting]:
    """What waits in a spool directory, for each application, by hash. Empty where the directory does not exist.

    Raises:
        OSError: the directory cannot be read.
    """
    found = []
    for directory in _applications(Path(spool_directory)):
        files = list(Spool(directory).files())
        if files:
            oldest = time.time() - min(file.created for file in files)
            events, size = sum(file.count for file in files), sum(file.size for file in files)
            found.append(Waiting(directory.name, len(files), events, size, max(0.0, oldest)))
    return found


def adopt(spool_directory: str | Path, application_hash: str) -> int:
    """Moves what waits for other applications to this one, and returns the number of events.

    What a process is sending just now stays where it is.

    Args:
        spool_directory: the directory of the setting.
        application_hash: whose the events become; see `application_hash`.

    Raises:
        OSError: a directory or a file cannot be read or moved.
    """
    root = Path(spool_directory)
    target = Spool(root / application_hash)
    target.make_directory()
    adopted = 0
    for directory in _applications(root):
        if directory == target.directory:
            continue
        for file in Spool(directory).files():
            if file.claimed is None:
                with suppress(FileNotFoundError):
                    (directory / file.name).rename(target.directory / file.name)
                    adopted += file.count
    return adopted


class Spool:
    """The files of one application.

    Args:
        directory: the application's sub-directory; made at the first `write`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        # Random as well: containers that share a volume have equal process ids.
        self._process = f"{os.getpid():x}-{secrets.token_hex(4)}"
        self._sequence = itertools.count()

    def make_directory(self) -> None:
        """Makes the directory, and the one around it, for their owner alone."""
        self.directory.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        self.directory.mkdir(mode=_OWNER_ONLY, exist_ok=True)

    def files(self) -> Iterator[SpoolFile]:
        """The files now, in no order. Remains of writers that died an hour ago and more are removed."""
        try:
            entries = os.scandir(self.directory)
        except (FileNotFoundError, NotADirectoryError):
            return
        with entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    found = _NAME.fullmatch(entry.name)
                    status = entry.stat()
                    if found:
                        claimed = status.st_mtime if found["claim"] else None
                        created = int(found["created"]) / 1e9
                        yield SpoolFile(entry.name, created, int(found["count"]), status.st_size, claimed)
                    elif entry.name.endswith(_TEMPORARY) and time.time() - status.st_mtime > _ABANDONED_SECONDS:
                        Path(entry.path).unlink()

    def write(self, payload: Payload, created: float | None = None) -> SpoolFile:
        """Writes a payload so that it is there whole or not at all.

        Args:
            payload: the events.
            created: seconds since the epoch, now if None.

        Raises:
            OSError: it cannot be written.
        """
        created = time.time() if created is None else created
        name = f"{int(created * 1e9):020d}-{self._process}-{next(self._sequence):08d}-{payload.count}.json.gz"
        body = payload.as_gzip().body
        temporary = self.directory / f"{name}{_TEMPORARY}"
        self.make_directory()
        try:
            with open(
                temporary, "xb", opener=lambda path, flags: os.open(path, flags, _OWNER_READS_AND_WRITES)
            ) as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self.directory / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
        return SpoolFile(name, created, payload.count, len(body))

    def claim(self, file: SpoolFile) -> SpoolFile | None:
        """Takes a file, or the claim of a dead process, for this process. None: another process was first.

        Raises:
            OSError: the directory cannot be written.
        """
        path = self.directory / file.name
        claimed = SpoolFile(
            f"{file.name.partition('.claim-')[0]}.claim-{self._process}",
            file.created,
            file.count,
            file.size,
            time.time(),
        )
        try:
            # The lease begins before the name says so: no other process can take the claim for an old one.
            os.utime(path)
            path.rename(self.directory / claimed.name)
        except FileNotFoundError:
            return None
        return claimed

    def owns(self, file: SpoolFile) -> bool:
        """Whether this process has claimed the file."""
        return file.name.endswith(f".claim-{self._process}")

    def renew(self, file: SpoolFile) -> None:
        """Begins the lease of a claim again."""
        with suppress(OSError):
            os.utime(self.directory / file.name)

    def read(self, file: SpoolFile) -> Payload:
        """The payload of a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is damaged.
        """
        payload = Payload((self.directory / file.name).read_bytes(), file.count, 0)
        events = payload.events()
        return Payload(payload.body, len(events), sum(map(len, events)) + 2 * len(events))

    def release(self, file: SpoolFile) -> None:
        """Gives a claim back. Where another process has taken it over, it is that one's now."""
        with suppress(FileNotFoundError):
            (self.directory / file.name).rename(self.directory / file.name.partition(".claim-")[0])

    def remove(self, file: SpoolFile) -> bool:
        """Removes a file; False where it was gone."""
        try:
            (self.directory / file.name).unlink()
        except FileNotFoundError:
            return False
        return True


def _applications(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if re.fullmatch(r"[0-9a-f]{32}", path.name))
    except FileNotFoundError:
        return []
