"""One file of the spool: what its name says, and what makes it one of ours."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass

from opentelemetry_exporter_moesif.delivery.waiting_line import Tried, Trouble

BLOCK_BYTES = 4096
"""What the smallest file occupies on the usual file systems: bounds count what files occupy, not what they hold."""

_JOINED_SECONDS = 3600.0

CLAIM = ".claim-"
NAME = re.compile(
    r"(?P<created>[0-9]{20})-(?P<writer>[0-9a-f-]+)-[0-9]{1,18}-(?P<count>[0-9]{1,9})\.json\.gz"
    rf"(?P<claim>{re.escape(CLAIM)}[0-9a-f-]+)?"
)


@dataclass(slots=True, eq=False)
class SpoolFile(Tried):
    """One file of the spool.

    Attributes:
        name: The file's name: by it, files sort in the order in which they are sent.
        created: Seconds since the epoch when its events were exported.
        count: The events in it.
        bytes: What it holds.
        claimed: Seconds since the epoch when a process claimed it, None while it waits.
        trouble: How it fared in this process, where it was tried.
        apart: Whether it is a part of what was refused as a whole.
    """

    name: str
    created: float
    count: int
    bytes: int
    claimed: float | None = None
    trouble: Trouble | None = None
    apart: bool = False

    @property
    def size(self) -> int:
        """What it adds to a file that it is joined with."""
        return self.bytes

    @property
    def weight(self) -> int:
        """Bytes that it occupies on the disk."""
        return -(-self.bytes // BLOCK_BYTES) * BLOCK_BYTES

    @property
    def unclaimed(self) -> str:
        """Its name while nobody has claimed it."""
        return self.name.partition(CLAIM)[0]


def belong_together(first: SpoolFile, last: SpoolFile) -> bool:
    """Whether two files are so near in time that one age may stand for both."""
    return abs(last.created - first.created) <= _JOINED_SECONDS


def strange(status: os.stat_result) -> str | None:
    """Why this is no file of ours; None where it is one."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if not is_own(status):
        return "another user's file"
    if os.name == "posix" and not status.st_mode & stat.S_IRUSR:
        return "not readable for its owner"
    return None


def is_own(status: os.stat_result) -> bool:
    """Whether it belongs to this process's user."""
    return os.name != "posix" or status.st_uid == os.geteuid()
