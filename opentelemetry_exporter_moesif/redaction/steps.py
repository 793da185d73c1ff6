"""What a body or a text may cost: beyond it all is withheld.

It is counted by what is done, so that what is ordinary is never withheld on a busy machine. Where that takes very long,
as in a text that speaks of secrets in each line, the processor's time of the thread ends it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from opentelemetry_exporter_moesif.redaction.expressions import seconds_of_compiling

_Item = TypeVar("_Item")

LETTERS_OF_A_STEP = 8
"""So many letters that every expression is tried on once are a step, as is a pair or an element that is looked at."""

STEPS_OF_A_JUDGEMENT = 8
"""Of a name in which a listed one is, until it is known whether it is a secret's."""

STEPS_OF_A_TEXT = 32
"""Of each look at a text, however short it is."""

STEPS_OF_ITS_OWN = 100
"""Those that each text of a document has beside what all of them have together: enough for a short one."""

_LEAST = 30_000
_OF_A_LETTER = 0.5  # steps; what is ordinary takes up to 0.4 (tests/unit/redaction/test_steps.py)


_LOOK = 128  # steps between two looks at the clock: so few take none
# Of the processor, for a body of 100 kB or less. What is ordinary takes a quarter of it, on a busy machine the half.
_SECONDS = 0.2
_LETTERS = 100_000


class TooManyStepsError(Exception):
    """What is looked at costs more than anything ordinary does."""


def clock() -> float:
    """Seconds of the processor that this thread took, without those in which expressions were compiled."""
    return time.thread_time() - seconds_of_compiling()


class Steps:
    """Counts the steps of one body or text: one is about a microsecond.

    Args:
        length: How long the body or text is.

    Attributes:
        left: Those that may still be taken.
        is_late: The processor's time is over: nothing is looked at any more.
    """

    __slots__ = ("_end", "_next_look", "_seen", "_taken", "is_late", "left")

    def __init__(self, length: int) -> None:
        self.left = _LEAST + int(length * _OF_A_LETTER)
        self.is_late = False
        self._seen = self._taken = 0
        self._next_look = _LOOK
        self._end = clock() + _SECONDS * max(1.0, length / _LETTERS)

    def take(self, count: int) -> None:
        """Counts some.

        Raises:
            TooManyStepsError: There are none left.
        """
        self.left -= count
        self._taken += count
        if self._taken >= self._next_look:
            self._next_look = self._taken + _LOOK
            self.is_late = self.is_late or clock() > self._end
        if self.is_late:
            self.left = -1
        if self.left < 0:
            raise TooManyStepsError

    def watched(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """The items, with a look at the clock now and then.

        Raises:
            TooManyStepsError: The processor's time is over.
        """
        for item in items:
            self._seen += 1
            if self._seen % _LOOK == 0:
                self.look()
            yield item

    def look(self) -> None:
        """Looks at the clock, behind what takes long and counts nothing.

        Raises:
            TooManyStepsError: The processor's time is over.
        """
        self._next_look = 0
        self.take(0)
