"""What became of the events that a verb sends, and the wait for them."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.telemetry import Telemetry

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.sender import Sender

# Each look cuts a pause short, so looks become rarer: a collector that is down is not hammered.
_FIRST_LOOK_SECONDS = 0.25
_LONGEST_LOOK_SECONDS = 8.0


class DeliveryCount(Telemetry):
    """Counts each event once, when its fate is known.

    Attributes:
        sent: How many events the collector has taken.
        losses: How many were lost, by reason (`error.type`).
        refusal: Why nothing will be taken until a setting is corrected; None while nobody said so.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.sent = 0
        self.losses: Counter[str] = Counter()
        self.refusal: str | None = None

    def delivered(self, count: int) -> None:
        """See `Telemetry`."""
        super().delivered(count)
        self.sent += count
        self.refusal = None

    def lost(self, count: int, reason: str, detail: str = "") -> None:
        """See `Telemetry`. What still waits at the end is not lost: it is in its file, or in the spool."""
        if count > 0 and reason != "shutdown":
            super().lost(count, reason, detail)
            self.losses[reason] += count

    def misconfigured(self, count: int, reason: str, hint: str | None) -> None:  # noqa: ARG002 - see `Telemetry`
        """See `Telemetry`. Not logged: the verb ends because of it and says so."""
        self.refusal = f"{reason}: {hint}" if hint else reason

    @property
    def settled(self) -> int:
        """How many events' fate is known."""
        return self.sent + sum(self.losses.values())


def await_delivery(sender: Sender, count: DeliveryCount, patience: float) -> bool:
    """Waits until nothing waits any more.

    Args:
        sender: Whose backlog it is.
        count: What it reports to.
        patience: Seconds to wait with nothing delivered at all.

    Returns:
        False where a setting has to be corrected first, or patience ended.
    """
    settled, since = count.settled, time.monotonic()
    look = _FIRST_LOOK_SECONDS
    while count.refusal is None:
        if sender.force_flush(min(look, patience) * 1000):
            return True
        look = min(2 * look, _LONGEST_LOOK_SECONDS)
        if count.settled != settled:
            settled, since = count.settled, time.monotonic()
        elif time.monotonic() - since > patience:
            return False
    return False
