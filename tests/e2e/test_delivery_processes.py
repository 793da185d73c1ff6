"""Real processes: killed, forked, ended, and several at once on one spool."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.faulty_server import FaultyServer
from support.server_process import WRITING_SECONDS

from opentelemetry_exporter_moesif.delivery.spool.applications import waiting

TESTS = Path(__file__).parents[1]

_PRELUDE = """
import json, os, signal, sys, threading, time
from support.delivery import ids_of, make_events, make_sender, open_sender, OwnMetrics
url, directory = sys.argv[1:3]

def say(value):
    os.write(1, (json.dumps(value) + "\\n").encode())
"""


class _Script:
    """A Python process that speaks a line of JSON at a time."""

    def __init__(self, code: str, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PRELUDE + code, *arguments],
            env=environment | {"PYTHONPATH": str(TESTS), "OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED": "true"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid

    def hear(self):
        line = self._process.stdout.readline()
        assert line, f"ended with {self._process.wait(30)}"
        return json.loads(line)

    def say(self, line: str = "") -> None:
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def end(self, seconds: float = 60.0) -> int:
        return self._process.wait(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture
def start() -> Iterator:
    scripts: list[_Script] = []

    def starting(code: str, *arguments: str) -> _Script:
        scripts.append(_Script(code, *arguments))
        return scripts[-1]

    yield starting
    for script in scripts:
        with contextlib.suppress(subprocess.TimeoutExpired):
            script.end(WRITING_SECONDS / 5)
        script.kill()


_FILLS_THE_SPOOL = """
with open_sender(url, spool_directory=directory, timeout=0.5) as sender:
    names = []
    for _ in range(20):
        batch = make_events(3)
        assert sender.send(batch)
        names += ids_of(batch)
    say(names)
    sys.stdin.readline()
"""

_SENDS_WHAT_WAITS = """
with open_sender(url, spool_directory=directory, timeout=0.5) as sender:
    batch = make_events(1)
    sender.send(batch)
    say([sender.force_flush(60_000), *ids_of(batch)])
"""


def test_several_killed_processes_lose_nothing_that_a_restart_does_not_deliver(start, tmp_path: Path) -> None:
    with FaultyServer([503] * 9999) as server:
        processes = [start(_FILLS_THE_SPOOL, server.url, str(tmp_path)) for _ in range(3)]
        names = {name for process in processes for name in process.hear()}
        assert len(names) == 180
        for process in processes:
            process.kill()
        server.script.clear()
        flushed, last = start(_SENDS_WHAT_WAITS, server.url, str(tmp_path)).hear()
        assert flushed
        assert set(server.arrived) == names | {last}
        assert set(server.arrived.values()) == {1}
    assert waiting(tmp_path) == []


_DRAINS = """
say("ready")
sys.stdin.readline()
with open_sender(url, spool_directory=directory, timeout=5.0) as sender:
    say(sender.force_flush(60_000))
    assert sender.send(make_events(1))
    say(sender.force_flush(60_000))
"""


def test_processes_that_drain_at_once_send_nothing_twice(start, tmp_path: Path) -> None:
    with FaultyServer([503] * 9999) as server:
        filler = start(_FILLS_THE_SPOOL * 4, server.url, str(tmp_path))
        names = set()
        for _ in range(4):
            names.update(filler.hear())
            filler.say()
        assert filler.end() == 0
        assert waiting(tmp_path)[0].events == len(names) == 240
        server.script.clear()
        processes = [start(_DRAINS, server.url, str(tmp_path)) for _ in range(3)]
        for process in processes:
            assert process.hear() == "ready"
        for process in processes:
            process.say()
        assert [process.hear() for process in processes] == [True] * 3
        assert [process.hear() for process in processes] == [True] * 3
        assert names <= set(server.arrived)
        assert set(server.arrived.values()) == {1}
        assert len(server.arrived) == len(names) + 3


_FORKS_IN_THE_MIDDLE_OF_A_SEND = """
metrics = OwnMetrics()
sender = make_sender(url, timeout=300.0, meter_provider=metrics.provider)
sender.patience_seconds = 300.0
assert sender.send(make_events(1))
hanging, waiting = make_events(2), make_events(2)
thread = threading.Thread(target=sender.send, args=(hanging,))
thread.start()
while not sender.is_sending:
    time.sleep(0.01)
sender.send(waiting)
child = os.fork()
own = make_events(5)
if child == 0:
    open_files = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
    sent = sender.send(own)
    flushed = sender.force_flush(200_000)
    say({"sent": sent and flushed, "sockets": sum(name.startswith("socket") for name in open_files), "own": sorted(ids_of(own))})
    sender.shutdown()
    os._exit(0)
os.waitpid(child, 0)
thread.join()
say({"flushed": sender.force_flush(200_000), "own": sorted(ids_of(hanging) | ids_of(waiting))})
sender.shutdown()
"""


def test_a_fork_in_the_middle_of_a_send_leaves_both_sides_whole(start, tmp_path: Path) -> None:
    with FaultyServer([201, "hang before reading"]) as server:
        script = start(_FORKS_IN_THE_MIDDLE_OF_A_SEND, server.url, str(tmp_path))
        child = script.hear()  # while the parent's POST hangs
        server.released.set()
        parent = script.hear()
        assert script.end() == 0
        assert child["sent"]
        assert child["sockets"] == 0
        assert parent["flushed"]
        assert len(server.arrived) == 10
        assert set(child["own"]) | set(parent["own"]) <= set(server.arrived)
        assert set(server.arrived.values()) == {1}


_FORKS_WITH_A_SESSION = """
import requests
session = requests.Session()
sender = make_sender(url, session=session)
sender.send(make_events(1))
child = os.fork()
for _ in range(3):
    assert sender.send(make_events(1))
say(sender.force_flush(200_000))
if child:
    os.waitpid(child, 0)
sender.shutdown()
"""


def test_a_session_of_the_users_serves_parent_and_child_over_connections_of_their_own(start, tmp_path: Path) -> None:
    with FaultyServer() as server:
        script = start(_FORKS_WITH_A_SESSION, server.url, str(tmp_path))
        assert [script.hear(), script.hear()] == [True, True]
        assert script.end() == 0
        assert len(server.arrived) == 7
        assert set(server.arrived.values()) == {1}
        assert server.connections == 2


_FORKS_WHILE_DRAINING = """
sender = make_sender(url)
for _ in range(5):
    sender.send(make_events(2))
children = []
for _ in range(10):
    child = os.fork()
    if child == 0:
        assert sender.answers  # nothing of its parent's waits here
        ok = sender.send(make_events(1)) and sender.force_flush(100_000)
        os._exit(0 if ok else 1)
    children.append(child)
say([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
say(sender.force_flush(100_000))
"""


def test_children_forked_during_an_outage_start_empty_and_the_parent_keeps_what_it_held(start, tmp_path: Path) -> None:
    with FaultyServer([503] * 4) as server:
        script = start(_FORKS_WHILE_DRAINING, server.url, str(tmp_path))
        assert script.hear() == [0] * 10
        assert script.hear()
        assert len(server.arrived) == 20
        assert set(server.arrived.values()) == {1}


_EXITS = """
import atexit
sender = make_sender(url, timeout=300.0, shutdown_timeout=3.0)
atexit.register(sender.shutdown)
when = sys.argv[3]
if when == "before":
    sender.send(make_events(3))
else:
    atexit.register(lambda: say(sender.send(make_events(3))))
say("exits")
"""


@pytest.mark.parametrize("when", ["before", "at"])
@pytest.mark.parametrize("fault", ["503", "hang after reading"])
def test_an_interpreter_that_exits_sends_what_waits_or_gives_up_in_time(
    when: str, fault: str, start, tmp_path: Path
) -> None:
    script = [503] if fault == "503" else [fault] * 9
    with FaultyServer(script) as server:
        process = start(_EXITS, server.url, str(tmp_path), when)
        process.hear()
        assert process.end(200) == 0  # where a hang would take 300
        if fault == "503":
            assert len(server.arrived) == 3


_EXPORTS_FIRST_AT_EXIT = """
import atexit
sender = make_sender(url)
atexit.register(lambda: (say(sender.send(make_events(3))), sender.shutdown()))
assert "requests" not in sys.modules
"""


def test_a_first_export_at_interpreter_exit_is_delivered(start, tmp_path: Path) -> None:
    with FaultyServer() as server:
        process = start(_EXPORTS_FIRST_AT_EXIT, server.url, str(tmp_path))
        assert process.hear()
        assert process.end() == 0
        assert len(server.arrived) == 3


_KEEPS_AN_OUTAGE = """
import resource
metrics = OwnMetrics()
sender = make_sender(url, timeout=0.2, shutdown_timeout=0.0, meter_provider=metrics.provider)
sender.send(make_events(1))
batch = make_events(1000)
for _ in range(100):
    sender.send(batch)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(3500):
    sender.send(batch)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
say([metrics.inflight(), (after - before) // 1024])
os._exit(0)
"""


def test_an_hours_outage_at_a_thousand_calls_a_second_stays_inside_the_backlogs_bound(start, tmp_path: Path) -> None:
    with FaultyServer([503] * 99_999) as server:
        waiting_events, grown_mib = start(_KEEPS_AN_OUTAGE, server.url, str(tmp_path)).hear()
        assert 400_000 < waiting_events < 1_000_000  # of 25 bytes each, compressed
        assert grown_mib < 40  # the backlog's 16 MiB, and what the allocator keeps


def test_sigkill_in_the_middle_of_a_write_leaves_no_half_payload(start, tmp_path: Path) -> None:
    code = """
from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash
from support.delivery import APPLICATION_ID
from pathlib import Path
spool = Spool(Path(directory) / application_hash(APPLICATION_ID, url + "/collector/v1"))
payload = Batcher(50_000_000).payloads(make_events(2000, padding=50))[0][0]
say("ready")
while True:
    spool.write(payload)
"""
    with FaultyServer() as server:
        writer = start(code, server.url, str(tmp_path))
        writer.hear()
        time.sleep(0.2)
        os.kill(writer.pid, signal.SIGKILL)
        writer.end()
        sent = start(_SENDS_WHAT_WAITS, server.url, str(tmp_path)).hear()
        assert sent[0]
        assert len(server.arrived) in {1, 2001}
    assert waiting(tmp_path) == []
