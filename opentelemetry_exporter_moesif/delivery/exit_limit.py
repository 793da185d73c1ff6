"""How long an exit may take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.deadline import PASSED, Deadline

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.delivery.backlog import Backlog
    from opentelemetry_exporter_moesif.delivery.dispatch import Dispatch
    from opentelemetry_exporter_moesif.delivery.exchange.client import Client

_JUST_NOW_SECONDS = 1.0


class ExitLimit:
    """A little after the last answer, and at once where nothing is at stake. An exit begins where this is made.

    Args:
        end: The caller's own limit.
        seconds: The exit's time, from its beginning or from the last answer on.
        dispatch: Knows what has failed, and what was taken.
        backlog: Where payloads wait.
        client: Knows since when it can send.
    """

    def __init__(self, end: Deadline, seconds: float, dispatch: Dispatch, backlog: Backlog, client: Client) -> None:
        self._began = time.monotonic()
        self._end = end
        self._seconds = seconds
        self._dispatch = dispatch
        self._backlog = backlog
        self._client = client

    def current(self) -> Deadline:
        """See `Limit`."""
        if self._backlog.lasting and self._dispatch.gate.failures:
            return PASSED
        began = self._began
        started, ended = self._dispatch.failed_directly
        if began - ended < _JUST_NOW_SECONDS:
            began = started  # the processor's last export has just waited: that was part of this exit
        last = max(began, self._client.ready_at)
        if not self._backlog.lasting:
            last = max(last, self._dispatch.collector.last_taken)
        return min(self._end, Deadline(last + self._seconds))
