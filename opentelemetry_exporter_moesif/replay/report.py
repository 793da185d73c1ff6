"""What a replay found and what became of it: of one part by its worker, and of all parts together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

_NAMED_OF_A_KIND = 100


@dataclass
class Report:
    """What was found in files, and what became of it.

    Attributes:
        events: Calls that are events now.
        passed_over: Spans that are no call answered here, and calls that are excluded.
        joined: SERVER spans whose call another one tells.
        left_out: Calls that were not wanted, by why.
        other_signals: OTLP records of metrics, or of logs that are of no calls.
        bad: What could not be read or mapped.
        bad_kinds: The same by kind.
        bad_records: The first of each kind by file, line and reason.
        unread: Files of which nothing could be read at all, and why.
        without_host: Events whose record does not know the host that was called.
        sent: Events that the collector has taken.
        lost: Events that it refused for good, by reason.
    """

    events: int = 0
    passed_over: int = 0
    joined: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    other_signals: int = 0
    bad: int = 0
    bad_kinds: Counter[str] = field(default_factory=Counter)
    bad_records: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    without_host: int = 0
    sent: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def count_bad(self, kind: str, where: str) -> bool:
        """Counts what is bad. Returns whether it is to be named: a file of another kind must not flood the terminal."""
        self.bad += 1
        self.bad_kinds[kind] += 1
        if self.bad_kinds[kind] > _NAMED_OF_A_KIND:
            return False
        self.bad_records.append(where)
        return True

    @property
    def found(self) -> int:
        """How much could be read."""
        return self.events + self.passed_over + self.joined + self.left_out.total() + self.other_signals

    def add(self, other: Report) -> None:
        """Adds what another worker found."""
        for name in ("events", "passed_over", "joined", "other_signals", "bad", "without_host", "sent"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("left_out", "bad_kinds", "lost"):
            getattr(self, name).update(getattr(other, name))
        self.bad_records += other.bad_records
        self.unread += [line for line in other.unread if line not in self.unread]

    def as_json(self) -> dict[str, Any]:
        """What a program reads of it."""
        counters = {name: dict(getattr(self, name)) for name in ("left_out", "bad_kinds", "lost")}
        return {**{each.name: getattr(self, each.name) for each in fields(self)}, **counters}
