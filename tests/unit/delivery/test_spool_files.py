"""The spool's files: names, claims, leases, bounds and damage."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest
from support.delivery import APPLICATION_ID, make_events

from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
from opentelemetry_exporter_moesif.delivery.spool.applications import adopt, application_hash, waiting
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.delivery.spool.writer import SpoolWarnings, SpoolWriter


def _payload(count: int = 3) -> Payload:
    return Batcher(1_000_000).payloads(make_events(count))[0][0]


def _names(spool: Spool) -> list[str]:
    return [file.name for file in spool.files()]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool" / application_hash("one", "https://api.moesif.net"))


def test_a_written_payload_is_read_back_whole(spool: Spool) -> None:
    payload = _payload()
    file = spool.write(payload)
    assert spool.read(file).events() == payload.events()
    assert _names(spool) == [file.name]


def test_directory_and_files_are_their_owners_alone(spool: Spool) -> None:
    before = os.umask(0)
    try:
        file = spool.write(_payload())
    finally:
        os.umask(before)
    assert stat.S_IMODE((spool.directory / file.name).stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(spool.directory.parent.stat().st_mode) == 0o700


def test_names_tell_nothing_of_the_application_id() -> None:
    name = application_hash(APPLICATION_ID, "https://api.moesif.net")
    assert APPLICATION_ID not in name
    assert len(name) == 32
    assert name != application_hash(APPLICATION_ID, "https://elsewhere.example")
    assert name != application_hash("other", "https://api.moesif.net")


def test_files_sort_by_age_whoever_wrote_them(spool: Spool) -> None:
    other = Spool(spool.directory)
    names = [writer.write(_payload(), created).name for writer, created in ((spool, 3.0), (other, 1.0), (spool, 2.0))]
    assert sorted(_names(spool)) == [names[1], names[2], names[0]]


def test_only_one_of_two_claims_succeeds(spool: Spool) -> None:
    file = spool.write(_payload())
    other = Spool(spool.directory)
    assert spool.claim(file)
    assert other.claim(file) is None


def test_a_released_claim_waits_under_its_old_name(spool: Spool) -> None:
    file = spool.write(_payload())
    claimed = spool.claim(file)
    assert claimed
    assert next(spool.files()).claimed is not None
    spool.release(claimed)
    assert _names(spool) == [file.name]


def test_a_claim_taken_over_by_another_process_is_no_longer_ones_own(spool: Spool) -> None:
    claimed = spool.claim(spool.write(_payload()))
    assert claimed
    assert Spool(spool.directory).claim(claimed)
    assert not spool.remove(claimed)
    spool.release(claimed)
    assert len(list(spool.files())) == 1


@pytest.mark.parametrize("damage", [b"", b"not gzip", None], ids=["empty", "garbage", "half"])
def test_a_damaged_file_says_so(damage: bytes | None, spool: Spool) -> None:
    file = spool.write(_payload())
    path = spool.directory / file.name
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    with pytest.raises(ValueError, match="not "):
        spool.read(file)


def test_what_a_dead_writer_left_half_written_is_no_payload_and_goes_after_an_hour(spool: Spool) -> None:
    file = spool.write(_payload())
    half = spool.directory / f"{file.name}.tmp"
    half.write_bytes(b"half")
    assert _names(spool) == [file.name]
    assert half.exists()
    os.utime(half, (0, time.time() - 3700))
    assert _names(spool) == [file.name]
    assert not half.exists()


def test_a_write_that_fails_leaves_nothing_behind(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        spool.write(_payload())
    assert list(spool.directory.iterdir()) == []


def test_waiting_lists_each_application_by_its_hash(tmp_path: Path) -> None:
    assert waiting(tmp_path / "none") == []
    one, two = (Spool(tmp_path / application_hash(name, "e")) for name in ("one", "two"))
    one.write(_payload(2), time.time() - 100)
    one.write(_payload(3))
    two.write(_payload(1))
    found = {line.application_hash: line for line in waiting(tmp_path)}
    assert set(found) == {one.directory.name, two.directory.name}
    line = found[one.directory.name]
    assert (line.files, line.events) == (2, 5)
    assert line.bytes == sum(path.stat().st_size for path in one.directory.iterdir())
    assert 100 <= line.oldest_seconds < 160


def test_adopting_moves_what_waits_elsewhere_and_leaves_what_is_being_sent(tmp_path: Path) -> None:
    old, new = (Spool(tmp_path / application_hash(name, "e")) for name in ("old", "new"))
    old.write(_payload(2))
    being_sent = old.write(_payload(3))
    assert old.claim(being_sent)
    assert adopt(tmp_path, new.directory.name) == 2
    assert sum(file.count for file in new.files()) == 2
    assert sum(file.count for file in old.files()) == 3
    assert adopt(tmp_path, new.directory.name) == 0


def test_a_full_disk_is_tried_again_after_a_second_then_more_rarely_and_each_minute_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    payload = _payload()
    writer = SpoolWriter(Spool(tmp_path / "application"), SpoolWarnings(tmp_path))
    clock, waits = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Spool, "write", full)
    for _ in range(8):
        failed = clock[0]
        assert writer.write(payload) is None
        while not writer.may_write:
            clock[0] += 0.5
        waits.append(clock[0] - failed)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
