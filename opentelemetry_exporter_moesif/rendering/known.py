"""What Python has found out about values, remembered for the renderer."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

_MOST_OF_ALL = 16_384
_MOST = 2048
_MOST_LETTERS = 256

_Answer = TypeVar("_Answer")


class Known(dict[Any, _Answer], Generic[_Answer]):
    """Answers by value: one that is missing is found out, and remembered where the value is not too long.

    Args:
        answer: Answers for a value, which is text, an integer, or a tuple of these.
        memory: Bounds what all of a renderer's remember together.
    """

    def __init__(self, answer: Callable[[Any], _Answer], memory: Memory) -> None:
        super().__init__()
        self.answer = answer
        self._memory = memory
        memory.watch(self)

    def __missing__(self, value: Any) -> _Answer:
        """Each new client of a service comes by here a few times: so it is one function, and not a `Remembered`."""
        answer = self.answer(value)
        if len(value if value.__class__ is str else repr(value)) <= _MOST_LETTERS:
            self._memory.note()
            if len(self) >= _MOST:
                self.clear()
            self[value] = answer
        return answer


class Memory:
    """Bounds how many values a renderer remembers in all.

    Callers choose many of the values, and by their headers how many programs remember some. When there are too many,
    all are forgotten, and the usual ones are soon known again.
    """

    def __init__(self) -> None:
        self._noted = 0
        self._known: list[weakref.ref[Known[Any]]] = []

    def watch(self, known: Known[Any]) -> None:
        """Takes note of whoever remembers."""
        self._known.append(weakref.ref(known))

    def note(self) -> None:
        """Counts a value that is to be remembered."""
        self._noted += 1
        if self._noted > _MOST_OF_ALL:
            self.forget()

    def forget(self) -> None:
        """Forgets all values."""
        self._noted = 0
        self._known = [reference for reference in self._known if reference() is not None]
        for reference in self._known:
            known = reference()
            if known is not None:
                known.clear()
