"""An exit takes little time however the collector behaves, and says what it leaves behind."""

import threading
import time
from pathlib import Path

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.delivery.exchange.session import DirectSession
from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.delivery.spool.applications import application_hash
from opentelemetry_exporter_moesif.delivery.spool.directory import Spool
from opentelemetry_exporter_moesif.last_words import say_last_words

# Room for the busiest machine: the design's figure is 0.2 s, and benchmarks/faults.py measures it. What must not be waited
# for takes ten minutes.
SLACK = 200.0
HANG = 600.0


def _seconds(work) -> float:
    began = time.perf_counter()  # tests set the other clock
    work()
    return time.perf_counter() - began


def test_what_waits_is_sent_at_shutdown_where_the_collector_recovers(own_metrics: OwnMetrics) -> None:
    events = make_events(5)
    with (
        FaultyServer([503]) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        sender.send(events)
        sender.shutdown()
        assert set(server.arrived) == ids_of(events)
    assert own_metrics.exported() == {None: 5}


@pytest.mark.parametrize("fault", ["hang after reading", "answer byte by byte", 503, "reset in the headers"], ids=str)
def test_an_exit_while_moesif_is_down_takes_the_shutdown_timeout_and_counts_what_is_lost(
    fault, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        FaultyServer([fault] * 999) as server,
        open_sender(server.url, timeout=HANG, shutdown_timeout=0.6, meter_provider=own_metrics.provider) as sender,
    ):
        sender.telemetry.started(3)
        sender.keep(make_events(3))
        assert _seconds(lambda: sender.shutdown(1000 * HANG)) < 0.6 + SLACK
        assert not sender.send(make_events(1))
    assert own_metrics.exported() == {"shutdown": 4}
    assert "3 events lost (shutdown)" in caplog.text


def test_an_exit_counts_as_lost_what_the_drain_thread_is_just_sending(
    own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        FaultyServer(["hang after reading"] * 9) as server,
        open_sender(server.url, timeout=HANG, shutdown_timeout=0.6, meter_provider=own_metrics.provider) as sender,
    ):
        sender.telemetry.started(7)
        sender.keep(make_events(7), draining=True)
        server.wait_for(7)
        sender.shutdown()
        assert "7 events lost (shutdown)" in caplog.text
        assert own_metrics.exported() == {"shutdown": 7}
        assert own_metrics.inflight() == 0


def test_an_exit_leaves_to_the_spool_what_an_export_is_just_sending(
    tmp_path, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with (
        FaultyServer(["hang after reading"] * 9) as server,
        open_sender(
            server.url, timeout=HANG, spool_directory=str(tmp_path), meter_provider=own_metrics.provider
        ) as sender,
    ):
        sender.patience_seconds = HANG
        export = threading.Thread(target=sender.send, args=(make_events(7),), daemon=True)
        export.start()
        server.wait_for(7)
        sender.shutdown(300)
        assert "7 events stay in the spool" in caplog.text
        assert own_metrics.exported() == {}
        assert own_metrics.inflight() == 0


def test_the_time_that_the_caller_gives_is_kept_where_it_is_shorter() -> None:
    with (
        FaultyServer(["hang after reading"] * 9) as server,
        open_sender(server.url, timeout=HANG, shutdown_timeout=HANG) as sender,
    ):
        sender.keep(make_events(3))
        assert _seconds(lambda: sender.shutdown(300)) < 0.3 + SLACK


def test_the_last_exports_own_wait_is_part_of_the_exits_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])  # it stands still, but for ten minutes in the export
    with (
        FaultyServer(["hang after reading"] * 9) as server,
        open_sender(server.url, timeout=HANG, shutdown_timeout=HANG) as sender,
    ):
        sender.patience_seconds = 1.0
        export = threading.Thread(target=sender.send, args=(make_events(1),))
        export.start()
        server.wait_for(1)
        now[0] += HANG
        export.join()
        assert _seconds(lambda: sender.shutdown(1000 * HANG)) < SLACK


def test_an_export_that_failed_long_before_takes_nothing_of_the_exits_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monotonic, passed = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + passed[0])
    events = make_events(3)
    with FaultyServer([503]) as server, open_sender(server.url, shutdown_timeout=HANG) as sender:
        sender.send(events)
        passed[0] += 2 * HANG
        sender.shutdown(1000 * HANG)
        assert set(server.arrived) == ids_of(events)


@pytest.mark.parametrize("kind", ["memory", "spool"])
def test_loading_what_sends_costs_nothing_of_the_exits_time(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, monotonic = DirectSession.__init__, time.monotonic
    passed = [0.0]

    def slow(session: DirectSession, url: str) -> None:
        passed[0] += 25.0  # of the clock: a cold disk, or a machine where many processes end
        made(session, url)

    monkeypatch.setattr(DirectSession, "__init__", slow)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + passed[0])
    events = make_events(3)
    directory = {"spool_directory": str(tmp_path)} if kind == "spool" else {}
    with FaultyServer() as server, open_sender(server.url, shutdown_timeout=20.0, **directory) as sender:
        sender.keep(events)
        sender.shutdown()
        assert set(server.arrived) == ids_of(events)
        assert passed == [25.0]


def test_with_a_spool_an_exit_while_moesif_is_down_does_not_wait(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with (
        FaultyServer([503] * 99) as server,
        open_sender(server.url, spool_directory=str(tmp_path), shutdown_timeout=HANG) as sender,
    ):
        sender.send(make_events(7))
        assert _seconds(lambda: sender.shutdown(1000 * HANG)) < SLACK
        assert "7 events stay in the spool" in caplog.text


def test_an_exit_does_not_wait_for_what_another_process_is_sending_out_of_the_spool(tmp_path) -> None:
    with (
        FaultyServer() as server,
        open_sender(server.url, spool_directory=str(tmp_path), shutdown_timeout=HANG) as sender,
    ):
        other = Spool(tmp_path / application_hash(APPLICATION_ID, f"{server.url}/collector/v1"))
        assert other.claim(other.write(Batcher(1_000_000).payloads(make_events(1))[0][0]))
        assert _seconds(lambda: sender.shutdown(1000 * HANG)) < SLACK


def test_a_second_shutdown_is_harmless_and_waits_for_the_first_within_its_time() -> None:
    with (
        FaultyServer(["hang after reading"] * 9) as server,
        open_sender(server.url, timeout=HANG, shutdown_timeout=1.0) as sender,
    ):
        sender.keep(make_events(3))
        took: list[float] = []
        threads = [
            threading.Thread(target=lambda: took.append(_seconds(lambda: sender.shutdown(600_000)))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(took) < 1.0 + SLACK
        assert _seconds(lambda: sender.shutdown(1000 * HANG)) < SLACK


def test_an_export_after_shutdown_is_refused_and_counted(own_metrics: OwnMetrics) -> None:
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        sender.shutdown()
        assert not sender.send(make_events(2))
        assert server.posts == []
    assert own_metrics.exported() == {"shutdown": 2}


def test_a_shutdown_without_any_event_opens_no_connection() -> None:
    with FaultyServer() as server, open_sender(server.url) as sender:
        assert sender.force_flush(0)
        sender.shutdown()
        assert server.connections == 0


def test_an_exit_tries_once_more_even_in_a_pause_that_the_collector_asked_for() -> None:
    events = make_events(2)
    with FaultyServer([(503, {"Retry-After": "300"})]) as server, open_sender(server.url) as sender:
        sender.send(events)
        sender.shutdown()
        assert set(server.arrived) == ids_of(events)


def test_what_a_thread_loses_after_the_exit_is_told_at_once(
    own_metrics: OwnMetrics, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It was loading what sends all the time, and nobody could take its payload from it."""
    made = DirectSession.__init__
    entered, leave = threading.Event(), threading.Event()

    def held(session: DirectSession, url: str) -> None:
        entered.set()
        leave.wait(HANG)
        made(session, url)

    monkeypatch.setattr(DirectSession, "__init__", held)
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        export = threading.Thread(target=sender.send, args=(make_events(4),))
        export.start()
        assert entered.wait(HANG)
        sender.telemetry.started(3)
        sender.keep(make_events(3))
        sender.shutdown(0)
        assert "3 events lost (shutdown)" in caplog.text
        leave.set()
        export.join()
    assert own_metrics.exported() == {"shutdown": 7}
    assert "4 events lost (shutdown)" in caplog.text


def test_exports_after_the_exit_are_few_lines_and_all_of_them_are_told_before_the_process_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with FaultyServer() as server, open_sender(server.url) as sender:
        sender.keep(make_events(3))
        sender.shutdown(0)
        for _ in range(50):
            sender.send(make_events(2))
        say_last_words()
        say_last_words()
    told = [record.getMessage() for record in caplog.records if "lost" in record.getMessage()]
    assert told == [f"Moesif exporter: {count} events lost (shutdown)" for count in (3, 2, 98)]
