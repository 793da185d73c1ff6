"""What a replay was asked for, beside the exporter's settings: the same for every worker, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Spans = Literal["outermost", "innermost", "all"]

RECORD_MAX_BYTES = 64 * 1024 * 1024
"""A longer line, document or message is bad: nobody's exporter writes one, and memory has to stay flat."""


@dataclass(frozen=True)
class Options:
    """The arguments of `moesif-otel replay` that say which events are made.

    Args:
        format: The name of the only format to try; None for all.
        log_format: How a line of an access log is written, in nginx's notation.
        base_url: Where calls went whose record does not know it.
        spans: Which of several SERVER spans of one call makes its event.
        services: Take the calls of these services alone; empty for all.
        scopes: The same of instrumentation scopes.
        since: The earliest moment, in nanoseconds since the epoch.
        until: The latest moment.
        any_age: Whether calls count that Moesif is known not to take: older than 30 days, or of the future.
        rate: The most events a second that one worker sends; None for as many as it can.
        patience: Seconds to wait with nothing delivered at all.
        now: The moment that ages are counted from.
    """

    format: str | None = None
    log_format: str | None = None
    base_url: str | None = None
    spans: Spans = "outermost"
    services: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    any_age: bool = False
    rate: float | None = None
    patience: float = 300.0
    now: int = 0
