"""Runs `lock_stress.py` to its end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from support.faulty_server import FaultyServer
from support.server_process import clean_environment

STILL_SECONDS = 100
_SCRIPT = Path(__file__).with_name("lock_stress.py")


def assert_nothing_stands_still(processor: str, calls: int, forks: int) -> None:
    """Every call arrives, and SIGTERM ends the process in time.

    Args:
        processor: `simple` or `batch`.
        calls: How many each thread makes.
        forks: How often the process forks meanwhile.
    """
    with FaultyServer() as server:
        process = subprocess.Popen(
            [sys.executable, str(_SCRIPT), server.url, processor, str(calls), str(forks)],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # It shows its threads then.
        watch = threading.Timer(STILL_SECONDS, process.send_signal, (signal.SIGABRT,))
        watch.start()
        try:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            watch.cancel()
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
            assert process.returncode == -signal.SIGTERM, said
            # `shutdown_timeout` and what a busy machine takes, and less than the 30 s that the SDK would wait for.
            assert time.monotonic() - began < 29
        finally:
            watch.cancel()
            process.kill()
        # One may arrive twice: where its answer came after the two seconds that `export` waits, it is sent again.
        assert len(server.arrived) == int(line), said
