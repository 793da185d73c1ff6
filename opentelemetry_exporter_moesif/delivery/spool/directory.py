"""The files of one application: written whole or not at all, claimed by renaming, opened with care.

One gzip file a payload, in a sub-directory named by a hash of application id and endpoint, so that two services that
share a directory never send each other's calls:

    <spool_directory>/<hash>/01795406400000000000-<writer>-<sequence>-<events>.json.gz
    <spool_directory>/<hash>/….json.gz.claim-<process>      being sent by that process

A process claims a file by renaming it, which only one can. A claim whose process died is anybody's after its lease.

Anything may lie in such a directory. Only regular files of this process's own user are opened, and no link is followed;
whatever else has a spool file's name is said once and left alone.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import stat
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.payload import PAYLOAD_MAX_BYTES, Payload
from opentelemetry_exporter_moesif.delivery.spool.file import CLAIM, NAME, SpoolFile, is_own, strange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_AGE_SECONDS = 30 * 24 * 3600.0
"""Moesif takes no older events (its API reference, *Limits*)."""

_ABANDONED_SECONDS = 3600.0
_TEMPORARY = ".tmp"
_OWNER_ONLY, _OWNER_READS_AND_WRITES = 0o700, 0o600
_OF_OTHERS, _WRITE_OF_OTHERS = 0o077, 0o022
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Spool:
    """The files of one application.

    Args:
        directory: The application's sub-directory; made at the first `write`.

    Attributes:
        moved_aside: Whether something was found in the directory's place, and is to be looked through.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.moved_aside = False
        # Random as well: containers that share a volume have equal process ids.
        self._process = f"{os.getpid():x}-{secrets.token_hex(4)}"
        self._sequence = itertools.count()

    def make_directory(self) -> None:
        """Makes the directory, and the one around it, for their owner alone."""
        self.directory.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        self.directory.mkdir(mode=_OWNER_ONLY, exist_ok=True)

    def is_open_to_others(self) -> bool:
        """Whether other users of the machine may read or change what waits."""
        own, around = (directory.stat().st_mode for directory in (self.directory, self.directory.parent))
        return os.name == "posix" and bool(own & _OF_OTHERS or around & _WRITE_OF_OTHERS)

    def files(self, odd: Callable[[str, str], None] = lambda _name, _why: None) -> Iterator[SpoolFile]:
        """The files now, in no order. Remains of writers that died an hour ago and more are removed.

        Args:
            odd: Told of each entry that has a spool file's name and is none: its name, and what it is.

        Raises:
            OSError: The directory cannot be read.
        """
        try:
            entries = os.scandir(self.directory)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                parts = NAME.fullmatch(entry.name)
                temporary = entry.name.endswith(_TEMPORARY)
                if not parts and not temporary:
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # gone
                if parts is None:
                    self._clear_away(entry, status)
                elif why := strange(status):
                    odd(entry.name, why)
                else:
                    claimed = status.st_mtime if parts["claim"] else None
                    created = int(parts["created"]) / 1e9
                    yield SpoolFile(entry.name, created, int(parts["count"]), status.st_size, claimed)

    def write(
        self, payload: Payload, created: float | None = None, *, intend: Callable[[SpoolFile], None] | None = None
    ) -> SpoolFile:
        """Writes a payload so that it is there whole or not at all.

        Args:
            payload: The events.
            created: Seconds since the epoch, now if None.
            intend: Write it as a claim of this process, and tell this of it before it is there.

        Raises:
            OSError: It cannot be written.
        """
        created = time.time() if created is None else created
        name = f"{int(created * 1e9):020d}-{self._process}-{next(self._sequence):08d}-{payload.count}.json.gz"
        body = payload.packed()
        temporary = self.directory / f"{name}{_TEMPORARY}"
        moment = None
        if intend:
            name, moment = name + CLAIM + self._process, time.time()
        file = SpoolFile(name, created, payload.count, len(body), moment, payload.trouble, payload.apart)
        if intend:
            intend(file)
        try:
            self._write(temporary, body)
            temporary.rename(self.directory / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
        self._sync()
        return file

    def claim(self, file: SpoolFile) -> SpoolFile | None:
        """Takes a file, or the claim of a dead process, for this process. None: another process was first.

        Raises:
            OSError: The directory cannot be written.
        """
        path = self.directory / file.name
        claim = self.claim_of(file)
        try:
            # The lease begins before the name says so: no other process can take the claim for an old one.
            os.utime(path, follow_symlinks=os.utime not in os.supports_follow_symlinks)
            path.rename(self.directory / claim.name)
        except FileNotFoundError:
            return None
        return claim

    def claim_of(self, file: SpoolFile) -> SpoolFile:
        """What a file is once this process has claimed it."""
        return replace(file, name=f"{file.unclaimed}{CLAIM}{self._process}", claimed=time.time())

    def owns(self, file: SpoolFile) -> bool:
        """Whether this process has claimed the file."""
        return file.name.endswith(CLAIM + self._process)

    def wrote(self, file: SpoolFile) -> bool:
        """Whether this process has written the file."""
        return file.name[21:].startswith(f"{self._process}-")

    def renew(self, file: SpoolFile) -> None:
        """Begins the lease of a claim again."""
        with suppress(OSError):
            os.utime(self.directory / file.name, follow_symlinks=os.utime not in os.supports_follow_symlinks)

    def read(self, file: SpoolFile) -> Payload:
        """The payload of a file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is damaged, or no payload.
        """
        with open(self.directory / file.name, "rb", opener=lambda path, flags: os.open(path, flags | _READ)) as opened:
            if why := strange(os.fstat(opened.fileno())):
                raise ValueError(why)
            body = opened.read(PAYLOAD_MAX_BYTES + 1)
        payload = Payload.unpacked(body)
        payload.trouble, payload.apart = file.trouble, file.apart
        return payload

    def release(self, file: SpoolFile) -> SpoolFile:
        """Gives a claim back. Where another process has taken it over, it is that one's now."""
        with suppress(FileNotFoundError):
            (self.directory / file.name).rename(self.directory / file.unclaimed)
        return replace(file, name=file.unclaimed, claimed=None)

    def remove(self, file: SpoolFile) -> bool:
        """Removes a file; False where it was gone."""
        try:
            (self.directory / file.name).unlink()
        except FileNotFoundError:
            return False
        return True

    def make_usable(self) -> None:
        """Makes the directory one that this process can write, where that is in its power.

        A directory of its own gets back the rights that it was made with. What is not its own directory is moved
        aside, so that a new one takes its place; `left_aside` finds what lies in there.

        Raises:
            OSError: It is not.
        """
        try:
            status = os.lstat(self.directory)
        except FileNotFoundError:  # the directory around it lets nobody make one
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None
        if stat.S_ISDIR(status.st_mode) and is_own(status):
            if status.st_mode & _OWNER_ONLY == _OWNER_ONLY:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self.directory.chmod(_OWNER_ONLY)
        else:
            self.directory.rename(f"{self.directory}.aside-{secrets.token_hex(4)}")
            self.make_directory()
        self.moved_aside = True

    def left_aside(self) -> Iterator[Spool]:
        """The directories that were moved aside."""
        with suppress(OSError):
            for path in self.directory.parent.glob(f"{self.directory.name}.aside-*"):
                if path.is_dir() and not path.is_symlink():
                    yield Spool(path)

    def empty(self, file: SpoolFile) -> None:
        """Leaves nothing in a file that cannot be removed."""
        os.truncate(self.directory / file.name, 0)

    def _write(self, path: Path, body: bytes) -> None:
        def opener(name: str, _flags: int) -> int:
            return os.open(name, _WRITE, _OWNER_READS_AND_WRITES)

        try:
            file = open(path, "wb", opener=opener)  # noqa: SIM115 - closed below
        except FileNotFoundError:
            self.make_directory()
            file = open(path, "wb", opener=opener)  # noqa: SIM115 - closed below
        with file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())

    def _sync(self) -> None:
        """Makes the names as lasting as the contents: a power cut may undo a rename that is not synced."""
        with suppress(OSError):  # not every system can: there is nothing better then
            directory = os.open(self.directory, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    @staticmethod
    def _clear_away(entry: os.DirEntry[str], status: os.stat_result) -> None:
        if not strange(status) and time.time() - status.st_mtime > _ABANDONED_SECONDS:
            with suppress(OSError):
                os.unlink(entry.path)  # noqa: PTH108 - text, as scandir gives it
