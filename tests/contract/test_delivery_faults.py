"""Each way of failing, in a burst among twenty batches: nothing is lost, nothing is counted twice."""

import queue
import threading
import time

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FAULTS, HANG_SECONDS, FaultyServer
from support.server_process import free_port

BATCHES, EVENTS = 20, 8
STATUSES = [408, 429, 500, 502, 503, (429, {"Retry-After": "0"}), (503, {"Retry-After": "1"})]


@pytest.mark.parametrize("fault", [*FAULTS, *STATUSES], ids=str)
def test_a_burst_of_a_fault_loses_nothing_and_each_event_counts_once(
    fault, own_metrics: OwnMetrics, record_property: pytest.FixtureRequest
) -> None:
    batches = [make_events(EVENTS) for _ in range(BATCHES)]
    slowest = 0.0
    with (
        FaultyServer() as server,
        open_sender(server.url, timeout=0.5, meter_provider=own_metrics.provider) as sender,
    ):
        for position, batch in enumerate(batches):
            if position == 5:
                server.script.extend([fault] * 3)
            began = time.monotonic()
            assert sender.send(batch)
            slowest = max(slowest, time.monotonic() - began)
        assert sender.force_flush(200_000)
        arrived = server.wait_for(BATCHES * EVENTS)
    record_property("slowest_export_seconds", round(slowest, 3))
    assert set(arrived) == {name for batch in batches for name in ids_of(batch)}
    assert own_metrics.exported() == {None: BATCHES * EVENTS}
    assert own_metrics.inflight() == 0
    assert slowest < 200.0  # the patience was 0.5 s; a hang takes 600


def test_a_healthy_collector_gets_each_event_once_over_one_connection() -> None:
    batches = [make_events(EVENTS) for _ in range(BATCHES)]
    before = set(threading.enumerate())
    with FaultyServer() as server, open_sender(server.url) as sender:
        for batch in batches:
            assert sender.send(batch)
        assert sorted(server.arrived.values()) == [1] * BATCHES * EVENTS
        assert server.connections == 1
        assert sender.config_etag == "etag-1"
        started = set(threading.enumerate()) - before
        assert not [thread.name for thread in started if thread.name.startswith("moesif")]


def test_a_connection_that_was_closed_meanwhile_is_replaced_at_once_and_without_a_backlog() -> None:
    with FaultyServer(["close the kept connection silently"] * 4) as server, open_sender(server.url) as sender:
        for batch in [make_events(1) for _ in range(5)]:
            assert sender.send(batch)
            time.sleep(0.01)
        assert sorted(server.arrived.values()) == [1] * 5
        assert server.connections == 5


def test_a_kept_connection_that_is_closed_under_the_request_is_repeated_once_at_once(own_metrics: OwnMetrics) -> None:
    script = [201, "close without an answer"]
    with FaultyServer(script) as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        sender.send(make_events(1))
        sender.send(make_events(1))
        assert len(server.arrived) == 2
        assert len(server.posts) == 3
    assert own_metrics.attempts() == {None: 2}


@pytest.mark.parametrize("fault", ["close in the headers", "close after a header", "reset in the headers"])
def test_half_an_answer_is_no_answer_even_where_it_began_with_201(fault: str, own_metrics: OwnMetrics) -> None:
    with FaultyServer([fault]) as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        sender.send(make_events(3))
        assert own_metrics.exported() == {}
        assert sender.force_flush(200_000)
        assert len(server.posts) == 2
    assert own_metrics.exported() == {None: 3}


def test_interim_answers_before_the_final_one_are_passed_over(own_metrics: OwnMetrics) -> None:
    with (
        FaultyServer(["interim answers first"] * 2) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        for _ in range(2):
            sender.send(make_events(1))
        assert len(server.posts) == 2
        assert server.connections == 1
    assert own_metrics.attempts() == {None: 2}


def test_a_new_connection_that_is_closed_under_the_request_is_an_outage(own_metrics: OwnMetrics) -> None:
    script = ["close without an answer"]
    with FaultyServer(script) as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        sender.send(make_events(1))
        assert sender.force_flush(200_000)
    assert own_metrics.attempts() == {None: 1, "reset": 1}


def test_a_connection_idle_for_half_a_minute_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opentelemetry_exporter_moesif.delivery.exchange.client.IDLE_SECONDS", 0.05)
    with FaultyServer() as server, open_sender(server.url) as sender:
        sender.send(make_events(1))
        time.sleep(0.1)
        sender.send(make_events(1))
        assert server.connections == 2
        assert len(server.arrived) == 2


def test_a_server_that_drips_its_answer_costs_the_patience_and_no_more() -> None:
    with (
        FaultyServer(["answer a byte each ten seconds"] * 50) as server,
        open_sender(server.url, timeout=0.5) as sender,
    ):
        began = time.monotonic()
        assert sender.send(make_events(1))
        assert 0.4 < time.monotonic() - began < 200.0  # the whole answer takes 600 s


def test_while_something_waits_an_export_does_not_wait() -> None:
    with FaultyServer(["hang after reading"] * 50) as server, open_sender(server.url, timeout=2.0) as sender:
        sender.send(make_events(1))
        began = time.monotonic()
        for _ in range(300):
            assert sender.send(make_events(1))
        assert time.monotonic() - began < 200  # a wait each would be 600 s


def test_an_idle_service_recovers_without_another_call() -> None:
    events = make_events(3)
    with FaultyServer([503]) as server, open_sender(server.url) as sender:
        sender.send(events)
        assert set(server.wait_for(3)) == ids_of(events)


def test_the_drain_thread_ends_when_nothing_waits() -> None:
    with FaultyServer([503]) as server, open_sender(server.url) as sender:
        sender.send(make_events(1))
        server.wait_for(1)
        assert sender.force_flush()
        deadline = time.monotonic() + 200
        while any(thread.name == "moesif-drain" for thread in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_port_that_opens_later_gets_everything() -> None:
    port = free_port()
    batches = [make_events(2) for _ in range(5)]
    with open_sender(f"http://127.0.0.1:{port}") as sender:
        for batch in batches:
            assert sender.send(batch)
        assert not sender.force_flush(50)
        with FaultyServer(port=port) as server:
            assert sender.force_flush(200_000)
            assert set(server.arrived) == {name for batch in batches for name in ids_of(batch)}


def test_fifty_threads_never_queue_behind_a_hanging_collector() -> None:
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()

    def export() -> None:
        sender.send(make_events(1))
        ended.put(None)

    with (
        FaultyServer(["hang after reading"] * 99) as server,
        open_sender(server.url, timeout=HANG_SECONDS, shutdown_timeout=0.1) as sender,
    ):
        sender.patience_seconds = HANG_SECONDS
        threads = [threading.Thread(target=export) for _ in range(50)]
        for thread in threads:
            thread.start()
        for _ in range(49):
            ended.get(timeout=200)
        assert ended.empty()  # the one whose POST it is still hangs
        server.released.set()
        for thread in threads:
            thread.join()


def test_retry_after_is_kept_even_where_somebody_flushes() -> None:
    with FaultyServer([(503, {"Retry-After": "1"})]) as server, open_sender(server.url) as sender:
        began = time.monotonic()
        sender.send(make_events(1))
        assert sender.force_flush(200_000)
        assert time.monotonic() - began >= 1.0
        assert len(server.posts) == 2


def test_the_wall_clock_may_jump_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    events = make_events(4)
    with FaultyServer([503, 503]) as server, open_sender(server.url) as sender:
        sender.send(events[:2])
        monkeypatch.setattr(time, "time", lambda: real() + 3600)
        sender.send(events[2:])
        monkeypatch.setattr(time, "time", lambda: real() - 3600)
        assert sender.force_flush(200_000)  # and not in an hour
        assert set(server.arrived) == ids_of(events)


def test_the_application_id_shows_nowhere_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    script = [401, 302, 503, 400, "garbage", "reset in the headers"]
    with FaultyServer(script) as server:
        for _ in script:
            with open_sender(server.url, headers={"X-Bad": " \n"}) as sender:
                sender.send(make_events(1))
        for _ in script:
            with open_sender(server.url) as sender:
                sender.send(make_events(1))
                assert APPLICATION_ID not in repr(vars(sender))
    assert caplog.records
    assert APPLICATION_ID not in caplog.text
