"""The collector as this process knows it, whichever payload is being sent."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.delivery.exchange.client import Client
    from opentelemetry_exporter_moesif.delivery.gate import Gate
    from opentelemetry_exporter_moesif.delivery.payload import Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry


class Collector:
    """What it ever took or refused, and what it is being sent.

    The thread whose turn it is writes here.

    Attributes:
        client: Sends.
        gate: Told of each success and failure.
        telemetry: Told of each event's fate.
        gzipped: Whether payloads are compressed.
        config_etag: The last `X-Moesif-Config-ETag` of an answer.
        last_taken: Monotonic seconds of the last payload that was taken.
        taken: How many were.
        refused_alone: How many events in a row were refused alone while none was ever taken.
    """

    def __init__(self, client: Client, gate: Gate, telemetry: Telemetry, *, gzipped: bool) -> None:
        self.client = client
        self.gate = gate
        self.telemetry = telemetry
        self.gzipped = gzipped
        self.config_etag: str | None = None
        self.last_taken = -math.inf
        self.taken = 0
        self.refused_alone = 0
        # One entry while a POST is under way. Whoever takes it out accounts for it: a pop is one step.
        self._in_hand: deque[tuple[Payload, ...]] = deque()

    def begin(self, payloads: tuple[Payload, ...]) -> None:
        """Begins a POST, of the first of these."""
        self._in_hand.append(payloads)

    def end(self) -> bool:
        """Ends the POST; False where somebody else has accounted for it meanwhile."""
        return bool(self.abandon())

    def abandon(self) -> tuple[Payload, ...]:
        """Takes what a POST is under way for: it is the caller's to account for now, whatever is still answered."""
        try:
            return self._in_hand.pop()
        except IndexError:
            return ()
