"""Whatever lies in a spool directory costs itself and nothing else."""

import contextlib
import gzip
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool

NAME = "01795406400000000000-1-abcd-00000000-1.json.gz"


def _bind(path: Path) -> None:
    with _inside(path.parent):  # the whole path is longer than an address of a socket may be
        socket.socket(socket.AF_UNIX).bind(path.name)


LEFT_ALONE: dict[str, Callable[[Path], object]] = {
    "a link to itself": lambda path: path.symlink_to(path),
    "a link into nothing": lambda path: path.symlink_to("/nonexistent"),
    "a link to another file": lambda path: path.symlink_to("/etc/hostname"),
    "a pipe": os.mkfifo,
    "a directory": Path.mkdir,
    "a socket": _bind,
    "a claim that is a link": lambda path: Path(f"{path}.claim-1-ff").symlink_to(path),
    "an old half written file that is a directory": lambda path: (
        Path(f"{path}.tmp").mkdir(),
        os.utime(f"{path}.tmp", (0, 0)),
    ),
    "odd bytes and line feeds": lambda path: path.with_name("a\n\x1b[2J\udcff.json.gz").touch(),
    "digits that are not ASCII": lambda path: path.with_name("\u0660" * 20 + NAME[20:]).touch(),
    "a count of a hundred digits": lambda path: path.with_name(NAME.replace("-1.json", f"-{'9' * 100}.json")).touch(),
}
DAMAGED = {
    "empty": b"",
    "not gzip": b"x" * 100,
    "half": gzip.compress(b'[{"a":1}]')[:-5],
    "with a tail": gzip.compress(b'[{"a":1}]') + b"tail",
    "two members": gzip.compress(b'[{"a":1}]') + gzip.compress(b'[{"a":2}]'),
    "no array": gzip.compress(b'{"a":1}'),
    "no objects": gzip.compress(b"[1,2]"),
    "a bomb": gzip.compress(b'[{"a":"' + b"0" * 60_000_000 + b'"}]'),
}


@contextlib.contextmanager
def _inside(directory: Path) -> Iterator[None]:
    before = os.open(".", os.O_RDONLY)
    os.chdir(directory)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer() as server:
        yield server


@pytest.fixture
def spool(tmp_path: Path, server: FaultyServer) -> Spool:
    """Three payloads wait in it."""
    spool = Spool(tmp_path / application_hash(APPLICATION_ID, f"{server.url}/collector/v1"))
    for _ in range(3):
        spool.write(Batcher(1_000_000).payloads(make_events(1))[0][0])
    return spool


@pytest.mark.parametrize("entry", LEFT_ALONE)
def test_an_odd_entry_is_named_once_and_left_alone_while_the_rest_leaves(
    entry: str, spool: Spool, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    LEFT_ALONE[entry](spool.directory / NAME)
    [odd] = [path for path in spool.directory.iterdir() if path.name not in {file.name for file in spool.files()}]
    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender:
        assert sender.force_flush(200_000)
        assert len(server.arrived) == 3
        sender.look_around()
        sender.pause()
        assert sender.send(make_events(2))
        assert [file.count for file in spool.files()] == [2]
    assert os.path.lexists(odd)
    assert caplog.text.count("which is left alone") == (
        1 if odd.name.startswith(NAME) and ".tmp" not in odd.name else 0
    )
    assert "\x1b" not in caplog.text


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_costs_itself(
    damage: str, spool: Spool, server: FaultyServer, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    (spool.directory / NAME).write_bytes(DAMAGED[damage])
    settings = {"spool_directory": str(spool.directory.parent), "meter_provider": own_metrics.provider}
    with open_sender(server.url, **settings) as sender:
        assert sender.force_flush(200_000)
    assert own_metrics.exported() == {None: 3, "damaged": 1}
    assert list(spool.files()) == []
    assert "1 event lost (damaged)" in caplog.text


def test_a_directory_that_lets_nobody_write_is_made_its_owners_again(spool: Spool, server: FaultyServer) -> None:
    spool.directory.chmod(0o500)
    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender, _ordinary_user(spool):
        assert sender.force_flush(200_000)
        sender.pause()
        sender.send(make_events(2))
        assert [file.count for file in spool.files()] == [2]
    assert len(server.arrived) == 3


def test_a_directory_that_is_replaced_while_the_service_runs_is_used_as_it_is_then(
    spool: Spool, server: FaultyServer
) -> None:
    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender:
        assert sender.force_flush(200_000)
        for replaced in (shutil.rmtree, lambda path: (shutil.rmtree(path), path.write_bytes(b"a file"))):
            replaced(spool.directory)
            sender.pause()
            sender.send(make_events(2))
            assert [file.count for file in spool.files()] == [2]
            sender.end_pause()
            assert sender.force_flush(200_000)
    assert len(server.arrived) == 7


def test_what_a_process_moved_aside_and_did_not_live_to_look_through_is_sent_by_the_next(
    spool: Spool, server: FaultyServer
) -> None:
    spool.directory.rename(f"{spool.directory}.aside-0123abcd")
    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender:
        assert sender.force_flush(200_000)
    assert len(server.arrived) == 3


def test_a_directory_that_others_may_write_is_warned_of(
    spool: Spool, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    spool.directory.chmod(0o777)
    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender:
        assert sender.force_flush(200_000)
    assert caplog.text.count("is open to other users of this machine") == 1


def test_a_directory_that_cannot_be_read_makes_a_flush_false_at_once(
    spool: Spool, server: FaultyServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_arguments):
        raise PermissionError(13, "Permission denied")

    with open_sender(server.url, spool_directory=str(spool.directory.parent)) as sender:
        monkeypatch.setattr(Spool, "files", denied)
        began = time.monotonic()
        assert not sender.force_flush(600_000)
        assert time.monotonic() - began < 200
        assert "cannot be read (Permission denied)" in caplog.text
        monkeypatch.undo()
        assert sender.force_flush(200_000)
    assert len(server.arrived) == 3


def test_a_clock_that_is_a_month_ahead_for_a_while_costs_nothing(
    spool: Spool, server: FaultyServer, monkeypatch: pytest.MonkeyPatch, own_metrics: OwnMetrics
) -> None:
    now, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: now() + ahead[0])
    settings = {"spool_directory": str(spool.directory.parent), "meter_provider": own_metrics.provider}
    with open_sender(server.url, **settings) as sender:
        sender.pause()
        for ahead[0] in (31 * 24 * 3600.0, -31 * 24 * 3600.0, 0.0):
            sender.send(make_events(1))
            sender.look_around()
        sender.end_pause()
        assert sender.force_flush(200_000)
    assert own_metrics.exported() == {None: 6}


def test_many_small_files_become_few_while_they_wait(
    spool: Spool, server: FaultyServer, own_metrics: OwnMetrics
) -> None:
    settings = {"spool_directory": str(spool.directory.parent), "meter_provider": own_metrics.provider}
    with open_sender(server.url, **settings) as sender:
        sender.pause()
        events = make_events(200)
        for event in events:
            sender.telemetry.started(1)
            sender.keep([event])
        for _ in range(5):
            sender.look_around()
        assert len(list(spool.files())) < 100
        assert sum(file.count for file in spool.files()) == 203
        sender.end_pause()
        assert sender.force_flush(200_000)
        assert ids_of(events) <= set(server.arrived)
        assert len(server.posts) < 20
    assert own_metrics.exported() == {None: 203}


def test_with_spool_always_a_payload_is_in_a_file_while_it_is_sent_and_not_after(tmp_path: Path, own_metrics) -> None:
    seen = []

    def judge(_path: str, _events: list) -> int:
        seen.append(sorted(path.name.rpartition(".")[2][:5] for path in tmp_path.rglob("*.gz*")))
        return 201

    settings = {"spool_directory": str(tmp_path), "spool_always": True, "meter_provider": own_metrics.provider}
    with FaultyServer(judge=judge) as server, open_sender(server.url, **settings) as sender:
        for _ in range(3):
            assert sender.send(make_events(2))
        assert seen == [["claim"]] * 3
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        server.judge = lambda *_: 503
        sender.send(make_events(2))
        assert own_metrics.inflight() == 0
        server.judge = None
        assert sender.force_flush(200_000)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert own_metrics.exported() == {None: 8}


@contextlib.contextmanager
def _ordinary_user(spool: Spool) -> Iterator[None]:
    """Not root for a while, where we are: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    reachable = [spool.directory, *spool.directory.parents]
    modes = {path: path.stat().st_mode for path in reachable if path.owner() == "root" and not path.stat().st_mode & 1}
    for path in modes:
        path.chmod(0o755)
    for path in (spool.directory.parent, spool.directory, *spool.directory.iterdir()):
        os.chown(path, 65534, 65534)
    spool.directory.chmod(0o500)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
