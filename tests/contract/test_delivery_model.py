"""Whatever happens, in whatever order: each event is delivered once, or waits, or is counted and told lost.

A model in the sense of Hypothesis. `DELIVERY_MODEL_EXAMPLES=400 pytest tests/contract/test_delivery_model.py` looks
longer.
"""

import json
import logging
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from support.delivery import APPLICATION_ID, ids_of, make_events
from support.delivery_model import PACKAGE_LOGGER, Faults, Ledger, LossesTold, events_in_files
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.last_words import say_last_words

DAY = 24 * 3600.0
MOODS = [201, 201, 503, 429, 408, 400, 401, 413, 302, "close without an answer", "garbage", "close in the body"]


class Delivery(RuleBasedStateMachine):
    """A service, its collector, its disk and its process."""

    @initialize(spool=st.booleans(), always=st.booleans(), payload=st.sampled_from([2_000, 1024 * 1024]))
    def begins(self, spool: bool, always: bool, payload: int) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="moesif-model-"))
        self.settings = {"max_payload_bytes": payload, "timeout": 5.0, "shutdown_timeout": 0.3}
        if spool:
            self.settings |= {"spool_directory": str(self.directory), "spool_always": always}
        self.mood: object = 201
        self.bad: set[str] = set()
        self.poison: set[str] = set()
        self.exported: set[str] = set()
        self.ledgers: list[Ledger] = []
        self.told = LossesTold()
        PACKAGE_LOGGER.addHandler(self.told)
        PACKAGE_LOGGER.propagate = False
        self.server = FaultyServer(judge=self.answer).__enter__()
        self.faults = Faults(self.directory).__enter__()
        self.starts()

    def starts(self) -> None:
        config = Config(application_id=APPLICATION_ID, endpoint=f"{self.server.url}/collector/v1", **self.settings)
        self.ledgers.append(Ledger(config))
        self.sender = Sender(config, self.ledgers[-1])

    def answer(self, _path: str, batch: list) -> object:
        names = {event["transaction_id"] for event in batch}
        if names & self.poison:
            return 500
        return 400 if names & self.bad else self.mood

    @rule(count=st.integers(1, 12), bad=st.sampled_from(["", "", "", "bad", "poison"]))
    def exports(self, count: int, bad: str) -> None:
        events = make_events(count)
        self.exported |= ids_of(events)
        if bad:
            getattr(self, bad).add(json.loads(events[0])["transaction_id"])
        self.ledgers[-1].started(count)
        self.sender.send(events)

    @rule(mood=st.sampled_from(MOODS))
    def the_collector_changes(self, mood: object) -> None:
        self.mood = mood

    @rule(fault=st.sampled_from([None, None, *Faults.DISK]))
    def the_disk_changes(self, fault: str | None) -> None:
        self.faults.disk = fault

    @rule(fault=st.sampled_from([None, None, *Faults.PROCESS]), no_threads=st.booleans())
    def the_process_changes(self, fault: Exception | None, no_threads: bool) -> None:
        self.faults.process = fault
        self.faults.no_threads = no_threads

    @rule(ahead=st.sampled_from([0.0, 0.0, 31 * DAY, -31 * DAY, 3600.0, -3600.0]))
    def the_clock_jumps(self, ahead: float) -> None:
        self.faults.ahead = ahead

    @rule(milliseconds=st.sampled_from([0, 20, 200]))
    def somebody_flushes(self, milliseconds: int) -> None:
        if self.sender.force_flush(milliseconds):
            assert self.ledgers[-1].inflight == 0
            if self.faults.disk is None:
                assert events_in_files(self.directory) == []

    @rule()
    def the_process_ends_and_starts_again(self) -> None:
        self.ends(300)
        self.starts()

    def ends(self, milliseconds: int) -> None:
        self.sender.shutdown(milliseconds)
        self.faults.what_is_under_way_ends()
        assert self.ledgers[-1].inflight == 0
        say_last_words()

    @precondition(lambda self: self.faults.disk is None and self.faults.process is None)
    @rule(count=st.integers(1, 5))
    def a_child_is_forked(self, count: int) -> None:
        events = make_events(count)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, json.dumps(self.in_the_child(events)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            counts = json.loads(pipe.read())
        os.waitpid(child, 0)
        self.exported |= ids_of(events)
        self.ledgers.insert(0, Ledger(self.sender.config))
        self.ledgers[0].counts = counts
        self.told.add(counts["lost"])

    def in_the_child(self, events: list[bytes]) -> dict[str, int]:
        PACKAGE_LOGGER.removeHandler(self.told)
        self.ledgers[-1].started(len(events))
        self.sender.send(events)
        self.ends(300)
        return self.ledgers[-1].counts

    def teardown(self) -> None:
        if not hasattr(self, "sender"):
            return
        try:
            self.faults.cease()
            self.mood = 201
            self.ends(2_000)
            self.starts()
            # A payload is given up only while others are taken.
            for _ in range(2_000):
                if self.sender.force_flush(50):
                    break
                self.exports(1, "")
            assert self.sender.force_flush(200_000)
            self.ends(30_000)
            self.every_event_has_one_fate()
        finally:
            self.faults.__exit__()
            self.server.__exit__()
            PACKAGE_LOGGER.removeHandler(self.told)
            PACKAGE_LOGGER.propagate = True
            shutil.rmtree(self.directory, ignore_errors=True)

    def every_event_has_one_fate(self) -> None:
        total = {name: sum(ledger.counts[name] for ledger in self.ledgers) for name in self.ledgers[0].counts}
        missing = self.exported - set(self.server.arrived)
        assert events_in_files(self.directory) == []
        assert self.told.total == total["lost"]
        assert len(missing) <= total["lost"]
        assert total["started"] == len(self.exported)
        # A fault of the disk after the answer makes a file come again: never less than each event once.
        assert total["delivered"] + total["lost"] >= len(self.exported)
        assert total["taken over"] + total["started"] == total["handed over"] + total["delivered"] + total["lost"]


logging.getLogger("urllib3").setLevel(logging.ERROR)
Delivery.TestCase.settings = settings(
    max_examples=int(os.environ.get("DELIVERY_MODEL_EXAMPLES", "12")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestDelivery = Delivery.TestCase
