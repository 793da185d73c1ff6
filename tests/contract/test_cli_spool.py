"""`moesif-otel spool` on a directory that real senders left something in."""

import os
import socket

import pytest
from support.command_line import APPLICATION_ID, call
from support.delivery import make_events

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash
from opentelemetry_exporter_moesif.local_collector import LocalCollector
from opentelemetry_exporter_moesif.telemetry import Telemetry

pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def endpoint():
    """An address where nothing listens until a test starts a collector there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def leave_behind(tmp_path, endpoint):
    """Has a service export events while its collector is down, and end."""

    def leave(count, application_id=APPLICATION_ID):
        config = Config(application_id=application_id, endpoint=endpoint, spool_directory=str(tmp_path / "spool"))
        sender = Sender(config, Telemetry(config))
        assert sender.send(make_events(count))
        sender.shutdown()
        return application_hash(application_id, endpoint)

    return leave


def test_an_empty_directory_holds_nothing(capfd, tmp_path):
    said = call(capfd, "spool", str(tmp_path))

    assert (said.code, said.out) == (0, f"Nothing waits in {tmp_path}.\n")


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--flush",), ("--adopt",)], ids=str)
def test_a_directory_that_is_none_is_said(capfd, tmp_path, arguments):
    (tmp_path / "file").touch()
    for name in ("none", "file"):
        said = call(capfd, "spool", str(tmp_path / name), *arguments)

        assert (said.code, said.out) == (1, "")
        assert f"There is no such directory: {tmp_path / name}" in said.err


def test_odd_entries_beside_what_waits_change_nothing(capfd, tmp_path, endpoint, leave_behind):
    own = leave_behind(3)
    root = tmp_path / "spool"
    name = "01795406400000000000-1-abcd-00000000-1.json.gz"
    (root / own / name).symlink_to(root / own / name)
    os.mkfifo(root / own / f"2{name[1:]}")
    (root / own / f"3{name[1:]}").mkdir()
    (root / own / "a\nname\x1b[2J.json.gz").touch()
    (root / ("0" * 32)).symlink_to(root / own)
    (root / ("1" * 32)).touch()
    with LocalCollector(APPLICATION_ID, port=int(endpoint.rpartition(":")[2])) as collector:
        shown = call(capfd, "spool", str(root), "--json")
        said = call(capfd, "spool", str(root), "--adopt", "--flush", "--endpoint", endpoint)
        assert len(collector.events()) == 3

    assert [row["events"] for row in shown.json()["waiting"]] == [3]
    assert said.code == 0
    assert "Sent 3 events." in said.out


def test_without_a_directory_the_variable_is_named(capfd):
    said = call(capfd, "spool")

    assert said.code == 2
    assert "OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY" in said.err


def test_what_waits_is_shown_for_each_application_without_its_id(capfd, tmp_path, endpoint, leave_behind):
    own, other = leave_behind(3), leave_behind(5, "another-id")

    said = call(capfd, "spool", str(tmp_path / "spool"), "--endpoint", endpoint)
    rows = call(capfd, "spool", str(tmp_path / "spool"), "--endpoint", endpoint, "--json").json()["waiting"]

    assert said.code == 0
    assert {row["application_hash"]: row["events"] for row in rows} == {own: 3, other: 5}
    assert {row["application_hash"] for row in rows if row["this_application"]} == {own}
    assert all(row["files"] == 1 and row["bytes"] > 100 and 0 <= row["oldest_seconds"] < 300 for row in rows)
    [own_line] = [line for line in said.out.splitlines() if own in line]
    assert own_line.endswith("this application")
    assert " 3 " in own_line
    assert APPLICATION_ID not in said.out
    assert "another-id" not in said.out


def test_the_directory_of_the_setting_is_shown(capfd, tmp_path, leave_behind, monkeypatch):
    own = leave_behind(1)
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY", str(tmp_path / "spool"))

    assert own in call(capfd, "spool").out


def test_flush_sends_what_waits_for_this_application_and_nothing_else(capfd, tmp_path, endpoint, leave_behind):
    own, other = leave_behind(3), leave_behind(5, "another-id")
    with LocalCollector(APPLICATION_ID, port=int(endpoint.rpartition(":")[2])) as collector:
        said = call(capfd, "spool", str(tmp_path / "spool"), "--flush", "--endpoint", endpoint)
        assert len(collector.events()) == 3

    assert said.code == 0
    assert "Sent 3 events." in said.out
    assert own not in said.out
    assert other in said.out


def test_adopt_and_flush_send_what_another_application_id_left(capfd, tmp_path, endpoint, leave_behind):
    leave_behind(3)
    leave_behind(5, "an-id-that-was-replaced")
    with LocalCollector(APPLICATION_ID, port=int(endpoint.rpartition(":")[2])) as collector:
        arguments = ("spool", str(tmp_path / "spool"), "--adopt", "--flush", "--json", "--endpoint", endpoint)
        said = call(capfd, *arguments)
        assert len(collector.events()) == 8

    assert said.code == 0
    result = said.json()
    assert (result["adopted"], result["sent"], result["lost"], result["waiting"]) == (5, 8, {}, [])


def test_a_flush_that_cannot_deliver_keeps_everything_and_gives_1(capfd, tmp_path, endpoint, leave_behind):
    leave_behind(3)

    said = call(capfd, "spool", str(tmp_path / "spool"), "--flush", "--give-up-after", "0.1", "--endpoint", endpoint)

    assert said.code == 1
    assert "Sent 0 events.\nGave up: nothing was delivered for 0.1 s\n" in said.out
    assert "nothing listens there" in said.err
    left = call(capfd, "spool", str(tmp_path / "spool"), "--endpoint", endpoint, "--json").json()["waiting"]
    assert [row["events"] for row in left] == [3]


def test_a_flush_with_a_wrong_id_says_so_at_once_and_keeps_everything(capfd, tmp_path, endpoint, leave_behind):
    leave_behind(3)
    with LocalCollector("the-right-one", port=int(endpoint.rpartition(":")[2])):
        said = call(capfd, "spool", str(tmp_path / "spool"), "--flush", "--endpoint", endpoint, "--json")

    assert said.code == 1
    result = said.json()
    assert result["sent"] == 0
    assert result["gave_up"].startswith("401: the application id is refused")
    assert [row["events"] for row in result["waiting"]] == [3]


def test_flush_without_an_application_id_sends_nothing(capfd, tmp_path, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID")

    said = call(capfd, "spool", str(tmp_path), "--flush")

    assert said.code == 1
    assert "OTEL_EXPORTER_MOESIF_APPLICATION_ID" in said.err
