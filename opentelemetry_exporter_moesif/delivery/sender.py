"""Gets events to the collector: one attempt while all is well, a backlog and a drain thread while it is not."""

from __future__ import annotations

import logging
import math
import time
import weakref
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.accounted_backlog import AccountedBacklog
from opentelemetry_exporter_moesif.delivery.attempt import Attempt
from opentelemetry_exporter_moesif.delivery.batching import Batcher
from opentelemetry_exporter_moesif.delivery.client import Client
from opentelemetry_exporter_moesif.delivery.drain import Drain
from opentelemetry_exporter_moesif.delivery.endpoint import warn_of_plain_http
from opentelemetry_exporter_moesif.delivery.pause import Pause
from opentelemetry_exporter_moesif.delivery.turn import Turn
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)

_JUST_NOW_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.5

# No WeakSet: it raises where it is looked through while an exporter is made, and signals come at any moment.
_senders: list[weakref.ref[Sender]] = []


class Sender:
    """Delivers encoded events. Construction does no I/O and starts no thread.

    Args:
        config: the exporter's settings.
        telemetry: told of each event's fate, once.
    """

    patience_seconds = 2.0
    """The most that `send` takes. BatchSpanProcessor has one worker: each second of blocking costs it spans."""

    def __init__(self, config: Config, telemetry: Telemetry) -> None:
        self.config_etag: str | None = None
        self._config = config
        self._telemetry = telemetry
        self._batcher = Batcher(config.max_payload_bytes, gzipped=config.compression == "gzip")
        self._client = Client(config)
        self._backlog = AccountedBacklog(config, self._batcher, telemetry)
        self._begin()
        _senders.append(weakref.ref(self, _senders.remove))
        start_anew_after_fork(self)
        warn_of_plain_http(config.endpoint)

    def _begin(self) -> None:
        self._turn = Turn()
        self._pause = Pause()
        self._drain = Drain(self._turn, self._pause, self._backlog, self._send_oldest, self._config.timeout)
        self._attempt = Attempt(self._config, self._client, self._telemetry, self._pause)
        self._closed = False
        self._finished = False
        self._failed_directly = (0.0, -math.inf)
        self._claim_stays = False

    def send(self, events: Sequence[bytes]) -> bool:
        """Delivers events, or takes charge of them. Never raises, never sleeps, takes 2 s at most.

        Args:
            events: each the JSON of one event.

        Returns:
            False where an event was lost, or after `shutdown`.
        """
        if self._closed:
            self._telemetry.lost(len(events), "shutdown")
            return False
        try:
            payloads, oversize = self._batcher.payloads(events)
            self._telemetry.lost(oversize, "oversize")
            self._send_or_keep(payloads)
        except Exception as error:
            # An exporter must not take its processor down, whatever happens.
            self._telemetry.lost(len(events), type(error).__name__)
            _logger.exception("Moesif exporter: events could not be handled")
            return False
        return not oversize

    def force_flush(self, timeout_millis: float = 30_000) -> bool:
        """Waits until nothing waits; True only then."""
        end = time.monotonic() + timeout_millis / 1000
        with self._turn.changed:
            self._pause.cut_short()
            self._turn.changed.notify_all()
        while not self._is_empty() and (left := end - time.monotonic()) > 0:
            if not self._drain.start():
                self._drain.here(lambda: end)
            with self._turn.changed:
                if not self._is_empty():
                    self._turn.changed.wait(min(left, _LOOK_AGAIN_SECONDS))
        return self._is_empty()

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        """Sends what can be sent within the time, and says what could not. From any thread, more than once."""
        began = time.monotonic()
        with self._turn.changed:
            if self._closed:
                self._turn.changed.wait_for(lambda: self._finished, timeout_millis / 1000)
                return
            self._closed = True
            self._pause.cut_short(for_the_last_time=True)
        self._drain.end()
        try:
            self._drain.here(self._exit_limit(began, began + timeout_millis / 1000))
        finally:
            with self._turn.changed:
                self._finished = True
                under_way = self._turn.taken
                in_hand = self._attempt.abandon() if under_way and not self._claim_stays else []
                self._turn.changed.notify_all()
            self._backlog.keep(in_hand)
            self._say_what_is_left(under_way=under_way)

    def fetch_config(self, etag: str | None, timeout: float = 1.0) -> tuple[int, str | None, bytes] | None:
        """GETs Moesif's sampling configuration: (status, ETag, body), None where there was no answer.

        Args:
            etag: the ETag of the configuration that is known, None for none.
            timeout: seconds for the whole exchange.
        """
        return self._client.get_config(etag, timeout)

    def after_fork(self) -> None:
        """In a forked child: a new session, new locks, an empty memory backlog, no thread."""
        closed = self._closed
        self._telemetry.after_fork()
        self._client.after_fork()
        self._backlog.after_fork()
        self._begin()
        self._closed = self._finished = closed

    @property
    def config(self) -> Config:
        """The exporter's settings."""
        return self._config

    @property
    def last_taken(self) -> float:
        """When the collector took events last, by the monotonic clock."""
        return self._attempt.last_taken

    @property
    def answers(self) -> bool:
        """Whether the collector took what it was sent last, and nothing waits."""
        return not self._pause.failures and self._is_empty()

    def _send_or_keep(self, payloads: Sequence[Payload]) -> None:
        patience = min(self._config.timeout, self.patience_seconds)
        end = time.monotonic() + patience
        for payload in payloads:
            # A second payload gets its chance only while there is time for a whole answer.
            if end - time.monotonic() < patience / 2 or not self._send_directly(payload, end):
                self._keep((payload,))
        self._drain.start()

    def _send_directly(self, payload: Payload, end: float) -> bool:
        if not self._turn.take_if(lambda: self._backlog.due() != 0 and not self._pause.remaining()):
            return False
        began = time.monotonic()
        try:
            self._deliver(payload, lambda: end - time.monotonic(), self._keep)
        finally:
            if self._pause.failures:
                self._failed_directly = (began, time.monotonic())
            self._turn.give_back()
        return True

    def _send_oldest(self, budget: Callable[[], float]) -> None:
        """POSTs what has waited longest; the caller has the turn, which this gives back."""
        try:
            claim = self._backlog.take()
            if claim is not None:

                def renewed_budget() -> float:
                    claim.renew()
                    return budget()

                self._claim_stays = claim.stays
                self._deliver(claim.payload, renewed_budget, claim.settle)
        finally:
            self._claim_stays = False
            self._turn.give_back()

    def _deliver(
        self,
        payload: Payload,
        budget: Callable[[], float],
        settle: Callable[[Sequence[Payload], Sequence[Payload]], None],
    ) -> None:
        first, last = self._attempt.deliver(payload, budget)
        self.config_etag = self._attempt.config_etag or self.config_etag
        settle(first, last)
        if self._finished:
            self._backlog.give_up()

    def _keep(self, first: Sequence[Payload], last: Sequence[Payload] = ()) -> None:
        self._backlog.keep((*first, *last))
        if self._finished:
            self._backlog.give_up()

    def _is_empty(self) -> bool:
        with self._turn.changed:
            return not self._turn.taken and self._backlog.due() is None

    def _exit_limit(self, began: float, end: float) -> Callable[[], float]:
        """Until when an exit may take: a little after the last answer, and not at all where nothing is at stake."""
        started, ended = self._failed_directly
        if began - ended < _JUST_NOW_SECONDS:
            began = started  # the processor's last export has just waited: that was part of this exit
        short = self._config.shutdown_timeout

        def limit() -> float:
            if self._backlog.lasting:
                return -math.inf if self._pause.failures else min(end, began + short)
            return min(end, max(began, self._attempt.last_taken) + short)

        return limit

    def _say_what_is_left(self, *, under_way: bool) -> None:
        staying = self._backlog.give_up()
        if staying:
            _logger.info("Moesif exporter: %d events stay in the spool for the next process", staying)
        if under_way:
            _logger.info("Moesif exporter: one request was still under way at shutdown")
        else:
            self._client.close()


def live_senders() -> list[Sender]:
    """The senders of this process."""
    return [sender for reference in tuple(_senders) if (sender := reference()) is not None]
