"""What Python has found out about a value, remembered for the renderer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_MOST = 2048
_MOST_LETTERS = 256

_Answer = TypeVar("_Answer")


class Known(dict[Any, _Answer], Generic[_Answer]):
    """Answers by value: one that is missing is found out, and remembered where the value is not too long.

    Callers choose many of the values: when there are too many, all are forgotten, and the usual ones soon known again.

    Args:
        answer: Answers for a value, which is text, an integer, or a tuple of these.
    """

    def __init__(self, answer: Callable[[Any], _Answer]) -> None:
        super().__init__()
        self.answer = answer

    def __missing__(self, value: Any) -> _Answer:
        answer = self.answer(value)
        if _letters(value) <= _MOST_LETTERS:
            if len(self) >= _MOST:
                self.clear()
            self[value] = answer
        return answer


def _letters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return sum(map(_letters, value)) if isinstance(value, tuple) else 1
