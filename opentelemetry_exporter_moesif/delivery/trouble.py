"""How a payload fared that was tried and not taken, and which payloads belong together for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Trouble:
    """What became of a payload so far that was tried and not taken, though not refused either.

    Attributes:
        since: Monotonic seconds of the first failure.
        passed: How many payloads the collector had taken when this one failed last.
        tries: How often it failed alone while others were taken.
        not_before: Monotonic seconds of its next try.
        suspected: Whether others were taken while it failed.
    """

    since: float
    passed: int
    tries: int = 0
    not_before: float = 0.0
    suspected: bool = False


class Tried:
    """What waits and may have been tried: a payload, or the file of one."""

    __slots__ = ()

    trouble: Trouble | None
    apart: bool

    @property
    def kin(self) -> int | None:
        """What is equal for payloads that may be joined: that they failed in the same outage, or never failed.

        None for one that is to stay alone, since it is under suspicion or a part of what was refused. One that fails by
        itself would otherwise take others with it again and again.
        """
        if self.apart:
            return None
        trouble = self.trouble
        if trouble is None:
            return -1
        return None if trouble.not_before else trouble.passed

    @property
    def not_before(self) -> float:
        """Monotonic seconds from which on it may be sent."""
        return self.trouble.not_before if self.trouble else 0.0
