"""Gets events to the collector: one attempt while all is well, a backlog and a drain thread while it is not."""

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import MemoryBacklog
from opentelemetry_exporter_moesif.delivery.deadline import Deadline
from opentelemetry_exporter_moesif.delivery.dispatch import Dispatch
from opentelemetry_exporter_moesif.delivery.exchange.client import Client
from opentelemetry_exporter_moesif.delivery.exchange.endpoint import warn_of_plain_http
from opentelemetry_exporter_moesif.delivery.exit_limit import ExitLimit
from opentelemetry_exporter_moesif.delivery.gate import State
from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.backlog import Backlog
    from opentelemetry_exporter_moesif.delivery.payload import Batch
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 0.5

# No WeakSet: it raises where it is looked through while an exporter is made, and signals come at any moment.
_senders: list[weakref.ref[Sender]] = []


class Sender:
    """Delivers encoded events. Construction does no I/O and starts no thread.

    Its life is that of its gate: open, closing (`shutdown` has begun; only that thread sends), closed.

    Args:
        config: The exporter's settings.
        telemetry: Told of each event's fate, once.
    """

    patience_seconds = 2.0
    """The most that `send` takes. BatchSpanProcessor has one worker: each second of blocking costs it spans."""

    def __init__(self, config: Config, telemetry: Telemetry) -> None:
        self._config = config
        self._telemetry = telemetry
        self._batcher = Batcher(config.max_payload_bytes)
        self._client = Client(config)
        self._backlog = _backlog(config, self._batcher, telemetry)
        self._begin()
        _senders.append(weakref.ref(self, _senders.remove))
        start_anew_after_fork(self)
        warn_of_plain_http(config.endpoint)

    def _begin(self) -> None:
        self._dispatch = Dispatch(
            self._config, self._batcher, self._backlog, client=self._client, telemetry=self._telemetry
        )

    # For the exporter

    def send(self, events: Batch | Sequence[bytes]) -> bool:
        """Delivers events, or takes charge of them. Never raises an `Exception`, never sleeps, takes 2 s at most.

        Args:
            events: Each the JSON of one event, or all of them joined.

        Returns:
            False where an event was lost, or after `shutdown`.
        """
        if self._dispatch.gate.state is not State.OPEN:
            self._telemetry.lost(len(events), "shutdown")
            return False
        self._dispatch.unjoined.append(events)
        return self._dispatch.send_unjoined(self.patience_seconds)

    def force_flush(self, timeout_millis: float = 30_000) -> bool:
        """Waits until nothing waits; True only then."""
        deadline = Deadline.after(timeout_millis / 1000)
        self._backlog.look_again()
        with self._dispatch.gate.listening() as bell:
            self._dispatch.gate.hurry()
            while not (empty := self._dispatch.is_empty()) and not deadline.passed and not self._dispatch.is_hopeless():
                if not self._dispatch.start_draining():
                    self._dispatch.drain_here(deadline)
                if not self._dispatch.is_empty():
                    bell.wait(min(deadline.remaining, _LOOK_AGAIN_SECONDS))
        return empty

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        """Sends what can be sent within the time, and says what could not. From any thread, more than once."""
        end = Deadline.after(timeout_millis / 1000)
        limit = ExitLimit(end, self._config.shutdown_timeout, self._dispatch, self._backlog, self._client)
        if not self._dispatch.gate.begin_to_close():
            self._await_the_end(end)
            return
        try:
            self._dispatch.send_unjoined(self.patience_seconds)
            self._dispatch.gate.hurry(for_the_last_time=True)
            self._dispatch.drain_here(limit, closing=True)
        finally:
            self._close()

    def fetch_config(self, etag: str | None, timeout: float = 1.0) -> tuple[int, str | None, bytes] | None:
        """GETs Moesif's sampling configuration: (status, ETag, body), None where there was no answer.

        Args:
            etag: The ETag of the configuration that is known, None for none.
            timeout: Seconds for the whole exchange.
        """
        answer = self._client.get_config(etag, Deadline.after(timeout))
        return None if answer.status is None else (answer.status, answer.etag, answer.body)

    def after_fork(self) -> None:
        """In a forked child: a new session, new locks, an empty memory backlog, no thread."""
        was_open = self._dispatch.gate.state is State.OPEN
        self._telemetry.after_fork()
        self._client.after_fork()
        self._backlog.after_fork()
        self._begin()
        if not was_open:
            self._dispatch.gate.close()

    @property
    def config(self) -> Config:
        """The exporter's settings."""
        return self._config

    @property
    def last_progress(self) -> float:
        """When the collector took events last, or else since when it can be asked to, by the monotonic clock."""
        return max(self._dispatch.collector.last_taken, self._client.ready_at)

    @property
    def answers(self) -> bool:
        """Whether the collector took what it was sent last, and nothing waits."""
        return not self._dispatch.gate.failures and not self._backlog.in_the_way

    @property
    def config_etag(self) -> str | None:
        """The last `X-Moesif-Config-ETag` that an answer to a POST carried."""
        return self._dispatch.collector.config_etag

    # The end

    def _await_the_end(self, end: Deadline) -> None:
        with self._dispatch.gate.listening() as bell:
            while self._dispatch.gate.state is not State.CLOSED and not end.passed:
                bell.wait(end.remaining)

    def _close(self) -> None:
        self._dispatch.gate.close()
        for payload in self._dispatch.taken_from_hand():
            self._backlog.put(payload)
        under_way = self._dispatch.gate.busy
        staying = self._backlog.close()
        self._telemetry.lost(sum(map(len, self._dispatch.unjoined)), "shutdown")
        self._dispatch.unjoined.clear()
        if staying:
            _logger.info("Moesif exporter: %d events stay in the spool for the next process", staying)
        if under_way:
            _logger.info("Moesif exporter: one request was still under way at shutdown")
        else:
            self._client.close()
        self._telemetry.close()


def live_senders() -> list[Sender]:
    """The senders of this process."""
    return [sender for reference in tuple(_senders) if (sender := reference()) is not None]


def _backlog(config: Config, batcher: Batcher, telemetry: Telemetry) -> Backlog:
    if config.spool_directory is None:
        return MemoryBacklog(config.backlog_max_bytes, batcher, telemetry)
    from opentelemetry_exporter_moesif.delivery.spool.backlog import SpoolBacklog  # noqa: PLC0415 - only where set

    return SpoolBacklog(config, batcher, telemetry)
