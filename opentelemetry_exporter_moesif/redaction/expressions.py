"""Regular expressions that are compiled when they are first used.

Most texts of most services are told by one look (`plain`), and by a few words that they do not hold. The expressions
behind it take 30 ms to compile, in each worker: those that no text asks for are left as they are written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any, AnyStr, Generic, cast


class _Uncompiled(Generic[AnyStr]):
    """Stands for a compiled expression until a method of it is asked for; each is found once."""

    seconds = 0.0

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        began = time.thread_time()
        attribute = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, attribute)
        _Uncompiled.seconds += time.thread_time() - began
        return attribute


def expression(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The expression as `re.compile` gives it, which is called when it is first used.

    Args:
        pattern: The expression.
        flags: As `re` has them.

    Raises:
        re.error: The pattern is none; only where it is used.
    """
    return cast("re.Pattern[AnyStr]", _Uncompiled(pattern, flags))


def seconds_of_compiling() -> float:
    """Seconds of the processor that all of it took until now."""
    return _Uncompiled.seconds


def one_of(words: Iterable[str]) -> str:
    """The pattern of any of some words: each letter of a text is compared with their first ones alone."""
    by_start: dict[str, list[str]] = {}
    for word in words:
        by_start.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(f"{re.escape(start)}(?:{'|'.join(rests)})" for start, rests in sorted(by_start.items()))
