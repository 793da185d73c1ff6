"""One event that makes the collector fail, and faults of the service's own process: nobody else pays for them."""

import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery import dispatch
from opentelemetry_exporter_moesif.delivery.attempt import Delivery
from opentelemetry_exporter_moesif.delivery.collector import Collector
from opentelemetry_exporter_moesif.delivery.deadline import Deadline
from opentelemetry_exporter_moesif.delivery.exchange.client import Client
from opentelemetry_exporter_moesif.delivery.gate import Gate
from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
from opentelemetry_exporter_moesif.telemetry import Telemetry

ATTEMPT = "opentelemetry_exporter_moesif.delivery.attempt"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, short_pauses: None) -> None:
    """Minutes are moments."""
    monkeypatch.setattr(f"{ATTEMPT}.SECONDS_OF_TRIES", 0.1)
    monkeypatch.setattr(f"{ATTEMPT}._FIRST_RETRY_SECONDS", 0.02)


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("where", ["memory", "spool"])
@pytest.mark.parametrize("fails", [500, 503, 408, "close without an answer", "garbage", "hang without taking"], ids=str)
def test_an_event_that_makes_the_collector_fail_stands_alone_at_last_and_all_others_arrive(
    fails: object, where: str, own_metrics: OwnMetrics, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = make_events(16)
    poison = json.loads(first[5])["transaction_id"]

    def judge(_path: str, batch: list) -> object:
        return fails if poison in {event["transaction_id"] for event in batch} else 201

    settings: dict[str, Any] = {"spool_directory": str(tmp_path)} if where == "spool" else {}
    if fails == "hang without taking":
        settings["timeout"] = (
            0.5  # each hang costs that much; whom it costs must not be who answers late on a busy machine
        )
    with (
        FaultyServer(judge=judge) as server,
        open_sender(server.url, meter_provider=own_metrics.provider, **settings) as sender,
    ):
        exported = ids_of(first)
        assert sender.send(first)
        end = time.monotonic() + 200
        while not own_metrics.exported().get("rejected"):
            assert time.monotonic() < end
            events = make_events(2)
            exported |= ids_of(events)
            assert sender.send(events)
            time.sleep(0.01)
        assert sender.force_flush(200_000)
        assert set(server.arrived) == exported - {poison}
    assert own_metrics.exported() == {None: len(exported) - 1, "rejected": 1}
    assert "1 event lost (rejected)" in caplog.text


def test_an_event_under_suspicion_is_tried_again_after_one_two_four_eight_and_sixteen_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = []
    with FaultyServer([500] * 9) as server:
        config = Config(application_id=APPLICATION_ID, endpoint=f"{server.url}/collector/v1")
        collector = Collector(Client(config), Gate(), Telemetry(config), gzipped=True)
        payload = Payload.of(make_events(1)[0], 1)
        monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
        for _ in range(7):
            Delivery(payload, collector).step(Deadline.after(60.0))
            collector.taken += 1  # another payload is, meanwhile
            waits.append(max(0.0, payload.not_before - 1000.0))
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0]


@pytest.mark.usefixtures("fast")
def test_in_an_outage_nothing_is_under_suspicion(own_metrics: OwnMetrics) -> None:
    batches = [make_events(4) for _ in range(30)]
    with (
        FaultyServer([500] * 300) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        for batch in batches:
            sender.send(batch)
        while server.script:
            sender.force_flush(20)
        assert sender.force_flush(200_000)
        assert set(server.arrived) == {name for batch in batches for name in ids_of(batch)}
        assert len(server.posts) < 300 + 40
    assert own_metrics.exported() == {None: 120}


@pytest.mark.usefixtures("fast")
def test_a_collector_that_asks_for_fewer_calls_suspects_nobody(own_metrics: OwnMetrics) -> None:
    turns = iter(range(100_000))
    with (
        FaultyServer(judge=lambda *_: 429 if next(turns) % 3 else 201) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        events = make_events(60)
        for event in events:
            sender.send([event])
        assert sender.force_flush(200_000)
        assert set(server.arrived) == ids_of(events)
    assert own_metrics.exported() == {None: 60}


@contextmanager
def _no_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (len([*Path("/proc/self/fd").iterdir()]) + 20, hard))
    try:
        with suppress(OSError):
            held.extend(iter(lambda: os.open("/dev/null", os.O_RDONLY), None))
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def _raising(
    owner: object, name: str, error: BaseException, when: Callable[..., bool] = lambda *_: True
) -> Iterator[None]:
    real = getattr(owner, name)

    def raising(*arguments, **options):
        if when(*arguments):
            raise error
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, raising)
        yield


FAULTS = {
    "no descriptors": _no_descriptors,
    "no memory for the POST": lambda: _raising(Client, "post", MemoryError()),
    "no memory to begin": lambda: _raising(dispatch, "Delivery", MemoryError()),
    "no memory to compress": lambda: _raising(Payload, "packed", MemoryError()),
    "an import that fails": lambda: _raising(Client, "_prepare", ImportError("a module was replaced")),
    "too deep a stack": lambda: _raising(Client, "_once", RecursionError()),
    "no threads": lambda: _raising(
        threading.Thread,
        "start",
        RuntimeError("can't start new thread"),
        lambda thread: thread.name.startswith("moesif"),
    ),
}


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("where", ["memory", "spool"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_own_process_costs_no_event_neither_new_ones_nor_those_that_wait(
    fault: str, where: str, own_metrics: OwnMetrics, tmp_path: Path
) -> None:
    settings = {"spool_directory": str(tmp_path)} if where == "spool" else {}
    waiting, new = make_events(3), [make_events(2) for _ in range(3)]
    with (
        FaultyServer() as server,
        open_sender(server.url, meter_provider=own_metrics.provider, **settings) as sender,
    ):
        assert sender.send(make_events(1))
        sender.pause()
        assert sender.send(waiting)
        sender.end_pause()
        with FAULTS[fault]():
            for batch in new:
                assert sender.send(batch)
            sender.force_flush(100)
        assert sender.force_flush(200_000)
        assert set(server.arrived) >= ids_of(waiting) | {name for batch in new for name in ids_of(batch)}
    assert own_metrics.exported() == {None: 10}
    assert own_metrics.inflight() == 0


def test_no_memory_to_join_the_events_of_an_export_costs_none(own_metrics: OwnMetrics, short_pauses: None) -> None:
    events = make_events(3)
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        with _raising(Batcher, "payloads", MemoryError()):
            assert sender.send(events)
            assert not sender.force_flush(50)
        assert sender.force_flush(200_000)
        assert set(server.arrived) == ids_of(events)
    assert own_metrics.exported() == {None: 3}


def test_an_exception_of_a_signal_handler_passes_and_the_payload_waits(own_metrics: OwnMetrics) -> None:
    events = make_events(3)
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        with _raising(Client, "post", KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
            sender.send(events)
        assert sender.force_flush(200_000)
        assert set(server.arrived) == ids_of(events)
    assert own_metrics.exported() == {None: 3}


def test_every_lost_event_is_told_at_the_latest_when_the_exporter_ends(
    own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    good = make_events(40)
    bad = ids_of(good[::2])
    with (
        FaultyServer(judge=lambda _, batch: 400 if {e["transaction_id"] for e in batch} & bad else 201) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        sender.send(make_events(1))
        sender.send(good)
        assert sender.force_flush(200_000)
        assert len(server.arrived) == 21
    told = [
        int(record.getMessage().split()[2]) for record in caplog.records if "lost (rejected)" in record.getMessage()
    ]
    assert sum(told) == 20
    assert len(told) == 2
