"""Gets events to the collector: one attempt while all is well, a backlog and a drain thread while it is not."""

from __future__ import annotations

import logging
import math
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.attempt import Collector, Delivery
from opentelemetry_exporter_moesif.delivery.backlog import MemoryBacklog
from opentelemetry_exporter_moesif.delivery.client import Client
from opentelemetry_exporter_moesif.delivery.deadline import PASSED, Deadline
from opentelemetry_exporter_moesif.delivery.endpoint import warn_of_plain_http
from opentelemetry_exporter_moesif.delivery.gate import Gate, State
from opentelemetry_exporter_moesif.delivery.payload import Batcher
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.backlog import Backlog, Claim
    from opentelemetry_exporter_moesif.delivery.payload import Batch, Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)

_JUST_NOW_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.5
_HANDS_SECONDS, _A_MOMENT = 0.2, 0.001

# What goes wrong with this process and not with what it was given: the events wait until it has passed.
_OWN_FAULTS = (MemoryError, RecursionError, ImportError, OSError)

# No WeakSet: it raises where it is looked through while an exporter is made, and signals come at any moment.
_senders: list[weakref.ref[Sender]] = []


class Sender:
    """Delivers encoded events. Construction does no I/O and starts no thread.

    The life of a sender is its gate's: open, closing (`shutdown` has begun; only that thread sends), closed.

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
        self._gate = Gate()
        gzipped = self._config.compression == "gzip"
        self._collector = Collector(self._client, self._gate, self._telemetry, gzipped=gzipped)
        # Held by the drain thread for as long as it lives. It is tried for and never waited for.
        self._draining = threading.Lock()
        self._unjoined: deque[Batch | Sequence[bytes]] = deque()
        self._failed_directly = (0.0, -math.inf)
        self._claim_stays = False

    # For the exporter

    def send(self, events: Batch | Sequence[bytes]) -> bool:
        """Delivers events, or takes charge of them. Never raises an `Exception`, never sleeps, takes 2 s at most.

        Args:
            events: Each the JSON of one event, or all of them joined.

        Returns:
            False where an event was lost, or after `shutdown`.
        """
        if self._gate.state is not State.OPEN:
            self._telemetry.lost(len(events), "shutdown")
            return False
        self._unjoined.append(events)
        return self._send_unjoined()

    def force_flush(self, timeout_millis: float = 30_000) -> bool:
        """Waits until nothing waits; True only then."""
        deadline = Deadline.after(timeout_millis / 1000)
        self._backlog.look_again()
        with self._gate.listening() as bell:
            self._gate.hurry()
            while not (empty := self._is_empty()) and not deadline.passed and not self._is_hopeless():
                if not self._start_draining():
                    self._drain_here(lambda: deadline)
                if not self._is_empty():
                    bell.wait(min(deadline.remaining, _LOOK_AGAIN_SECONDS))
        return empty

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        """Sends what can be sent within the time, and says what could not. From any thread, more than once."""
        began = time.monotonic()
        end = Deadline.after(timeout_millis / 1000)
        if not self._gate.begin_to_close():
            self._await_the_end(end)
            return
        try:
            self._send_unjoined()
            self._gate.hurry(for_the_last_time=True)
            self._drain_here(lambda: self._exit_limit(began, end), closing=True)
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
        was_open = self._gate.state is State.OPEN
        self._telemetry.after_fork()
        self._client.after_fork()
        self._backlog.after_fork()
        self._begin()
        if not was_open:
            self._gate.close()

    @property
    def config(self) -> Config:
        """The exporter's settings."""
        return self._config

    @property
    def last_taken(self) -> float:
        """When the collector took events last, by the monotonic clock."""
        return self._collector.last_taken

    @property
    def answers(self) -> bool:
        """Whether the collector took what it was sent last, and nothing waits."""
        return not self._gate.failures and not self._backlog.in_the_way

    @property
    def config_etag(self) -> str | None:
        """The last `X-Moesif-Config-ETag` that an answer to a POST carried."""
        return self._collector.config_etag

    # While all is well

    def _send_unjoined(self) -> bool:
        """Joins to payloads what was handed over, and sends them or keeps them; False where an event was lost."""
        complete = True
        while self._unjoined:
            try:
                events = self._unjoined.popleft()
            except IndexError:  # another thread has it
                break
            try:
                payloads, oversize = self._batcher.payloads(events)
            except _OWN_FAULTS as error:
                self._unjoined.appendleft(events)
                self._gate.failed()
                self._telemetry.kept(len(events), type(error).__name__, None)
                break
            except Exception as error:  # noqa: BLE001 - an exporter must not take its processor down
                self._telemetry.lost(len(events), type(error).__name__)
                complete = False
                continue
            self._telemetry.lost(oversize, "oversize")
            complete = complete and not oversize
            self._send_or_keep(payloads)
        self._start_draining()
        return complete

    def _send_or_keep(self, payloads: Sequence[Payload]) -> None:
        patience = min(self._config.timeout, self.patience_seconds)
        deadline = Deadline.after(patience)
        waiting = deque(payloads)
        try:
            while waiting:
                payload = waiting.popleft()
                # A second payload gets its chance only while there is time for a whole answer.
                if deadline.remaining < patience / 2 or not self._send_directly(payload, deadline):
                    self._keep(payload)
        except BaseException:  # of a signal handler, or gevent's
            for payload in waiting:
                self._keep(payload)
            raise

    def _send_directly(self, payload: Payload, deadline: Deadline) -> bool:
        if self._gate.pause or self._backlog.in_the_way or not self._gate.try_enter():
            return False
        began = time.monotonic()
        try:
            self._deliver(self._backlog.reserve(payload), lambda: deadline)
        finally:
            if self._gate.failures:
                self._failed_directly = (began, time.monotonic())
            self._gate.leave()
        return True

    def _keep(self, payload: Payload) -> None:
        self._backlog.put(payload)
        if self._gate.state is State.CLOSED:
            self._backlog.close()

    # While something waits

    def _start_draining(self) -> bool:
        """Sees to it that a thread sends what waits; False where no thread can be started."""
        if self._gate.state is not State.OPEN or self._draining.locked() or not self._has_work():
            return True
        try:
            threading.Thread(target=self._drain, name="moesif-drain", daemon=True).start()
        except (RuntimeError, MemoryError, OSError):  # no more threads, or the interpreter is ending: shutdown drains
            return False
        return True

    def _drain(self) -> None:
        # Somebody may leave work between the last look at it and the release, and find the thread still there.
        while self._gate.state is State.OPEN and self._has_work() and self._draining.acquire(blocking=False):
            try:
                self._drain_until_empty()
            finally:
                self._draining.release()
                self._gate.ring()

    def _drain_until_empty(self) -> None:
        with self._gate.listening() as bell:
            while self._gate.state is State.OPEN and self._has_work():
                self._backlog.look()
                self._gate.ring()
                wait = self._wait_seconds()
                if wait <= 0 and self._gate.try_enter():
                    self._send_oldest(lambda: Deadline.after(self._config.timeout))
                elif wait > 0 or self._gate.busy:
                    bell.wait(wait or None)
        if self._gate.state is State.CLOSED:
            self._backlog.close()

    def _drain_here(self, limit: Callable[[], Deadline], *, closing: bool = False) -> None:
        """Sends in the calling thread what this process can take now, until `limit`, which moves as attempts fail."""
        with self._gate.listening() as bell:
            while not (deadline := limit()).passed:
                if self._backlog.unseen:
                    self._backlog.look()
                # What other processes have claimed is theirs to send: nobody waits for them here.
                if self._backlog.due() != 0 and not self._unjoined and not self._gate.busy:
                    return
                if not self._gate.pause and self._gate.try_enter(closing=closing):
                    self._send_oldest(lambda: limit().within(self._config.timeout))
                else:
                    bell.wait(min(self._gate.pause or math.inf, deadline.remaining))

    def _send_oldest(self, limit: Callable[[], Deadline]) -> None:
        """Sends what has waited longest. The caller has the turn, which ends here."""
        try:
            if self._unjoined:
                self._join_unjoined()
            claim = self._backlog.take()
            if claim is not None:
                self._deliver(claim, limit)
        except Exception as error:  # noqa: BLE001 - a fault of this process: what waits goes on waiting
            self._gate.failed()
            self._telemetry.kept(0, type(error).__name__, None)
        finally:
            self._gate.leave()

    def _join_unjoined(self) -> None:
        payloads, oversize = self._batcher.payloads(self._unjoined[0])
        self._unjoined.popleft()
        self._telemetry.lost(oversize, "oversize")
        for payload in payloads:
            self._backlog.put(payload)

    def _deliver(self, claim: Claim, limit: Callable[[], Deadline]) -> None:
        """Sends a payload in as many POSTs as it takes. The claim is renewed before each, and settled whatever happens.

        Args:
            claim: The payload.
            limit: The deadline of the next POST.
        """
        delivery = Delivery(claim.payload, self._collector)
        self._claim_stays = claim.stays
        try:
            while delivery.goes_on and not (deadline := limit()).passed and self._gate.state is not State.CLOSED:
                claim.renew()
                delivery.step(deadline)
        finally:
            claim.settle(tuple(delivery.first), delivery.last)
            self._claim_stays = False
            if self._gate.state is State.CLOSED:
                self._backlog.close()

    def _wait_seconds(self) -> float:
        if self._unjoined:
            return self._gate.pause
        return max(self._backlog.due() or 0.0, self._gate.pause)

    def _has_work(self) -> bool:
        return bool(self._unjoined) or self._backlog.due() is not None or self._backlog.unseen

    def _is_empty(self) -> bool:
        entries = self._gate.entries
        idle = not self._unjoined and self._backlog.is_empty and not self._gate.busy
        return idle and self._gate.entries == entries  # or a payload went from one to the other between the looks

    def _is_hopeless(self) -> bool:
        return self._backlog.unreadable and self._backlog.due() is None and not self._gate.busy

    # The end

    def _exit_limit(self, began: float, end: Deadline) -> Deadline:
        """Until when an exit may take: a little after the last answer, and not at all where nothing is at stake."""
        if self._backlog.lasting and self._gate.failures:
            return PASSED
        started, ended = self._failed_directly
        if began - ended < _JUST_NOW_SECONDS:
            began = started  # the processor's last export has just waited: that was part of this exit
        last = began if self._backlog.lasting else max(began, self._collector.last_taken)
        return min(end, Deadline(last + self._config.shutdown_timeout))

    def _await_the_end(self, end: Deadline) -> None:
        with self._gate.listening() as bell:
            while self._gate.state is not State.CLOSED and not end.passed:
                bell.wait(end.remaining)

    def _taken_from_hand(self) -> tuple[Payload, ...]:
        """What another thread is sending just now, and what is this thread's to account for from now on.

        Whoever is between two POSTs, or looks after a directory, sees that all is over: a moment is left for that.
        """
        deadline = Deadline.after(_HANDS_SECONDS)
        while (self._gate.busy or self._draining.locked()) and not deadline.passed:
            if self._gate.busy and self._claim_stays:
                break
            if payloads := self._collector.abandon():
                return payloads
            time.sleep(_A_MOMENT)
        return ()

    def _close(self) -> None:
        self._gate.close()
        for payload in self._taken_from_hand():
            self._backlog.put(payload)
        under_way = self._gate.busy
        staying = self._backlog.close()
        self._telemetry.lost(sum(map(len, self._unjoined)), "shutdown")
        self._unjoined.clear()
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
    from opentelemetry_exporter_moesif.delivery.spool_backlog import SpoolBacklog  # noqa: PLC0415 - only where set

    return SpoolBacklog(config, batcher, telemetry)
