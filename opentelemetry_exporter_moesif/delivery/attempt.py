"""One payload to its fate: POST, and where an answer asks for it, halve or shrink and go on."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer, Verdict
from opentelemetry_exporter_moesif.delivery.oversize import OVERSIZE
from opentelemetry_exporter_moesif.delivery.waiting_line import Trouble

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.delivery.collector import Collector
    from opentelemetry_exporter_moesif.delivery.deadline import Deadline
    from opentelemetry_exporter_moesif.delivery.payload import Payload

_logger = logging.getLogger(__name__)

REFUSALS_OF_A_CONFIGURATION = 3
"""After as many events refused alone, and none ever taken, it is not the events' fault."""

TRIES_ALONE = 5
SECONDS_OF_TRIES = 60.0
"""A payload that cannot be taken apart any more costs itself after so many failures, each with others taken since the
one before, and after so long."""

SUSPECTS_SECONDS = 2.0
"""What a try of one under suspicion takes, but for the last one: others wait for it if it hangs."""

_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 16.0


class Delivery:
    """The delivery of one payload.

    Args:
        payload: The events.
        collector: Where they go.

    Attributes:
        first: What still waits, and is to be sent first.
        last: What is to be sent after everything else.
        goes_on: Whether a next `step` makes sense now.
    """

    def __init__(self, payload: Payload, collector: Collector) -> None:
        self.first: deque[Payload] = deque((payload,))
        self.last: list[Payload] = []
        self.goes_on = True
        self._collector = collector
        self._gate = collector.gate
        self._telemetry = collector.telemetry

    @property
    def patience(self) -> float:
        """The most seconds that its next POST is worth."""
        trouble = self.first[0].trouble
        hurried = trouble and trouble.suspected and trouble.tries < TRIES_ALONE - 1
        return SUSPECTS_SECONDS if hurried else math.inf

    def step(self, deadline: Deadline) -> None:
        """Makes one POST and follows its answer. Raises only what is no `Exception`, and keeps the payload then."""
        piece = self.first[0]
        self._collector.begin((*self.first, *self.last))
        try:
            answer = self._post(piece, deadline)
        except BaseException:
            # An exception of a signal handler, or gevent's: the payload waits.
            self._abandoned()
            raise
        if self._abandoned():
            return
        self.first.popleft()
        try:
            self._follow(piece, answer)
        except Exception as error:  # noqa: BLE001 - no memory to halve it, say
            self._put_off(piece, _own_fault(error))
        self.goes_on = self.goes_on and bool(self.first)

    def _abandoned(self) -> bool:
        if self._collector.end():
            return False
        self.first.clear()
        self.last.clear()
        self.goes_on = False
        return True

    def _post(self, piece: Payload, deadline: Deadline) -> Answer:
        began = time.monotonic()
        try:
            gzipped = self._collector.gzipped
            answer = self._collector.client.post(piece.body(gzipped=gzipped), deadline, gzipped=gzipped)
        except Exception as error:  # noqa: BLE001 - a fault of this process is no payload's
            return _own_fault(error)
        delivered = answer.verdict is Verdict.DELIVERED
        self._telemetry.attempted(time.monotonic() - began, None if delivered else answer.error_type)
        return answer

    def _follow(self, piece: Payload, answer: Answer) -> None:
        match answer.verdict:
            case Verdict.DELIVERED:
                self._delivered(piece, answer)
            case Verdict.HALVE | Verdict.SHRINK if piece.count > 1:
                self.first.extendleft(reversed(piece.halves()))
            case Verdict.HALVE:
                self._refused(piece, answer)
            case Verdict.SHRINK:
                self._shrink(piece)
            case Verdict.MISCONFIGURED:
                self.first.appendleft(piece)
                self._misconfigured(answer)
            case Verdict.KEEP:
                self._put_off(piece, answer)

    def _delivered(self, piece: Payload, answer: Answer) -> None:
        collector = self._collector
        collector.last_taken = time.monotonic()
        collector.taken += 1
        collector.refused_alone = 0
        collector.config_etag = answer.config_etag or collector.config_etag
        self._gate.taken()
        self._telemetry.delivered(piece.count)

    def _refused(self, piece: Payload, answer: Answer) -> None:
        """Perhaps the event is bad, perhaps nothing would be taken here: it waits behind the others till one is."""
        if self._collector.taken:
            self._telemetry.lost(piece.count, "rejected")
            return
        self.last.append(piece)
        self._collector.refused_alone += 1
        if self._collector.refused_alone >= REFUSALS_OF_A_CONFIGURATION:
            self._misconfigured(answer)
        elif not self.first:
            self._gate.failed()

    def _shrink(self, piece: Payload) -> None:
        rest = piece.smaller()
        if rest is None:
            self._telemetry.lost(piece.count, OVERSIZE)
        else:
            self.first.appendleft(rest)

    def _misconfigured(self, answer: Answer) -> None:
        self.goes_on = False
        self._gate.misconfigured()
        self._telemetry.misconfigured(self._waiting, answer.error_type, answer.hint)

    def _put_off(self, piece: Payload, answer: Answer) -> None:
        """Keeps what was not taken. While others are, it is the payload's own fault, and nobody else waits for it."""
        trouble, taken = piece.trouble, self._collector.taken
        if trouble and taken > trouble.passed and answer.may_be_the_payloads_fault:
            trouble.passed = taken
            self._suspect(piece, trouble, answer)
            return
        piece.trouble = trouble or Trouble(time.monotonic(), taken)
        if trouble:
            trouble.passed = taken
            self.last.append(piece)  # whether others are taken shows only where they come first
        else:
            self.first.appendleft(piece)
        self.goes_on = False
        self._gate.failed(answer.retry_after)
        self._telemetry.kept(self._waiting, answer.error_type, answer.hint)

    def _suspect(self, piece: Payload, trouble: Trouble, answer: Answer) -> None:
        halves = _halves(piece)
        if halves:
            for half in halves:
                half.trouble = Trouble(trouble.since, trouble.passed, suspected=True)
            self.last += halves
            return
        now = time.monotonic()
        trouble.suspected = True
        trouble.tries += 1
        if trouble.tries >= TRIES_ALONE and now - trouble.since >= SECONDS_OF_TRIES:
            self._telemetry.lost(piece.count, "rejected")
            return
        trouble.not_before = now + min(_FIRST_RETRY_SECONDS * 2.0 ** (trouble.tries - 1), _LONGEST_RETRY_SECONDS)
        self.last.append(piece)
        self._telemetry.kept(self._waiting, answer.error_type, answer.hint)

    @property
    def _waiting(self) -> int:
        return sum(piece.count for piece in (*self.first, *self.last))


def _halves(piece: Payload) -> tuple[Payload, ...]:
    """None where there is one event, or where the payload cannot even be taken apart."""
    try:
        return piece.halves() if piece.count > 1 else ()
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return ()


def _own_fault(error: Exception) -> Answer:
    try:
        from opentelemetry_exporter_moesif.delivery.exchange.failure import failed  # noqa: PLC0415 - it imports ssl
    except Exception:  # noqa: BLE001 - a process that cannot import anything any more
        return Answer(failure=type(error).__name__)
    # Not its text, nor its traceback: they may hold what was being sent, or what a server answered.
    _logger.debug("Moesif exporter: a payload could not be handled (%s)", type(error).__name__)
    return failed(error)
