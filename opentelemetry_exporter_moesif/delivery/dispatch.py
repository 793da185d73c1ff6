"""Payloads on their way: at once while all is well, by a thread while something waits, in the caller's at the end."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.attempt import Delivery
from opentelemetry_exporter_moesif.delivery.collector import Collector
from opentelemetry_exporter_moesif.delivery.deadline import NEVER, Deadline
from opentelemetry_exporter_moesif.delivery.gate import Gate, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.backlog import Backlog, Claim
    from opentelemetry_exporter_moesif.delivery.deadline import Limit
    from opentelemetry_exporter_moesif.delivery.exchange.client import Client
    from opentelemetry_exporter_moesif.delivery.payload import Batch, Batcher, Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_HANDS_SECONDS, _A_MOMENT = 0.2, 0.001

# What goes wrong with this process and not with what it was given: the events wait until it has passed.
_OWN_FAULTS = (MemoryError, RecursionError, ImportError, OSError)


class Dispatch:
    """Sends payloads through a gate, one at a time, and keeps what cannot be sent in a backlog.

    Args:
        config: The exporter's settings.
        batcher: Joins events to payloads.
        backlog: Where payloads wait.
        client: Sends them.
        telemetry: Told of each event's fate, once.

    Attributes:
        gate: Whether a POST may start.
        collector: What is known of the other side.
        unjoined: What was handed over and is no payload yet.
        failed_directly: When the last POST of an export that failed began and ended, by the monotonic clock.
    """

    def __init__(
        self, config: Config, batcher: Batcher, backlog: Backlog, *, client: Client, telemetry: Telemetry
    ) -> None:
        self.gate = Gate()
        self.collector = Collector(client, self.gate, telemetry, gzipped=config.compression == "gzip")
        self.unjoined: deque[Batch | Sequence[bytes]] = deque()
        self.failed_directly = (0.0, -math.inf)
        self._timeout = config.timeout
        self._batcher = batcher
        self._backlog = backlog
        self._telemetry = telemetry
        # Held by the drain thread for as long as it lives. It is tried for and never waited for.
        self._draining = threading.Lock()
        self._claim_stays = False

    def send_unjoined(self, patience: float) -> bool:
        """Joins to payloads what was handed over, and sends them or keeps them; False where an event was lost."""
        complete = True
        while self.unjoined:
            try:
                events = self.unjoined.popleft()
            except IndexError:  # another thread has it
                break
            try:
                payloads, oversize = self._batcher.payloads(events)
            except _OWN_FAULTS as error:
                self.unjoined.appendleft(events)
                self.gate.failed()
                self._telemetry.kept(len(events), type(error).__name__, None)
                break
            except Exception as error:  # noqa: BLE001 - an exporter must not take its processor down
                self._telemetry.lost(len(events), type(error).__name__)
                complete = False
                continue
            self._telemetry.lost(oversize, "oversize")
            complete = complete and not oversize
            self._send_or_keep(payloads, min(self._timeout, patience))
        self.start_draining()
        return complete

    def _send_or_keep(self, payloads: Sequence[Payload], patience: float) -> None:
        waiting = deque(payloads)
        try:
            if not self.gate.pause:
                self.collector.client.get_ready()
            deadline = Deadline.after(patience)
            while waiting:
                payload = waiting.popleft()
                # A second payload gets its chance only while there is time for a whole answer.
                if deadline.remaining < patience / 2 or not self._send_directly(payload, deadline):
                    self.keep(payload)
        except BaseException:  # of a signal handler, or gevent's
            for payload in waiting:
                self.keep(payload)
            raise

    def _send_directly(self, payload: Payload, deadline: Deadline) -> bool:
        if self.gate.pause or self._backlog.in_the_way or not self.gate.try_enter():
            return False
        began = time.monotonic()
        try:
            self._deliver(self._backlog.reserve(payload), deadline)
        except Exception as error:  # noqa: BLE001 - a fault of this process: the payload waits
            self._note(error)
        finally:
            if self.gate.failures:
                self.failed_directly = (began, time.monotonic())
            self.gate.leave()
        return True

    def keep(self, payload: Payload) -> None:
        """Has a payload wait."""
        self._backlog.put(payload)
        if self.gate.state is State.CLOSED:
            self._backlog.close()

    # While something waits

    def start_draining(self) -> bool:
        """Sees to it that a thread sends what waits; False where no thread can be started."""
        if self.gate.state is not State.OPEN or self._draining.locked() or not self._has_work():
            return True
        try:
            threading.Thread(target=self._drain, name="moesif-drain", daemon=True).start()
        except (RuntimeError, MemoryError, OSError):  # no more threads, or the interpreter is ending: shutdown drains
            return False
        return True

    def _drain(self) -> None:
        # Somebody may leave work between the last look at it and the release, and find the thread still there.
        while self.gate.state is State.OPEN and self._has_work() and self._draining.acquire(blocking=False):
            try:
                self._drain_until_empty()
            finally:
                self._draining.release()
                self.gate.ring()

    def _drain_until_empty(self) -> None:
        with self.gate.listening() as bell:
            while self.gate.state is State.OPEN and self._has_work():
                self._backlog.look()
                # Those who wait for the backlog, and not this thread: it would never rest.
                self.gate.ring(by=bell)
                wait = self._wait_seconds()
                if wait <= 0 and self.gate.try_enter():
                    self._send_oldest(NEVER)
                elif wait > 0 or self.gate.busy:
                    bell.wait(wait or None)
        if self.gate.state is State.CLOSED:
            self._backlog.close()

    def drain_here(self, limit: Limit, *, closing: bool = False) -> None:
        """Sends in the calling thread what this process can take now, until `limit`."""
        with self.gate.listening() as bell:
            while not (deadline := limit.current()).passed:
                if self._backlog.unseen:
                    self._backlog.look()
                    self.gate.ring(by=bell)
                # Another thread's look may find what waits; what other processes have claimed is theirs to send. First
                # whether one is under way, then what it has found.
                under_way = self._backlog.looked_through or self.gate.busy
                something = bool(self.unjoined) or self._backlog.due() == 0
                if not under_way and not something:
                    return
                if something and not self.gate.pause and self.gate.try_enter(closing=closing):
                    self._send_oldest(limit)
                else:
                    bell.wait(min(self.gate.pause or math.inf, deadline.remaining))

    def _send_oldest(self, limit: Limit) -> None:
        """Sends what has waited longest. The caller has the turn, which ends here."""
        try:
            if self.unjoined:
                self._join_unjoined()
            claim = self._backlog.take()
            if claim is not None:
                self._deliver(claim, limit)
        except Exception as error:  # noqa: BLE001 - a fault of this process: what waits goes on waiting
            self._note(error)
        finally:
            self.gate.leave()

    def _join_unjoined(self) -> None:
        payloads, oversize = self._batcher.payloads(self.unjoined[0])
        self.unjoined.popleft()
        self._telemetry.lost(oversize, "oversize")
        for payload in payloads:
            self._backlog.put(payload)

    def _deliver(self, claim: Claim, limit: Limit) -> None:
        """Sends a payload in as many POSTs as it takes until `limit`, each within `timeout`.

        The claim is renewed before each, and settled whatever happens.
        """
        first: Sequence[Payload] = (claim.payload,)
        last: Sequence[Payload] = ()
        self._claim_stays = claim.stays
        try:
            self.collector.client.get_ready()
            delivery = Delivery(claim.payload, self.collector)
            first, last = delivery.first, delivery.last
            while delivery.goes_on and not (deadline := limit.current()).passed and self.gate.state is not State.CLOSED:
                claim.renew()
                delivery.step(deadline.within(min(self._timeout, delivery.patience)))
        finally:
            claim.settle(tuple(first), last)
            self._claim_stays = False
            if self.gate.state is State.CLOSED:
                self._backlog.close()

    def _note(self, error: Exception) -> None:
        self.gate.failed()
        self._telemetry.kept(0, type(error).__name__, None)

    def _wait_seconds(self) -> float:
        if self.unjoined:
            return self.gate.pause
        return max(self._backlog.due() or 0.0, self.gate.pause)

    def _has_work(self) -> bool:
        return bool(self.unjoined) or self._backlog.due() is not None or self._backlog.unseen

    def is_empty(self) -> bool:
        """Whether nothing waits, and nothing is on its way."""
        entries = self.gate.entries
        idle = not self.unjoined and self._backlog.is_empty and not self.gate.busy
        return idle and self.gate.entries == entries  # or a payload went from one to the other between the looks

    def is_hopeless(self) -> bool:
        """Whether waiting would not even tell what waits."""
        return self._backlog.unreadable and self._backlog.due() is None and not self.gate.busy

    def taken_from_hand(self) -> tuple[Payload, ...]:
        """What another thread is sending just now, and what is this thread's to account for from now on.

        Whoever is between two POSTs, or looks after a directory, sees that all is over: a moment is left for that.
        """
        deadline = Deadline.after(_HANDS_SECONDS)
        while (self.gate.busy or self._draining.locked()) and not deadline.passed:
            if self.gate.busy and self._claim_stays:
                break
            if payloads := self.collector.abandon():
                return payloads
            time.sleep(_A_MOMENT)
        return ()
