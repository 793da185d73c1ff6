"""What the tests of delivery share: events, senders, and what the exporter's own metrics say."""

from __future__ import annotations

import itertools
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.telemetry import Telemetry

APPLICATION_ID = "an-application-id-that-must-not-show"


def make_events(count: int, *, padding: int = 0) -> list[bytes]:
    """Encoded events with a `transaction_id` of their own."""
    return [_event(str(uuid.uuid4()), padding) for _ in range(count)]


def ids_of(events: list[bytes]) -> set[str]:
    """Their transaction ids."""
    return {json.loads(event)["transaction_id"] for event in events}


def _event(transaction_id: str, padding: int) -> bytes:
    event = {
        "request": {
            "time": "2026-01-02T03:04:05.678Z",
            "uri": "https://api.example.com/items/7?" + "x" * padding,
            "verb": "GET",
            "ip_address": "203.0.113.9",
            "headers": {},
        },
        "response": {"time": "2026-01-02T03:04:05.700Z", "status": 200, "verb": "GET", "headers": {}},
        "transaction_id": transaction_id,
    }
    return json.dumps(event, separators=(",", ":")).encode()


class OwnMetrics:
    """Reads the exporter's own metrics; needs OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])

    def exported(self) -> dict[str | None, int]:
        """Events by their `error.type`, None for those delivered."""
        counts: Counter[str | None] = Counter()
        for point in self._points("otel.sdk.exporter.span.exported"):
            counts[point.attributes.get("error.type")] += point.value
        return dict(counts)

    def inflight(self) -> int:
        """Events whose fate is not known."""
        return sum(point.value for point in self._points("otel.sdk.exporter.span.inflight"))

    def attempts(self) -> dict[str | None, int]:
        """POSTs by their `error.type`."""
        points = self._points("otel.sdk.exporter.operation.duration")
        return {point.attributes.get("error.type"): point.count for point in points}

    def points(self, name: str) -> list:
        """The data points of an instrument."""
        return self._points(name)

    def _points(self, name: str) -> list:
        found = self._reader.get_metrics_data()
        if found is None:
            return []
        metrics = itertools.chain.from_iterable(
            scope.metrics for resource in found.resource_metrics for scope in resource.scope_metrics
        )
        return [point for metric in metrics if metric.name == name for point in metric.data.data_points]


class CountingSender(Sender):
    """A sender that counts what it is given as the exporter does."""

    def __init__(self, config: Config) -> None:
        self.telemetry = Telemetry(config)
        super().__init__(config, self.telemetry)

    def send(self, events) -> bool:
        self.telemetry.started(len(events))
        return super().send(events)

    def keep(self, events: list[bytes], *, draining: bool = False) -> None:
        """Has events wait, as after an export that failed; with `draining`, the thread that sends them runs."""
        for payload in self._batcher.payloads(events)[0]:
            self._dispatch.keep(payload)
        if draining:
            self._dispatch.start_draining()

    def pause(self) -> None:
        """Nothing is sent for ten minutes, as where the collector asks for that."""
        self._dispatch.gate.failed("600")

    def end_pause(self) -> None:
        """They have passed."""
        self._dispatch.gate.taken()

    def look_around(self) -> None:
        """What waits is looked after now."""
        self._backlog.look_again()
        self._backlog.look()

    @property
    def is_sending(self) -> bool:
        """Whether a POST is under way."""
        return self._dispatch.gate.busy


def make_sender(endpoint: str, **settings) -> CountingSender:
    """A sender for the caller to shut down. Without a timeout it is patient: a busy machine is no fault."""
    defaults = {"application_id": APPLICATION_ID, "endpoint": f"{endpoint}/collector/v1", "timeout": 20.0}
    sender = CountingSender(Config(**{**defaults, **settings}))
    if "timeout" not in settings:
        sender.patience_seconds = 20.0
    return sender


@contextmanager
def open_sender(endpoint: str, **settings) -> Iterator[CountingSender]:
    """A sender that is shut down at the end."""
    sender = make_sender(endpoint, **settings)
    try:
        yield sender
    finally:
        sender.shutdown(0)
