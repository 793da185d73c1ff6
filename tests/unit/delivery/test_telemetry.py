"""The exporter's own metrics and its log."""

import logging
import os
import threading
import time

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.last_words import say_last_words
from opentelemetry_exporter_moesif.telemetry import Telemetry
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog


def _telemetry(own_metrics: OwnMetrics, **settings) -> Telemetry:
    return Telemetry(Config(application_id=APPLICATION_ID, meter_provider=own_metrics.provider, **settings))


@pytest.mark.parametrize("value", ["true", " TRUE "])
def test_each_event_is_in_flight_until_its_fate_is_known(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", value)
    own_metrics = OwnMetrics()
    telemetry = _telemetry(own_metrics)
    telemetry.started(10)
    assert own_metrics.inflight() == 10
    telemetry.delivered(6)
    telemetry.lost(3, "backlog_full")
    telemetry.attempted(0.5, "503")
    assert own_metrics.inflight() == 1
    assert own_metrics.exported() == {None: 6, "backlog_full": 3}
    assert own_metrics.attempts() == {"503": 1}


@pytest.mark.parametrize("value", [None, "", "false", "1", "yes"])
def test_metrics_are_off_unless_the_sdks_own_switch_is_on(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED"
    monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    own_metrics = OwnMetrics()
    telemetry = _telemetry(own_metrics)
    telemetry.started(1)
    telemetry.delivered(1)
    assert own_metrics.exported() == {}


def test_points_name_component_and_server_and_never_the_application_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    own_metrics = OwnMetrics()
    _telemetry(own_metrics, endpoint="https://user:word@api.example.com").delivered(1)
    attributes = dict(own_metrics.points("otel.sdk.exporter.span.exported")[0].attributes)
    name = attributes.pop("otel.component.name")
    assert attributes == {
        "otel.component.type": "opentelemetry_exporter_moesif.MoesifSpanExporter",
        "server.address": "api.example.com",
        "server.port": 443,
    }
    assert name.startswith("opentelemetry_exporter_moesif.MoesifSpanExporter/")


def test_an_outage_is_one_line_a_minute_with_the_number_since(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    log = ThrottledLog()
    for _ in range(10):
        log.log("kept", logging.WARNING, 5, "{count} events wait, 100% sure")
    assert [record.getMessage() for record in caplog.records] == ["Moesif exporter: 5 events wait, 100% sure"]
    now[0] += 61
    log.log("kept", logging.WARNING, 5, "{count} events wait")
    assert caplog.records[-1].getMessage() == "Moesif exporter: 50 events wait"
    log.reset("kept")
    log.log("kept", logging.WARNING, 1, "{count} events wait")
    assert caplog.records[-1].getMessage() == "Moesif exporter: 1 event waits"


def test_losing_nothing_says_nothing(caplog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    own_metrics = OwnMetrics()
    _telemetry(own_metrics).lost(0, "rejected")
    assert not caplog.records
    assert own_metrics.exported() == {}


def _lose(telemetry: Telemetry, *counts: int) -> None:
    for count in counts:
        telemetry.lost(count, "rejected")


def test_what_throttling_held_back_is_said_at_the_end_with_its_number(caplog) -> None:
    telemetry = Telemetry(Config(application_id=APPLICATION_ID))
    _lose(telemetry, 1, 2, 3)
    telemetry.lost(4, "oversize")
    telemetry.kept(5, "503", None)
    telemetry.kept(5, "503", None)
    telemetry.close()
    telemetry.close()
    assert [record.getMessage().removeprefix("Moesif exporter: ") for record in caplog.records] == [
        "1 event lost (rejected)",
        "4 events lost (oversize)",
        "5 events wait (503 from api.moesif.net)",
        "5 events lost (rejected)",
    ]


def test_what_throttling_held_back_is_said_when_its_minute_ends(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    monkeypatch.setattr("opentelemetry_exporter_moesif.throttled_log.LOG_SECONDS", 0.1)
    _lose(Telemetry(Config(application_id=APPLICATION_ID)), 1, 2, 3)
    end = time.monotonic() + 200
    while "5 events lost" not in caplog.text:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_is_held_back_is_said_before_the_process_ends_even_where_no_thread_can_be_started(
    is_closed: bool, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    """As in `atexit` since Python 3.12."""

    def start(_thread: threading.Thread) -> None:
        message = "can't create new thread at interpreter shutdown"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", start)
    telemetry = Telemetry(Config(application_id=APPLICATION_ID))
    if is_closed:
        telemetry.close()
    _lose(telemetry, 1, 2, 3)
    say_last_words()
    assert "5 events lost (rejected)" in caplog.text


def test_a_forked_child_leaves_what_is_held_back_to_its_parent(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    telemetry = Telemetry(Config(application_id=APPLICATION_ID))
    _lose(telemetry, 1, 2, 3)
    with monkeypatch.context() as unnoticed:  # as in uWSGI's workers
        unnoticed.setattr("opentelemetry_exporter_moesif.fork_safety._process", [os.getpid() + 1])
        say_last_words()
    assert "5 events lost" not in caplog.text
    child = os.fork()
    if child == 0:
        say_last_words()
        os._exit("5 events lost" in caplog.text)
    assert os.waitpid(child, 0)[1] == 0
    say_last_words()
    assert "5 events lost" in caplog.text


def test_a_log_handler_that_takes_its_time_or_logs_in_turn_holds_nobody_up() -> None:
    telemetry = Telemetry(Config(application_id=APPLICATION_ID))
    entered, leave = threading.Event(), threading.Event()

    class Handler(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:  # without a handler's usual lock, which is not ours
            if "rejected" in record.getMessage():
                telemetry.lost(1, "backlog_full")
                entered.set()
                leave.wait(30)
            return True

    handler = Handler()
    logger = logging.getLogger("opentelemetry_exporter_moesif")
    logger.addHandler(handler)
    try:
        slow = threading.Thread(target=_lose, args=(telemetry, 1))
        slow.start()
        assert entered.wait(30)
        others = [threading.Thread(target=_lose, args=(telemetry, 1, 1, 1)) for _ in range(4)]
        for thread in others:
            thread.start()
        for thread in others:
            thread.join(30)
            assert not thread.is_alive()
    finally:
        leave.set()
        logger.removeHandler(handler)
    slow.join()


def test_a_span_that_ends_within_an_instrument_is_counted_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    seen: list[float] = []

    class Instrument:
        inside = False

        def add(self, amount, _attributes) -> None:
            assert not self.inside
            self.inside = True
            if not seen:
                seen.append(amount)
                telemetry.started(7)  # as garbage collection would
            else:
                seen.append(amount)
            self.inside = False

        record = add

    class Meter:
        def __getattr__(self, _name):
            return lambda *_arguments: instrument

    class Provider:
        def get_meter(self, *_arguments):
            return Meter()

    instrument = Instrument()
    telemetry = Telemetry(Config(application_id=APPLICATION_ID, meter_provider=Provider()))
    telemetry.started(1)
    assert seen == [1, 7]


def test_a_meter_provider_that_fails_costs_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")

    class Broken:
        def __getattr__(self, _name):
            return lambda *_arguments: self

        def add(self, *_arguments) -> None:
            message = "a meter provider of the user's"
            raise RuntimeError(message)

    Telemetry(Config(application_id=APPLICATION_ID, meter_provider=Broken())).delivered(1)
