"""The backlog of a sender, its events counted in the exporter's own metrics: each once, by whoever ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.backlog import Backlog, Claim, MemoryBacklog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Batcher, Payload
    from opentelemetry_exporter_moesif.telemetry import Telemetry


class AccountedBacklog:
    """Waits in memory, or in files where a spool directory is set.

    What goes to files is no longer in flight in this process: another one may deliver it, and counts it then.
    """

    def __init__(self, config: Config, batcher: Batcher, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._backlog: Backlog = MemoryBacklog(config.backlog_max_bytes, batcher, self._lost)
        if config.spool_directory is not None:
            from opentelemetry_exporter_moesif.delivery.spool_backlog import SpoolBacklog  # noqa: PLC0415 - only if set

            self._backlog = SpoolBacklog(config, self._backlog, self._lost)
        self.lasting = self._backlog.lasting
        self.due = self._backlog.due
        self.after_fork = self._backlog.after_fork

    def keep(self, payloads: Iterable[Payload]) -> None:
        """Takes payloads in, after all others."""
        for payload in payloads:
            self._backlog.put(payload)
            if self.lasting:
                self._telemetry.handed_over(payload.count)

    def take(self) -> Claim | None:
        """The oldest payload, or None where there is nothing to take just now."""
        claim = self._backlog.take()
        if claim is None or not self.lasting:
            return claim
        self._telemetry.taken_over(claim.payload.count)

        def settle(first: Sequence[Payload], last: Sequence[Payload]) -> None:
            claim.settle(first, last)
            self._telemetry.handed_over(sum(payload.count for payload in (*first, *last)))

        return replace(claim, settle=settle)

    def give_up(self) -> int:
        """Counts what only this process has as lost, and returns the number of events that stay for others."""
        staying, lost = self._backlog.close()
        self._lost(lost, "shutdown")
        return staying

    def _lost(self, count: int, reason: str) -> None:
        if count and self._backlog.lasting:
            self._telemetry.taken_over(count)
        self._telemetry.lost(count, reason)
