"""A moment by which something has to be over: one value, passed down to whoever does it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Protocol


class Limit(Protocol):
    """A moment by which something has to be over, and which may move while it goes on."""

    def current(self) -> Deadline:
        """When that is, as far as is known now."""


@dataclass(frozen=True, order=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, which no change of the wall clock moves."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline in so many seconds."""
        return cls(time.monotonic() + seconds)

    def current(self) -> Deadline:
        """See `Limit`: this one does not move."""
        return self

    @property
    def remaining(self) -> float:
        """Seconds left, 0 where it has passed."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return time.monotonic() >= self.at

    def within(self, seconds: float) -> Deadline:
        """This one, or the one in so many seconds, whichever is first."""
        return min(self, Deadline.after(seconds))


PASSED = Deadline(-math.inf)
NEVER = Deadline(math.inf)
