"""Processes that are killed at one of their system calls: a writer of the spool, a drainer, one that joins files.

    python kill_points.py URL DIRECTORY STRIDE

Kills one process after the other, at every STRIDEth call on the disk that it makes, until one lives to its end; after each,
another process sends what is left. Prints a line of JSON for each: what was promised, and where it was killed. Imports
everything once and forks: a run takes moments.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

# Loaded before any call is counted, and once.
from opentelemetry_exporter_moesif.delivery.exchange import failure, session  # noqa: F401
from opentelemetry_exporter_moesif.delivery.spool import backlog  # noqa: F401
from support.delivery import ids_of, make_events, make_sender

CALLS = ("open", "close", "fsync", "rename", "unlink", "utime", "scandir", "mkdir", "stat", "lstat", "fstat", "chmod")


class Process:
    """What a process does, and how many events it has promised to deliver."""

    def __init__(self, url: str, directory: Path, *, always: bool = False) -> None:
        self.sender = make_sender(url, spool_directory=str(directory), spool_always=always, timeout=5.0)

    def writes(self, promise: Callable[[set[str]], None]) -> None:
        """The collector is away, as far as this process knows: every event becomes a file."""
        self.sender.pause()
        for _ in range(3):
            events = make_events(2)
            self.sender.send(events)
            promise(ids_of(events))

    def writes_many(self, promise: Callable[[set[str]], None]) -> None:
        """So many small files that they are joined."""
        self.sender.pause()
        for _ in range(66):
            events = make_events(1)
            self.sender.keep(events)
            promise(ids_of(events))
        self.sender.look_around()

    def sends(self, promise: Callable[[set[str]], None]) -> None:
        """All is well, and every payload is in a file before it is sent."""
        for _ in range(3):
            events = make_events(2)
            self.sender.send(events)
            promise(ids_of(events))

    def drains(self, _promise: Callable[[set[str]], None]) -> None:
        """What waits leaves."""
        assert self.sender.force_flush(200_000)


SCENARIOS = {"writer": ("writes", False), "joiner": ("writes_many", False), "sender": ("sends", True)}


def main() -> None:
    url, directory, stride = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    logging.disable(logging.CRITICAL)
    for name, (does, always) in SCENARIOS.items():
        run(f"{name}", url, directory, stride, does, always=always)
    run("drainer", url, directory, stride, "drains", prepared=True)


def run(
    name: str, url: str, directory: Path, stride: int, does: str, *, always: bool = False, prepared: bool = False
) -> None:
    point, killed = stride, True
    while killed:
        place = directory / f"{name}-{point}"
        promised: set[str] = set()
        start = partial(Process, url, place)
        if prepared:
            in_a_child(lambda: start().writes, promised, 0)  # noqa: B023 - called at once
        killed = in_a_child(lambda: getattr(start(always=always), does), promised, point)  # noqa: B023 - the same
        age_claims(place)
        in_a_child(lambda: start().drains, promised, 0)  # noqa: B023 - the same
        left = [path.name for path in place.rglob("*.gz*") if not path.name.endswith(".tmp")]
        print(json.dumps([name, point, killed, sorted(promised), left]), flush=True)
        point += stride


def in_a_child(work: Callable[[], Callable], promised: set[str], point: int) -> bool:
    """Whether the child was killed, at its `point`th call; 0 never is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        doing = work()
        counting(point)
        doing(lambda names: os.write(writing, json.dumps(sorted(names)).encode() + b"\n"))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        for line in pipe:
            promised.update(json.loads(line))
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def counting(point: int) -> None:
    """From now on, the `point`th call on the disk is the last thing that this process does, or does not even do."""
    calls = iter(range(1, 1_000_000))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            number = next(calls)
            if number == point and number % 2:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return real(*arguments, **options)
            finally:
                if number == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        call = counted(getattr(os, name))
        setattr(os, name, call)
        if sys.version_info < (3, 11):  # whose paths remember the calls
            setattr(pathlib._NormalAccessor, name, staticmethod(call))  # type: ignore[attr-defined]


def age_claims(place: Path) -> None:
    """As if the lease of the dead had ended."""
    past = time.time() - 3600
    for path in place.rglob("*.claim-*"):
        os.utime(path, (past, past))


if __name__ == "__main__":
    main()
