"""Where the events of a replay go: to Moesif, batch by batch, or to standard output."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Protocol

from opentelemetry_exporter_moesif.cli.delivery_count import await_delivery
from opentelemetry_exporter_moesif.cli.interruption import held_back
from opentelemetry_exporter_moesif.delivery.sender import Sender

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.cli.delivery_count import DeliveryCount
    from opentelemetry_exporter_moesif.config import Config

_BATCH_EVENTS = 1_000


class UndeliveredError(Exception):
    """No more can be sent; the text says why."""


class Outlet(Protocol):
    """Takes encoded events."""

    def put(self, event: bytes) -> None:
        """Takes one; may wait until the ones before have left."""

    def flush(self) -> None:
        """Waits until all have left."""

    def close(self) -> None:
        """Nothing comes any more."""


class Printing:
    """Prints each event as a line of JSON.

    Args:
        quiet: print nothing after all.
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

    def close(self) -> None:
        """See `Outlet`."""


class Sending:
    """Sends batches, and waits for each to be delivered, so that the backlog never holds more than one.

    Args:
        config: the settings.
        count: told of each event's fate.
        patience: seconds to wait without any delivery before `UndeliveredError` is raised.
    """

    def __init__(self, config: Config, count: DeliveryCount, patience: float) -> None:
        self._sender = Sender(config, count)
        self._count = count
        self._patience = patience
        self._max_bytes = config.max_payload_bytes
        self._batch: list[bytes] = []
        self._bytes = 0

    def put(self, event: bytes) -> None:
        """See `Outlet`. Raises `UndeliveredError`."""
        if self._batch and (self._bytes + len(event) > self._max_bytes or len(self._batch) == _BATCH_EVENTS):
            self.flush()
        self._batch.append(event)
        self._bytes += len(event) + 2

    def flush(self) -> None:
        """See `Outlet`. Raises `UndeliveredError`."""
        batch, self._batch, self._bytes = self._batch, [], 0
        self._count.started(len(batch))
        # One that is raised within the connection pool's locks can leave them locked. It takes 2 s at most.
        with held_back(signal.SIGINT):
            self._sender.send(batch)
        if await_delivery(self._sender, self._count, self._patience):
            return
        if self._count.refusal is not None:
            raise UndeliveredError(self._count.refusal)
        message = f"nothing was delivered for {self._patience:g} s"
        raise UndeliveredError(message)

    def close(self) -> None:
        """See `Outlet`. What still waits is not waited for: the replay ended early."""
        self._sender.shutdown(0)
