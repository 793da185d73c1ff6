"""The exporter's own metrics and its log."""

import logging

import pytest
from support.delivery import APPLICATION_ID, OwnMetrics

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.telemetry import Telemetry, ThrottledLog


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
