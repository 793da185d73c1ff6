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
        found, said = run_script(
            f"import os\nset_up(); after_instrumentation(); call()\nprint('ready', flush=True)\n{code}",
            server.url,
            signals=0,
        )
        assert found == status, said
        assert len(server.arrived) == calls


_LOSES_THREE = """
import os
set_up(); after_instrumentation()
late = MoesifSpanExporter(application_id="an-id", endpoint=sys.argv[1])
late.shutdown()
span = TracerProvider().get_tracer("test").start_span("GET /", kind=trace.SpanKind.SERVER, attributes={"http.request.method": "GET", "url.path": "/", "http.response.status_code": 200})
span.end()
for _ in range(3):
    late.export([span])
"""
_ENDS_AFTER_LOSSES = {
    "SIGTERM": "ready()",
    "the end of the script": "print('ready', flush=True)",
    "os._exit": "print('ready', flush=True); os._exit(0)",
    "os.execv": "print('ready', flush=True); os.execv(sys.executable, [sys.executable, '-c', ''])",
}


@pytest.mark.parametrize("end", _ENDS_AFTER_LOSSES)
def test_whichever_way_a_process_ends_what_it_lost_after_its_shutdown_is_told(end: str) -> None:
    """The first one at once; the others are held back for a minute, which the process does not live to see."""
    with FaultyServer() as server:
        _, said = run_script(_LOSES_THREE + _ENDS_AFTER_LOSSES[end], server.url, signals=int(end == "SIGTERM"))
        assert [line for line in said.splitlines() if "lost" in line] == [
            "Moesif exporter: 1 event lost (shutdown)",
            "Moesif exporter: 2 events lost (shutdown)",
        ]


def test_os_exit_takes_no_longer_than_the_shutdown_timeout() -> None:
    """Whatever hangs, and for however long: the collector, or a processor of the application's own."""
    code = """
import os
from opentelemetry_exporter_moesif import process_end
process_end._MOST_SECONDS = 600.0
set_up(shutdown_timeout=1); after_instrumentation(); call()
flush = trace.get_tracer_provider().shutdown
trace.get_tracer_provider().shutdown = lambda: (flush(), time.sleep(600))
print("ready", flush=True)
os._exit(3)
"""
    with FaultyServer(["hang before reading"] * 9) as server:
        assert run_script(code, server.url, signals=0)[0] == 3


def test_an_exec_waits_for_what_the_collector_refused_at_first() -> None:
    code = "import os\nset_up(); after_instrumentation(); call()\nprint('ready', flush=True)\nos.execv(sys.executable, [sys.executable, '-c', ''])"
    with FaultyServer([503]) as server:
        assert run_script(code, server.url, signals=0)[0] == 0
        assert len(server.arrived) == 1


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
        status, said = run_script(code, server.url, signals=0, OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM="false")
        assert status == 3, said
        assert len(server.arrived) == 0


_FORKS_IN_C = """
import ctypes, os
from pathlib import Path

def others_rest():
    own = str(threading.get_native_id())
    states = [Path(f"/proc/self/task/{name}/stat").read_text().rpartition(")")[2].split()[0] for name in os.listdir("/proc/self/task") if name != own]
    return set(states) == {"S"}

set_up(); after_instrumentation(); call()
trace.get_tracer_provider().force_flush()  # refused: it waits in the parent
# A thread that is about to take the interpreter's lock would leave it broken in the child.
rests = 0
while rests < 50:
    rests = rests + 1 if others_rest() else 0
    time.sleep(0.01)
library = ctypes.PyDLL(None)
HOOKED and library.PyOS_BeforeFork()
pid = library.fork()
if pid == 0:
    HOOKED and library.PyOS_AfterFork_Child()
    call()
    os._exit(0)
HOOKED and library.PyOS_AfterFork_Parent()
assert os.waitpid(pid, 0)[1] == 0
print("ready", flush=True)
"""


@pytest.mark.parametrize("hooked", ["False", "True"])
def test_a_child_forked_in_c_sends_its_own_calls_only(hooked: str) -> None:
    """uWSGI forks its workers so, and calls what Python has for a fork where `py-call-uwsgi-fork-hooks` is set."""
    with FaultyServer([(503, {"Retry-After": "60"})]) as server:
        status, said = run_script(_FORKS_IN_C.replace("HOOKED", hooked), server.url, signals=0)
        assert status == 0, said
        assert "Traceback" not in said
        assert sorted(server.arrived.values()) == [1, 1]
