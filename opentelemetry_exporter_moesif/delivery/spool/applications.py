"""A whole spool directory, with what waits for each application in it.

For programs such as `moesif-otel spool`: `waiting` lists what waits, `adopt` moves what another application id left,
and a `Sender` with the same settings sends it: `Sender(config, telemetry).force_flush()`.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.spool.directory import Spool

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile

_APPLICATION = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one application.

    Attributes:
        application_hash: The sub-directory's name; see `application_hash`.
        files: How many payloads.
        events: How many events.
        bytes: Compressed bytes in them.
        oldest_seconds: The age of the oldest payload.
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
        OSError: The directory cannot be read.
    """
    applications = []
    for directory in _applications(Path(spool_directory)):
        files: list[SpoolFile] = []
        with suppress(PermissionError):  # another user's: it is neither shown nor in the way
            files = list(Spool(directory).files())
        if files:
            oldest = time.time() - min(file.created for file in files)
            events, size = sum(file.count for file in files), sum(file.bytes for file in files)
            applications.append(Waiting(directory.name, len(files), events, size, max(0.0, oldest)))
    return applications


def adopt(spool_directory: str | Path, application_hash: str) -> int:
    """Moves what waits for other applications to this one, and returns the number of events.

    What a process is sending just now stays where it is.

    Args:
        spool_directory: The directory of the setting.
        application_hash: Whose the events become; see `application_hash`.

    Raises:
        OSError: A directory or a file cannot be read or moved.
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


def _applications(root: Path) -> list[Path]:
    try:
        paths = sorted(path for path in root.iterdir() if _APPLICATION.fullmatch(path.name))
    except FileNotFoundError:
        return []
    return [path for path in paths if path.is_dir() and not path.is_symlink()]
