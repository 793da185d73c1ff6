"""What a body or a text may cost, counted by what is done, never by the time that takes: beyond it all is withheld."""

from __future__ import annotations

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


class TooManyStepsError(Exception):
    """What is looked at costs more than anything ordinary does."""


class Steps:
    """Counts the steps of one body or text: one is about a microsecond.

    Args:
        length: How long the body or text is.

    Attributes:
        left: Those that may still be taken.
    """

    __slots__ = ("left",)

    def __init__(self, length: int) -> None:
        self.left = _LEAST + int(length * _OF_A_LETTER)

    def take(self, count: int) -> None:
        """Counts some.

        Raises:
            TooManyStepsError: There are none left.
        """
        self.left -= count
        if self.left < 0:
            raise TooManyStepsError
