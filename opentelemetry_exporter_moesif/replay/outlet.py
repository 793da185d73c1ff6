"""Where the events of a replay go: to Moesif, batch by batch, or to standard output."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.terminal.delivery_count import DeliveryCount, await_delivery
from opentelemetry_exporter_moesif.terminal.interruption import ENDING, held_back

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.replay.options import Options
    from opentelemetry_exporter_moesif.replay.report import Report

_BATCH_EVENTS = 1_000


class UndeliveredError(Exception):
    """No more can be sent; the text says why."""


class Outlet(Protocol):
    """Takes encoded events."""

    def put(self, event: bytes) -> None:
        """Takes one; may wait until the ones before have left."""

    def flush(self) -> None:
        """Waits until all have left."""

    def settle(self, report: Report) -> None:
        """Adds what became of the events since the last time."""

    def close(self) -> None:
        """Nothing comes any more."""


class Printing:
    """Prints each event as a line of JSON.

    Args:
        quiet: Print nothing after all.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def put(self, event: bytes) -> None:
        """See `Outlet`."""
        if not self._quiet:
            sys.stdout.buffer.write(event + b"\n")

    def flush(self) -> None:
        """See `Outlet`."""
        sys.stdout.flush()

    def settle(self, report: Report) -> None:
        """See `Outlet`: nothing is sent."""

    def close(self) -> None:
        """See `Outlet`."""


class Sending:
    """Sends batches, and waits for each to be delivered, so that the backlog never holds more than one.

    Args:
        config: The exporter's settings.
        options: How fast, and how long to wait without any delivery before `UndeliveredError` is raised.
    """

    def __init__(self, config: Config, options: Options) -> None:
        self._count = DeliveryCount(config)
        self._sender = Sender(config, self._count)
        self._patience = options.patience
        self._rate = options.rate
        self._batch_events = _BATCH_EVENTS if self._rate is None else max(1, min(_BATCH_EVENTS, int(self._rate)))
        self._max_bytes = config.max_payload_bytes
        self._batch: list[bytes] = []
        self._bytes = 0
        self._sent = 0
        self._lost: Counter[str] = Counter()
        self._not_before = time.monotonic()

    def put(self, event: bytes) -> None:
        """See `Outlet`. Raises `UndeliveredError`."""
        if self._batch and (self._bytes + len(event) > self._max_bytes or len(self._batch) >= self._batch_events):
            self.flush()
        self._batch.append(event)
        self._bytes += len(event) + 2

    def flush(self) -> None:
        """See `Outlet`. Raises `UndeliveredError`."""
        batch, self._batch, self._bytes = self._batch, [], 0
        if not batch:
            return
        self._wait_for_the_rate(len(batch))
        self._count.started(len(batch))
        # One that is raised within the connection pool's locks can leave them locked. It takes 2 s at most.
        with held_back(*ENDING):
            self._sender.send(batch)
        if await_delivery(self._sender, self._count, self._patience):
            return
        if self._count.refusal is not None:
            raise UndeliveredError(self._count.refusal)
        message = f"nothing was delivered for {self._patience:g} s"
        raise UndeliveredError(message)

    def settle(self, report: Report) -> None:
        """See `Outlet`."""
        report.sent += self._count.sent - self._sent
        report.lost.update(self._count.losses - self._lost)
        self._sent, self._lost = self._count.sent, Counter(self._count.losses)

    def close(self) -> None:
        """See `Outlet`. What still waits is not waited for: the replay ended early."""
        self._sender.shutdown(0)

    def _wait_for_the_rate(self, events: int) -> None:
        if self._rate is None:
            return
        now = time.monotonic()
        if now < self._not_before:
            time.sleep(self._not_before - now)
        self._not_before = max(now, self._not_before) + events / self._rate
