"""What a fault of the collector costs: this exporter beside OTLP/HTTP and Moesif's own client.

    uv run --group benchmarks python -m benchmarks.faults [--scenario NAME] [--rate 500]

Each client observes the same small service at 500 calls a second, in a process of its own, while the collector fails
and recovers. Writes `benchmarks/faults.json` and the tables of `docs/delivery.md`. Takes about eight minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from opentelemetry_exporter_moesif.delivery.spool.applications import waiting

from .faults_report import write

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.faulty_server import FaultyServer  # noqa: E402

CLIENTS = ("ours", "ours with a spool", "OTLP/HTTP", "moesifapi")
ALWAYS = "ours with `spool_always`"
PATIENCE = 90.0


@dataclass(frozen=True)
class Scenario:
    """One fault.

    Attributes:
        title: for the table.
        answer: what the collector does while it fails, in the words of `FaultyServer`; None: nobody listens.
        begins: seconds from the start until it fails.
        ends: seconds from the start until it recovers, None: only after the process has ended.
        load: seconds of calls.
        kill: end the process by SIGKILL.
        bad: events that the collector does not take, one in as many.
        bad_answer: what it answers to them.
        process: a fault of the process itself meanwhile: "descriptors" (none are left), "disk" (it is full).
        clients: who is compared.
        linger: seconds that the process which is started again has: a dead one's claim is free after half a minute.
    """

    title: str
    answer: object = 201
    begins: float = 4.0
    ends: float | None = 14.0
    load: float = 24.0
    kill: bool = False
    bad: int = 0
    bad_answer: int = 400
    process: str = ""
    clients: tuple[str, ...] = CLIENTS
    linger: int = 8


SCENARIOS = {
    "none": Scenario("no fault", load=10.0),
    "503": Scenario("503 for 10 s", 503),
    "429": Scenario("429 with `Retry-After: 5` for 10 s", (429, {"Retry-After": "5"})),
    "down": Scenario("nobody listens for 10 s", None),
    "reset": Scenario("connections reset in the middle of the answer's headers for 10 s", "reset in the headers"),
    "drip": Scenario("answers come byte by byte (29 s each) for 10 s", "answer byte by byte"),
    "hang": Scenario("no answer at all for 40 s", "hang without taking", ends=44.0, load=60.0),
    "bad": Scenario("one event in 1,000 is refused (400), 5 in all", bad=1000, load=10.0),
    "exit": Scenario(
        "the process ends while the collector hangs, and starts again", "hang without taking", 4.0, None, 10.0
    ),
    "exit503": Scenario("the process ends while the collector answers 503, and starts again", 503, 4.0, None, 10.0),
    "kill": Scenario("SIGKILL during an outage (503), and a restart", 503, 4.0, None, 10.0, kill=True),
    "poison": Scenario("one event makes the collector answer 500", bad=5000, bad_answer=500, load=10.0, linger=30),
    "descriptors": Scenario(
        "the process has no file descriptors left for 10 s, while kept connections are closed",
        "close the kept connection silently",
        process="descriptors",
    ),
    "disk": Scenario("503 for 10 s, and the disk is full meanwhile", 503, process="disk"),
    "kill-always": Scenario(
        "SIGKILL while a POST is under way (the collector hangs), and a restart",
        "hang without taking",
        8.0,
        None,
        10.0,
        kill=True,
        clients=("ours", "ours with a spool", ALWAYS, "OTLP/HTTP"),
        linger=45,
    ),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scenario", action="append", choices=SCENARIOS, help="only this one (may be repeated)")
    arguments.add_argument("--rate", type=int, default=500, help="calls a second")
    chosen = arguments.parse_args()
    rows = []
    for name in chosen.scenario or SCENARIOS:
        found = run(SCENARIOS[name], chosen.rate)
        rows += found
        for row in found:
            print(json.dumps(row), flush=True)
    if not chosen.scenario:
        write(rows, chosen.rate)


def run(scenario: Scenario, rate: int) -> list[dict]:
    """One scenario, the clients side by side."""
    rows: dict[str, dict] = {}
    threads = [
        threading.Thread(target=lambda client=client: rows.update({client: observe(client, scenario, rate)}))
        for client in scenario.clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [rows[client] for client in scenario.clients]


def observe(client: str, scenario: Scenario, rate: int) -> dict:
    with tempfile.TemporaryDirectory() as spool, Collector(scenario) as collector:
        fault = f"{scenario.process} {scenario.begins} {scenario.ends}" if scenario.process else ""
        process = start(client, collector.url, scenario.load, rate, spool, FAULTS_OF_THE_PROCESS=fault)
        next(filter(_is_report, process.stdout))
        collector.begin()
        first = json.loads(next(filter(_is_report, process.stdout)))
        began = time.monotonic()
        if scenario.kill:
            process.kill()
        exit_seconds = ended(process, began)
        lines = [json.loads(line) for line in process.stdout if _is_report(line)]
        collector.recover()
        in_spool = sum(line.events for line in waiting(spool))
        if scenario.ends is None or in_spool:
            # The second process has one call of its own, which is left out of the figures.
            second = start(
                client,
                collector.url,
                0.1,
                10,
                spool,
                FAULTS_LINGER=str(scenario.linger),
                FAULTS_FIRST_NUMBER="1000000000",
            )
            ended(second, time.monotonic())
            second.stdout.close()
        return row(client, scenario, lines[0] if lines else first, exit_seconds, collector.arrived(), in_spool)


def row(
    client: str, scenario: Scenario, said: dict, exit_seconds: float | None, arrived: Counter, in_spool: int
) -> dict:
    answered = said["answered"]
    refused = sum(1 for number in range(answered) if _is_bad(number, scenario.bad))
    distinct = sum(1 for number in range(answered) if str(number) in arrived)
    return {
        "fault": scenario.title,
        "client": client,
        "answered": answered,
        "exported": said.get("exported"),
        "arrived": distinct,
        "again": sum(1 for number in range(answered) if arrived[str(number)] > 1),
        "lost": answered - distinct - refused,
        "refused": refused,
        "in_spool": in_spool if "spool" in client else None,
        "lost_in_queue": said.get("lost_in_queue"),
        "slowest": said["slowest"],
        "exit": "killed"
        if scenario.kill
        else f"> {PATIENCE:.0f} s"
        if exit_seconds is None
        else f"{exit_seconds:.1f} s",
        "says": said.get("says"),
    }


def start(client: str, url: str, seconds: float, rate: int, spool: str, **settings: str):
    command = [sys.executable, str(HERE / "faults_load.py"), client, url, str(seconds), str(rate)]
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.Popen(
        [*command, *([spool] if "spool" in client else [])],
        env=environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ended(process: subprocess.Popen, began: float) -> float | None:
    """Seconds until the process was gone; None where it had to be killed."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
    return round(time.monotonic() - began, 2)


class Collector:
    """Fails as the scenario says, counted from `begin` on."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._servers: list[FaultyServer] = []
        self._stack = ExitStack()
        self._over = threading.Event()

    def __enter__(self) -> Collector:  # noqa: PYI034 - Self is younger than Python 3.10
        self._listen(0)
        self.url = self._servers[0].url
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._stack.close()

    def begin(self) -> None:
        threading.Thread(target=self._fail_and_recover, daemon=True).start()

    def recover(self) -> None:
        self._failing = False
        self._servers[-1].released.set()

    def arrived(self) -> Counter:
        return sum((server.arrived for server in self._servers), Counter())

    _failing = False

    def _listen(self, port: int) -> None:
        self._servers.append(FaultyServer(port=port, judge=self._judge, read=read))
        self._stack.enter_context(self._servers[-1])

    def _judge(self, path: str, events: list) -> object:
        if any(_is_bad(int(event["transaction_id"]), self._scenario.bad) for event in events):
            return self._scenario.bad_answer
        failing = self._scenario.answer or "close without an answer"
        return failing if self._failing and not path.endswith(("/config", "/rules")) else 201

    def _fail_and_recover(self) -> None:
        if self._over.wait(self._scenario.begins) or self._scenario.answer == 201:
            return
        self._failing = True
        if self._scenario.answer is None:
            self._servers[0].__exit__()
        if self._scenario.ends is None or self._over.wait(self._scenario.ends - self._scenario.begins):
            return
        if self._scenario.answer is None:
            self._listen(self._servers[0].port)
        self.recover()


def read(headers: dict[str, str], body: bytes) -> list:
    """The calls of a POST by their number, whatever the protocol."""
    if "protobuf" in headers.get("content-type", ""):
        request = ExportTraceServiceRequest.FromString(body)
        return [
            {"transaction_id": attribute.value.string_value.rpartition("/")[2]}
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            for attribute in span.attributes
            if attribute.key == "http.target"
        ]
    found = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body or b"[]")
    return [{"transaction_id": event["request"]["uri"].rpartition("/")[2]} for event in found]


def _is_report(line: str) -> bool:
    return line.startswith("{")  # moesifapi prints lines of its own


def _is_bad(number: int, one_in: int) -> bool:
    return one_in > 0 and number % one_in == one_in // 2


if __name__ == "__main__":
    main()
