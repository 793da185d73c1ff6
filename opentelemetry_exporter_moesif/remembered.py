"""What is found out once and asked for again and again: answers in one bounded dictionary, attributes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sized
from typing import Any, Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Sized = TypeVar("_Sized", bound=Sized)


class Remembered(dict[_Key, _Value]):
    """Answers by key: one that is missing is found out, and remembered where its key is worth that.

    Callers of a service choose many of the keys. So when there are too many, all are forgotten: the usual ones are soon
    known again.

    Attributes:
        most: The answers that are remembered at once.
    """

    most: int = 1024

    def find(self, key: _Key) -> _Value:
        """Finds the answer out."""
        raise NotImplementedError

    def is_worth(self, _key: _Key) -> bool:
        """Whether an answer is remembered: that of a very long key is not."""
        return True

    def remember(self, key: _Key, value: _Value) -> None:
        """Keeps an answer, where its key is worth it."""
        if self.is_worth(key):
            if len(self) >= self.most:
                self.clear()
            self[key] = value

    def __missing__(self, key: _Key) -> _Value:
        value = self.find(key)
        self.remember(key, value)
        return value


class Answers(Remembered[_Sized, _Value]):
    """What a function answers.

    Args:
        answer: Finds an answer out.
        most: As the attribute.
        longest: How long a key may be whose answer is remembered.
    """

    def __init__(
        self, answer: Callable[[_Sized], _Value], *, most: int = Remembered.most, longest: int = sys.maxsize
    ) -> None:
        super().__init__()
        self.most = most
        self._answer = answer
        self._longest = longest

    def find(self, key: _Sized) -> _Value:
        """Asks the function."""
        return self._answer(key)

    def is_worth(self, key: _Sized) -> bool:
        """Whether the key is short enough."""
        return len(key) <= self._longest


class once(Generic[_Value]):  # noqa: N801 - a decorator
    """`functools.cached_property` without its lock.

    Up to Python 3.11 all instances share one, and it is held while the value is found out: in a child that is forked
    meanwhile nobody ever gives it back. Two threads may find the same value out here.
    """

    def __init__(self, find: Callable[[Any], _Value]) -> None:
        self._find = find
        self.__doc__ = find.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, _owner: type) -> _Value:
        value = self._find(instance)
        instance.__dict__[self._name] = value
        return value
