"""What a model of the delivery needs: a collector with moods, faults of disk and process, a clock that jumps."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery import attempt, gate
from opentelemetry_exporter_moesif.delivery.exchange.client import Client
from opentelemetry_exporter_moesif.delivery.spool import claims, writer
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.telemetry import Telemetry

PACKAGE_LOGGER = logging.getLogger("opentelemetry_exporter_moesif")


class Ledger(Telemetry):
    """Counts every event's fate, as the exporter's own metrics do."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._begin()

    def started(self, count: int) -> None:
        self._count("started", count)

    def delivered(self, count: int) -> None:
        super().delivered(count)
        self._count("delivered", count)

    def lost(self, count: int, reason: str, detail: str = "") -> None:
        super().lost(count, reason, detail)
        self._count("lost", max(count, 0))

    def handed_over(self, count: int) -> None:
        self._count("handed over", count)

    def taken_over(self, count: int) -> None:
        self._count("taken over", count)

    @property
    def inflight(self) -> int:
        """Events that this process has, and whose fate is not known."""
        counts = self.counts
        mine = counts["started"] + counts["taken over"] - counts["handed over"]
        return mine - counts["delivered"] - counts["lost"]

    def after_fork(self) -> None:
        """In a forked child: a thread of the parent may hold the lock."""
        super().after_fork()
        self._begin()

    def _begin(self) -> None:
        self.counts = {"started": 0, "delivered": 0, "lost": 0, "handed over": 0, "taken over": 0}
        self._one_by_one = threading.Lock()

    def _count(self, name: str, count: int) -> None:
        with self._one_by_one:
            self.counts[name] += count


class LossesTold(logging.Handler):
    """Adds up what the log says is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def emit(self, record: logging.LogRecord) -> None:
        if found := re.search(r"(\d+) events? lost", record.getMessage()):
            self.total += int(found[1])

    def add(self, count: int) -> None:
        """Adds what was told elsewhere; a thread may be telling something here."""
        with self.lock:
            self.total += count


class Faults:
    """Faults of the disk and of the process, each on or off, and a wall clock that may jump.

    Args:
        directory: Only what lies in there is on the faulty disk.
    """

    DISK: ClassVar = {
        "full": (("open for writing", "fsync"), errno.ENOSPC),
        "read-only": (("open for writing", "rename", "unlink", "utime"), errno.EROFS),
        "no descriptors": (("open for writing", "open", "scandir"), errno.EMFILE),
        "broken": (("open", "rename"), errno.EIO),
    }
    PROCESS = (MemoryError(), RecursionError(), ImportError("replaced"), OSError(errno.EMFILE, "too many open files"))

    def __init__(self, directory: Path) -> None:
        self._directory = os.fspath(directory)
        self.disk: str | None = None
        self.process: Exception | None = None
        self.no_threads = False
        self.ahead = 0.0
        self._started: list[threading.Thread] = []
        self._patches = [
            mock.patch.object(os, name, self._on_disk(name, getattr(os, name)))
            for name in ("open", "rename", "unlink", "utime", "scandir", "fsync")
        ]
        post, start, now = Client.post, threading.Thread.start, time.time

        def faulty_post(client: Client, *arguments: Any, **options: Any) -> Any:
            if self.process is not None:
                raise self.process
            return post(client, *arguments, **options)

        def faulty_start(thread: threading.Thread) -> None:
            if self.no_threads and thread.name.startswith("moesif"):
                message = "can't start new thread"
                raise RuntimeError(message)
            start(thread)
            if thread.name == "moesif-drain":
                self._started.append(thread)

        self._patches += [
            mock.patch.object(Client, "post", faulty_post),
            mock.patch.object(threading.Thread, "start", faulty_start),
            mock.patch.object(time, "time", lambda: now() + self.ahead),  # noqa: PT008 - it changes
            # Minutes are moments here.
            mock.patch.object(gate, "FIRST_SECONDS", 0.001),
            mock.patch.object(gate, "LONGEST_SECONDS", 0.01),
            mock.patch.object(gate, "PROBE_SECONDS", 0.01),
            mock.patch.object(attempt, "SECONDS_OF_TRIES", 0.05),
            mock.patch.object(attempt, "_FIRST_RETRY_SECONDS", 0.005),
            mock.patch.object(attempt, "_LONGEST_RETRY_SECONDS", 0.02),
            mock.patch.object(claims, "_RETRY_SECONDS", 0.005),
            mock.patch.object(writer, "_FIRST_RETRY_SECONDS", 0.005),
            mock.patch.object(writer, "_LONGEST_RETRY_SECONDS", 0.02),
        ]

    def __enter__(self) -> Faults:  # noqa: PYI034 - Self is younger than Python 3.10
        for patch in self._patches:
            patch.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        for patch in self._patches:
            patch.stop()

    def what_is_under_way_ends(self) -> None:
        """Waits for each thread that sends: its sender was shut down."""
        while self._started:
            self._started.pop().join()

    def cease(self) -> None:
        """All is well again, and the clock is right."""
        self.disk = self.process = None
        self.no_threads = False
        self.ahead = 0.0

    def _on_disk(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if self.disk is not None:
                operations, number = self.DISK[self.disk]
                writes = name == "open" and len(arguments) > 1 and arguments[1] & os.O_CREAT
                ours = name == "fsync" or str(arguments[0]).startswith(self._directory)
                if ours and ("open for writing" if writes else name) in operations:
                    raise OSError(number, os.strerror(number))
            return real(*arguments, **options)

        return call


def events_in_files(directory: Path) -> list[str]:
    """The transaction ids of all that lies in a spool directory."""
    found = []
    for application in directory.glob("[0-9a-f]" * 32):
        spool = Spool(application)
        for file in spool.files():
            found += [json.loads(event)["transaction_id"] for event in spool.read(file).events()]
    return found
