"""Where files are: paths, directories, patterns, and through fsspec whatever it knows (`s3://`, `https://`, …).

A place is listed once and streamed. Nothing is copied whole.
"""

from __future__ import annotations

import contextlib
import glob
import io
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from opentelemetry_exporter_moesif.replay.open_pipe import Meanwhile, OpenPipe
from opentelemetry_exporter_moesif.replay.streams import READ_BYTES, MissingExtraError

STANDARD_INPUT = "-"

_REMOTE = "://"
_PATTERN = frozenset("*?[")
_WITHOUT_PATTERNS = ("http", "https")  # a `?` is part of an address there
_BLOCK_BYTES = 8 * 1024 * 1024
# What says that an object is still the same, by the name that a store gives it.
_VERSIONS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "created")


class PlaceError(Exception):
    """A place that cannot be read; its text says which and why, without a secret."""


@dataclass(frozen=True)
class Place:
    """A file.

    Args:
        address: Its path or URL, or `-` for standard input.
        size: Its bytes as they lie there; None where nobody knows before the end.
        version: Changes when the file does; empty where nobody knows.
        inode: Which file of its disk it is; 0 where nobody knows.
    """

    address: str
    size: int | None = None
    version: str = ""
    inode: int = 0

    @property
    def name(self) -> str:
        """What messages call it: a URL without its query and its credentials."""
        if self.address == STANDARD_INPUT:
            return "standard input"
        return shown(self.address)

    @property
    def is_lasting(self) -> bool:
        """Whether another process can read it, and more than once."""
        return self.address != STANDARD_INPUT and self.size is not None

    @property
    def is_still_there(self) -> bool:
        """Whether what was found is still all there: it may have grown, but not been cut off, replaced, or removed."""
        if not self.inode:
            return True
        try:
            status = Path(self.address).stat()
        except OSError:
            return False
        return status.st_ino == self.inode and status.st_size >= (self.size or 0)

    def open(self, start: int = 0, meanwhile: Sequence[Meanwhile] = ()) -> io.BufferedReader:
        """Its bytes from `start` on.

        Args:
            start: The first byte.
            meanwhile: What to do while nothing comes through a pipe.

        Raises:
            OSError: It cannot be opened.
            PlaceError: What reads such places is not installed, or says no.
        """
        if self.address == STANDARD_INPUT:
            return io.BufferedReader(OpenPipe(io.FileIO(sys.stdin.fileno(), closefd=False), meanwhile), READ_BYTES)
        if _REMOTE in self.address:
            raw = _remote_file(self.address)
        else:
            file = io.FileIO(self.address)
            raw = file if self.is_lasting else OpenPipe(file, meanwhile)
        if start:
            raw.seek(start)
        return io.BufferedReader(raw, READ_BYTES)


def places(argument: str) -> list[Place]:
    """The files that an argument of the command line names, in the order of their names.

    Raises:
        PlaceError: There is none, or it cannot be looked at.
    """
    if argument == STANDARD_INPUT:
        return [Place(STANDARD_INPUT)]
    if not argument:  # a variable that is not set, and not the directory that one happens to be in
        message = "'': no name of a file"
        raise PlaceError(message)
    if _REMOTE in argument:
        return _remote_places(argument)
    try:
        return _local_places(argument)
    except OSError as error:
        message = f"{argument}: cannot be read: {error.strerror or type(error).__name__}"
        raise PlaceError(message) from None


def shown(address: str) -> str:
    """An address as messages have it: queries and user information of URLs hold credentials."""
    if _REMOTE not in address:
        return address
    scheme, _, rest = address.partition(_REMOTE)
    host, slash, path = rest.partition("/")
    if scheme in _WITHOUT_PATTERNS:
        path = path.partition("?")[0]
    return f"{scheme}{_REMOTE}{host.rpartition('@')[2]}{slash}{path}"


def _local_places(argument: str) -> list[Place]:
    path = Path(argument)
    if path.is_dir():
        places = _all_of(each for each in sorted(path.rglob("*")) if not _is_hidden(each, path))
        if not places:
            message = f"{argument}: no file in it"
            raise PlaceError(message)
        return places
    if not path.exists() and _PATTERN & set(argument):
        # `Path.glob` knows no absolute pattern.
        places = _all_of(map(Path, sorted(glob.glob(argument, recursive=True))))  # noqa: PTH207
        if not places:
            message = f"{argument}: no file matches"
            raise PlaceError(message)
        return places
    return [_local(path, argument)]


def _all_of(paths: Iterable[Path]) -> list[Place]:
    """The files among them. One that was removed since they were listed is none any more."""
    places: list[Place] = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                places.append(_local(path))
    return places


def _local(path: Path, name: str | None = None) -> Place:
    """A file as it is now. Whether it may be read, reading it says: it costs no other one."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return Place(name or str(path))
    return Place(name or str(path), status.st_size, str(status.st_mtime_ns), status.st_ino)


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _remote_places(argument: str) -> list[Place]:
    system, path = _file_system(argument)
    protocol = argument.partition(_REMOTE)[0]
    try:
        system.invalidate_cache()  # somebody else in this process may have listed it before
        listed = dict(_listed(system, path, protocol))
    except Exception as error:
        raise _refused(argument, error) from error
    if not listed:
        message = f"{shown(argument)}: no file matches"
        raise PlaceError(message)
    return [
        Place(
            argument if protocol in _WITHOUT_PATTERNS else system.unstrip_protocol(name),
            info.get("size"),
            str(next((info[key] for key in _VERSIONS if info.get(key)), "")),
        )
        for name, info in sorted(listed.items())
    ]


def _listed(system: Any, path: str, protocol: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if protocol not in _WITHOUT_PATTERNS and _PATTERN & set(path):
        yield from _files(system.glob(path, detail=True))
        return
    info = system.info(path)
    if info.get("type") == "directory":
        yield from _files(system.find(path, detail=True))
    else:
        yield path, info


def _files(listed: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, info in listed.items():
        if info.get("type") == "file":
            yield name, info


def _remote_file(address: str) -> io.RawIOBase:
    system, path = _file_system(address)
    try:
        return cast("io.RawIOBase", system.open(path, "rb", block_size=_BLOCK_BYTES, cache_type="readahead"))
    except Exception as error:
        raise _refused(address, error) from error


def _file_system(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - the extra `archive`
    except ImportError:
        raise PlaceError(str(MissingExtraError(shown(address), "archive"))) from None
    try:
        system, path = url_to_fs(address)
    except Exception as error:  # no such protocol, or what it needs is not there, or no credentials
        raise _refused(address, error) from error
    return system, path


def _refused(address: str, error: Exception) -> PlaceError:
    said = str(getattr(error, "strerror", None) or error).replace(address, shown(address))
    if isinstance(error, FileNotFoundError):
        said = "no such file"
    return PlaceError(f"{shown(address)}: cannot be read: {said[:300] or type(error).__name__}")
