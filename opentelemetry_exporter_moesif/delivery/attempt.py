"""One payload to its fate: POST, and where an answer asks for it, halve or shrink and go on."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.batching import OVERSIZE, smaller
from opentelemetry_exporter_moesif.delivery.outcome import Outcome, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Payload
    from opentelemetry_exporter_moesif.delivery.client import Client
    from opentelemetry_exporter_moesif.delivery.pause import Pause
    from opentelemetry_exporter_moesif.telemetry import Telemetry

_logger = logging.getLogger(__name__)

REFUSALS_OF_A_CONFIGURATION = 3
"""After as many events refused alone, and none ever taken, it is not the events' fault."""


class Attempt:
    """Delivers payloads, and remembers what the collector has ever taken or refused.

    Used by one thread at a time; only `abandon` is for another one.
    """

    def __init__(self, config: Config, client: Client, telemetry: Telemetry, pause: Pause) -> None:
        self.config_etag: str | None = None
        self._gzipped = config.compression == "gzip"
        self._client = client
        self._telemetry = telemetry
        self._pause = pause
        self.last_taken = -math.inf
        self._refused_alone = 0
        # Reentrant: a signal handler may shut down in the thread that it interrupted.
        self._lock = threading.RLock()
        self._in_hand: list[Payload] = []
        self._abandoned = False

    def abandon(self) -> list[Payload]:
        """What a POST is under way for: it is the caller's to account for now, whatever is still answered."""
        with self._lock:
            self._abandoned = True
            return self._in_hand

    def deliver(self, payload: Payload, budget: Callable[[], float]) -> tuple[list[Payload], list[Payload]]:
        """POSTs a payload, in pieces where need be.

        Args:
            payload: the events.
            budget: seconds that the next POST may take; 0 ends the attempt.

        Returns:
            What still waits: to be sent first, and to be sent after everything else.
        """
        pieces = deque((payload,))
        last: list[Payload] = []
        going_on = True
        while going_on and pieces and (seconds := budget()) > 0:
            piece = pieces.popleft()
            try:
                going_on = self._step(piece, seconds, pieces, last)
            except Exception as error:
                # It costs itself: kept, it would stand in the way of all others for ever.
                self._telemetry.lost(piece.count, type(error).__name__)
                _logger.exception("Moesif exporter: a payload could not be handled")
        if last and self._refused_alone < REFUSALS_OF_A_CONFIGURATION:
            self._pause.failed()
        return list(pieces), last

    def _step(self, piece: Payload, seconds: float, pieces: deque[Payload], last: list[Payload]) -> bool:
        follow = {
            Verdict.DELIVERED: self._delivered,
            Verdict.HALVE: self._halve,
            Verdict.SHRINK: self._shrink,
            Verdict.KEEP: self._keep,
            Verdict.MISCONFIGURED: self._misconfigured,
        }
        body = piece.as_gzip(wanted=self._gzipped)
        with self._lock:
            if self._abandoned:
                pieces.appendleft(piece)
                return False
            self._in_hand = [piece, *pieces, *last]
        outcome = self._post(body, seconds)
        with self._lock:
            self._in_hand = []
            if self._abandoned:
                pieces.clear()
                last.clear()
                return False
        return follow[outcome.verdict](piece, outcome, pieces, last)

    def _post(self, piece: Payload, seconds: float) -> Outcome:
        began = time.monotonic()
        answer = self._client.post(piece, seconds)
        outcome = judge(answer)
        taken = outcome.verdict is Verdict.DELIVERED
        self._telemetry.attempted(time.monotonic() - began, None if taken else outcome.error_type)
        if taken and answer.config_etag:
            self.config_etag = answer.config_etag
        return outcome

    # Each follows one verdict: it may put pieces back, and says whether to go on with the next.

    def _delivered(self, piece: Payload, _outcome: Outcome, _pieces: deque[Payload], _last: list[Payload]) -> bool:
        self.last_taken = time.monotonic()
        self._refused_alone = 0
        self._pause.succeeded()
        self._telemetry.delivered(piece.count)
        return True

    def _halve(self, piece: Payload, outcome: Outcome, pieces: deque[Payload], last: list[Payload]) -> bool:
        if piece.count > 1:
            pieces.extendleft(reversed(piece.halves()))
            return True
        if self.last_taken > -math.inf:
            self._telemetry.lost(1, "rejected")
            return True
        # Perhaps the event is bad, perhaps nothing would be taken here. It waits behind the others till one of them is.
        last.append(piece)
        self._refused_alone += 1
        if self._refused_alone < REFUSALS_OF_A_CONFIGURATION:
            return True
        self._pause.misconfigured()
        self._telemetry.misconfigured(_events(pieces, last), outcome.error_type, outcome.hint)
        return False

    def _shrink(self, piece: Payload, _outcome: Outcome, pieces: deque[Payload], _last: list[Payload]) -> bool:
        if piece.count > 1:
            pieces.extendleft(reversed(piece.halves()))
        elif (rest := smaller(piece)) is not None:
            pieces.appendleft(rest)
        else:
            self._telemetry.lost(1, OVERSIZE)
        return True

    def _keep(self, piece: Payload, outcome: Outcome, pieces: deque[Payload], last: list[Payload]) -> bool:
        pieces.appendleft(piece)
        self._pause.failed(outcome.retry_after)
        self._telemetry.kept(_events(pieces, last), outcome.error_type, outcome.hint)
        return False

    def _misconfigured(self, piece: Payload, outcome: Outcome, pieces: deque[Payload], last: list[Payload]) -> bool:
        pieces.appendleft(piece)
        self._pause.misconfigured()
        self._telemetry.misconfigured(_events(pieces, last), outcome.error_type, outcome.hint)
        return False


def _events(pieces: deque[Payload], last: list[Payload]) -> int:
    return sum(piece.count for piece in (*pieces, *last))
