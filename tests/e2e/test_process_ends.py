"""Ways a process ends without running `atexit`: what it served last arrives all the same, its exit status stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.ending_scripts import run_script
from support.faulty_server import FaultyServer
from support.server_process import clean_environment

_CHILDREN = Path(__file__).parents[1] / "apps" / "forked_calls.py"


@pytest.mark.parametrize("made_in", ["parent", "child"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_send_their_calls(method: str, made_in: str) -> None:
    """Wherever the exporter was made: before the child was started, or in it."""
    with FaultyServer() as server:
        done = subprocess.run(
            [sys.executable, str(_CHILDREN), method, made_in, server.url],
            check=False,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout.split() == ["7", "done"], done.stderr
        # Two of a process, two each of an executor's two.
        assert len(server.arrived) == 6


ENDS = {
    "os._exit": ("os._exit(3)", 3),
    "os._exit in a thread": ("thread = threading.Thread(target=os._exit, args=(3,)); thread.start(); thread.join()", 3),
    "os._exit in a forked child": (
        "pid = os.fork()\nif pid == 0:\n    call()\n    os._exit(5)\nassert os.waitpid(pid, 0)[1] >> 8 == 5",
        0,
    ),
    "os.execv": ("os.execv(sys.executable, [sys.executable, '-c', 'raise SystemExit(4)'])", 4),
    "os.execlp": ("os.execlp(sys.executable, sys.executable, '-c', 'raise SystemExit(4)')", 4),
    "os.execvpe": ("os.execvpe(sys.executable, [sys.executable, '-c', 'raise SystemExit(4)'], os.environ)", 4),
    "an exec that fails": (
        "try:\n    os.execv('/no/such/file', ['x'])\nexcept FileNotFoundError:\n    call(); sys.exit(6)",
        6,
    ),
    "the end of the script": ("", 0),
    "an exception": ("raise RuntimeError('boom')", 1),
    "sys.exit in a thread, and the end": ("threading.Thread(target=sys.exit).start()", 0),
}


@pytest.mark.parametrize("end", ENDS)
def test_whichever_way_a_process_ends_its_last_call_arrives(end: str) -> None:
    code, status = ENDS[end]
    calls = 1 + code.count("call()")
    with FaultyServer() as server:
        found, _, said = run_script(
            f"import os\nset_up(); after_instrumentation(); call()\nprint('ready', flush=True)\n{code}",
            server.url,
            signals=0,
        )
        assert found == status, said
        assert len(server.arrived) == calls


def test_os_exit_takes_no_longer_than_the_shutdown_timeout() -> None:
    with FaultyServer(["hang before reading"] * 9) as server:
        code = "import os\nset_up(shutdown_timeout=1); after_instrumentation(); call()\nprint('ready', flush=True)\nos._exit(3)"
        status, seconds, _ = run_script(code, server.url, signals=0)
        assert status == 3
        assert seconds < 8  # the SDK would wait for 30


def test_with_the_flush_turned_off_os_and_signal_are_left_alone() -> None:
    code = """
import os
before = os._exit, os.execv, os.execve, signal.signal, signal.getsignal
set_up(); after_instrumentation(); call()
assert (os._exit, os.execv, os.execve, signal.signal, signal.getsignal) == before
print('ready', flush=True)
os._exit(3)
"""
    with FaultyServer() as server:
        status, _, said = run_script(code, server.url, signals=0, OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM="false")
        assert status == 3, said
        assert len(server.arrived) == 0
