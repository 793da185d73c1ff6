"""What waits lives in files, and gets to the collector from there."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash, waiting
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.delivery.spool.file import SpoolFile


def _directory(root: Path, server: FaultyServer) -> Path:
    return root / application_hash(APPLICATION_ID, f"{server.url}/collector/v1")


def _spool(root: Path, server: FaultyServer) -> Spool:
    return Spool(_directory(root, server))


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_one_process_left_the_next_one_sends(tmp_path: Path, own_metrics: OwnMetrics) -> None:
    events = [make_events(4) for _ in range(5)]
    with FaultyServer([503] * 99) as server:
        with open_sender(server.url, spool_directory=str(tmp_path)) as sender:
            for batch in events[:4]:
                assert sender.send(batch)
        assert len(server.arrived) == 0
        assert waiting(tmp_path)[0].events == 16
        server.script.clear()
        with open_sender(server.url, spool_directory=str(tmp_path), meter_provider=own_metrics.provider) as sender:
            assert sender.send(events[4])
            assert sender.force_flush(200_000)
        assert set(server.arrived) == {name for batch in events for name in ids_of(batch)}
        assert set(server.arrived.values()) == {1}
    assert own_metrics.exported() == {None: 20}
    assert own_metrics.inflight() == 0
    assert _files(tmp_path) == []


def test_an_exit_waits_for_what_a_look_at_the_directory_is_about_to_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, new = make_events(3), make_events(2)
    looking, go_on = threading.Event(), threading.Event()
    files = Spool.files

    def slow(*arguments) -> list:
        looking.set()
        go_on.wait(200)
        return list(files(*arguments))

    with FaultyServer() as server:
        _spool(tmp_path, server).write(Batcher(1_000_000).payloads(left)[0][0])
        with open_sender(server.url, spool_directory=str(tmp_path), shutdown_timeout=200.0) as sender:
            monkeypatch.setattr(Spool, "files", slow)
            sender.send(new)  # after it, a thread looks for what others left
            assert looking.wait(200)
            end = threading.Thread(target=sender.shutdown)
            end.start()
            end.join(0.2)  # time to go wrong in, and none that the test depends on
            go_on.set()
            end.join(200)
        assert set(server.arrived) == ids_of(left) | ids_of(new)
    assert _files(tmp_path) == []


def test_a_span_handed_to_the_spool_leaves_inflight_and_is_counted_when_its_fate_is_known(
    tmp_path: Path, own_metrics: OwnMetrics
) -> None:
    with (
        FaultyServer([503]) as server,
        open_sender(server.url, spool_directory=str(tmp_path), meter_provider=own_metrics.provider) as sender,
    ):
        sender.pause()
        sender.send(make_events(3))
        assert own_metrics.inflight() == 0
        assert own_metrics.exported() == {}
        sender.end_pause()
        assert sender.force_flush(200_000)
        assert own_metrics.inflight() == 0
        assert own_metrics.exported() == {None: 3}


def test_two_services_that_share_a_directory_never_send_each_others_calls(tmp_path: Path) -> None:
    with FaultyServer([503] * 20) as server:
        for name in ("one", "two"):
            with open_sender(server.url, application_id=name, spool_directory=str(tmp_path)) as sender:
                sender.send(make_events(3))
        assert len(waiting(tmp_path)) == 2
        server.script.clear()
        server.headers.clear()
        with open_sender(server.url, application_id="one", spool_directory=str(tmp_path)) as sender:
            sender.send(make_events(1))
            assert sender.force_flush(200_000)
        assert {headers["x-moesif-application-id"] for headers in server.headers} == {"one"}
        assert len(server.arrived) == 4
        assert [line.events for line in waiting(tmp_path)] == [3]


def test_a_damaged_file_costs_itself(tmp_path: Path, own_metrics: OwnMetrics) -> None:
    with FaultyServer() as server:
        spool = _spool(tmp_path, server)
        payloads = [Batcher(1_000_000).payloads(make_events(2))[0][0] for _ in range(3)]
        damaged, _, cut = [spool.write(payload) for payload in payloads]
        (spool.directory / damaged.name).write_bytes(b"\x1f\x8bnonsense")
        half = spool.directory / cut.name
        half.write_bytes(half.read_bytes()[:30])
        with open_sender(server.url, spool_directory=str(tmp_path), meter_provider=own_metrics.provider) as sender:
            sender.send(make_events(1))
            assert sender.force_flush(200_000)
        assert len(server.arrived) == 3
    assert own_metrics.exported() == {None: 3, "damaged": 4}
    assert own_metrics.inflight() == 0
    assert _files(tmp_path) == []


def test_ten_thousand_waiting_payloads_all_arrive_and_an_export_beside_them_goes_first(tmp_path: Path) -> None:
    events = make_events(10_000)
    with FaultyServer() as server:
        spool = _spool(tmp_path, server)
        spool.make_directory()
        created = time.time_ns() - 60_000_000_000
        for number, event in enumerate(events):
            # Not by Spool.write: ten thousand fsyncs are no part of what is tested.
            body = Batcher(1_000_000).payloads([event])[0][0].packed()
            (spool.directory / f"{created + number:020d}-a-{number:08d}-1.json.gz").write_bytes(body)
        with open_sender(server.url, spool_directory=str(tmp_path)) as sender:
            beside = make_events(1)
            assert sender.send(beside)
            assert next(iter(server.arrived)) in ids_of(beside)
            assert sender.force_flush(200_000)
        assert ids_of(events) <= set(server.arrived)
        assert set(server.arrived.values()) == {1}
    assert _files(tmp_path) == []


def test_files_beyond_moesifs_thirty_days_are_dropped_and_counted(tmp_path: Path, own_metrics: OwnMetrics) -> None:
    with FaultyServer() as server:
        spool = _spool(tmp_path, server)
        payload = Batcher(1_000_000).payloads(make_events(3))[0][0]
        spool.write(payload, time.time() - 31 * 24 * 3600)
        spool.write(payload, time.time() - 29 * 24 * 3600)
        spool.write(payload)
        with open_sender(server.url, spool_directory=str(tmp_path), meter_provider=own_metrics.provider) as sender:
            sender.send(make_events(1))
            assert sender.force_flush(200_000)
        assert len(server.arrived) == 4
    assert own_metrics.exported() == {None: 7, "expired": 3}


def test_a_full_spool_drops_the_oldest_and_counts_them(tmp_path: Path, own_metrics: OwnMetrics) -> None:
    batches = [make_events(5, padding=100) for _ in range(40)]
    settings = {
        "spool_directory": str(tmp_path),
        "spool_max_bytes": 40_960,
        "meter_provider": own_metrics.provider,
    }
    with FaultyServer([503] * 999) as server:
        with open_sender(server.url, **settings) as sender:
            for batch in batches:
                assert sender.send(batch)
            assert len(_files(tmp_path)) <= 10 + 1  # a file occupies 4 KiB at least, and one is being sent
        server.script.clear()
        with open_sender(server.url, **settings) as sender:
            sender.send(make_events(5))
            assert sender.force_flush(200_000)
        arrived = set(server.arrived)
        assert ids_of(batches[-1]) <= arrived
        assert not ids_of(batches[0]) & arrived
        assert own_metrics.exported() == {None: len(arrived), "backlog_full": 205 - len(arrived)}


@pytest.mark.parametrize("seconds", [-3600, 3600], ids=["an hour old", "from before the clock went back"])
def test_an_expired_claim_is_sent_by_another_process_and_a_live_one_is_not(seconds: int, tmp_path: Path) -> None:
    with FaultyServer() as server:
        dead, alive = _spool(tmp_path, server), _spool(tmp_path, server)
        payloads = [Batcher(1_000_000).payloads(make_events(2))[0][0] for _ in range(2)]
        of_dead, of_alive = (
            spool.claim(spool.write(payload)) for spool, payload in zip((dead, alive), payloads, strict=True)
        )
        assert of_dead
        assert of_alive
        claimed = time.time() + seconds
        os.utime(dead.directory / of_dead.name, (claimed, claimed))
        with open_sender(server.url, spool_directory=str(tmp_path)) as sender:
            sender.send(make_events(1))
            server.wait_for(3)
            assert not sender.force_flush(1_500)
        assert len(server.arrived) == 3
        assert [path.name for path in _files(tmp_path)] == [of_alive.name]


@contextlib.contextmanager
def _ordinary_user() -> Iterator[None]:
    """Not root for a while, where we are: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that every user can get at: pytest's own are their user's alone."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def test_a_read_only_directory_warns_once_and_memory_takes_over(
    directory: Path, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    directory.chmod(0o555)
    events = [make_events(2) for _ in range(5)]
    with (
        FaultyServer([201, 503, 503]) as server,
        open_sender(server.url, spool_directory=str(directory), meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(events.pop())  # while everything can be imported, whoever the user is later
        with _ordinary_user():
            for batch in events:
                assert sender.send(batch)
            assert caplog.text.count("cannot be used (Permission denied): events wait in memory") == 1
            assert sender.force_flush(200_000)
        assert {name for batch in events for name in ids_of(batch)} <= set(server.arrived)
    assert own_metrics.exported() == {None: 10}
    assert own_metrics.inflight() == 0


_FULL_DISK = """
import json, resource, sys
from support.delivery import make_events, open_sender
usual = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300, usual[1]))
url, directory = sys.argv[1:]
with open_sender(url, spool_directory=directory) as sender:
    taken = [sender.send(make_events(20)) for _ in range(5)]
    print(json.dumps([taken, sender.force_flush(200_000)]))
resource.setrlimit(resource.RLIMIT_FSIZE, usual)  # for the file in which coverage keeps what it saw
"""


def test_a_disk_that_takes_no_more_is_survived_and_leaves_no_half_written_file(tmp_path: Path) -> None:
    # A limit on the size of files stands for the full disk: it needs no right to mount one, and fails in write() too.
    with FaultyServer([503] * 2) as server:
        ended = subprocess.run(
            [sys.executable, "-c", _FULL_DISK, server.url, str(tmp_path)],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert json.loads(ended.stdout) == [[True] * 5, True], ended.stderr
        assert len(server.arrived) == 100
    assert _files(tmp_path) == []


@pytest.mark.parametrize("moment", ["before the rename", "after it", "after a new payload is there"])
def test_what_was_being_claimed_at_shutdown_waits_for_no_lease(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, sync = Spool.claim, Spool._sync
    stands, goes_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        if threading.current_thread() is not threading.main_thread():
            stands.set()
            goes_on.wait(200)

    def slow_claim(spool: Spool, file: SpoolFile) -> SpoolFile | None:
        if moment == "before the rename":
            stand_still()
        claimed = claim(spool, file)
        stand_still()
        return claimed

    def slow_sync(spool: Spool) -> None:
        stand_still()
        sync(spool)

    monkeypatch.setattr(Spool, "claim", slow_claim)
    with FaultyServer() as server:
        settings = {"spool_directory": str(tmp_path), "shutdown_timeout": 0.1}
        if moment == "after a new payload is there":
            monkeypatch.setattr(Spool, "_sync", slow_sync)
            settings["spool_always"] = True
        with open_sender(server.url, **settings) as sender:
            if "spool_always" in settings:
                threading.Thread(target=sender.send, args=(make_events(3),)).start()
            else:
                sender.keep(make_events(3), draining=True)
            assert stands.wait(200)
            sender.shutdown()
            if moment != "before the rename":
                # Here the process ends.
                assert [path.name.endswith("-3.json.gz") for path in _files(tmp_path)] == [True]
            goes_on.set()
            while sender.is_sending:
                time.sleep(0.01)
        assert [path.name.endswith("-3.json.gz") for path in _files(tmp_path)] == [True]
        assert server.posts == []


def test_what_was_being_sent_at_shutdown_waits_for_no_lease(tmp_path: Path) -> None:
    with FaultyServer(["hang before reading"] * 9) as server:
        with open_sender(server.url, spool_directory=str(tmp_path), timeout=30.0) as sender:
            sender.keep(make_events(3), draining=True)
            while not any(".claim-" in path.name for path in _files(tmp_path)):
                time.sleep(0.01)
        assert [path.name.endswith("-3.json.gz") for path in _files(tmp_path)] == [True]
