"""The operations of a program, as the renderer reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.rendering._renderer import EMPTINESS, OPERATIONS
from opentelemetry_exporter_moesif.rendering.characters import (
    CONTROL,
    NOT_OF_PATH,
    NOT_OF_QUERY,
    TELLS,
)
from opentelemetry_exporter_moesif.rendering.known import Known

# Its number, an index, classes of characters that it refuses, a limit, an object, and indexes of attributes.
Operation = tuple[int, int, int, int, Any, tuple[int, ...]]

_NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}
_LONGEST_TEXT = 4096
_LONGEST_QUERY = 900  # so has it fewer than 500 parameters, from which on it is cut
_SHORT = 32  # a constant that is as well a part of a picture
_DIGIT = 128  # from which byte on a picture's letters stand for digits

Fragments = Known[bytes | bool | None]
"""Bytes to write for a value; False where such a call makes no event, None where it is the mapping's to decide."""


def _operation(  # noqa: PLR0913, PLR0917 - one argument a field
    name: str, index: int = 0, refused: int = 0, limit: int = 0, what: Any = None, indexes: tuple[int, ...] = ()
) -> Operation:
    return (_NUMBERS[name], index, refused, limit, what, indexes)


def constant(text: bytes) -> Operation:
    """Writes the same bytes for each span."""
    return _operation("CONSTANT", what=text)


def joined(operations: Iterable[Operation]) -> list[Operation]:
    """The same with neighbours in one where they can be: constants, and ids."""
    together: list[Operation] = []
    for each in operations:
        if together and _can_be_joined(together[-1], each):
            whole = together[-1][4] + each[4]
            together[-1] = constant(whole) if together[-1][0] == each[0] == _NUMBERS["CONSTANT"] else _picture(whole)
        else:
            together.append(each)
    return together


def _can_be_joined(one: Operation, other: Operation) -> bool:
    known = {_NUMBERS["CONSTANT"], _NUMBERS["IDS"]}
    return {one[0], other[0]} <= known and (one[0] == other[0] or _is_short(one) or _is_short(other))


def _is_short(operation: Operation) -> bool:
    return operation[0] == _NUMBERS["CONSTANT"] and len(operation[4]) <= _SHORT and operation[4].isascii()


def member(name: str, operations: list[Operation], *, is_first: bool) -> list[Operation]:
    """A member of an object: its name, and what writes its value."""
    return [constant((b"" if is_first else b",") + encode(name) + b":"), *operations]


def in_braces(operations: list[Operation]) -> list[Operation]:
    """An object of these members."""
    return [constant(b"{"), *operations, constant(b"}")]


def text(index: int, others: Fragments) -> Operation:
    """Writes an attribute's text as JSON; what `others` says for one that is not usual."""
    return _operation("TEXT", index, CONTROL | TELLS, _LONGEST_TEXT, others)


def value(index: int, others: Fragments) -> Operation:
    """Writes an attribute's text, integer or boolean as JSON."""
    return _operation("VALUE", index, CONTROL | TELLS, _LONGEST_TEXT, others)


def identifier(index: int, others: Fragments) -> Operation:
    """Writes an attribute's text as JSON where it is not empty and has no blanks around it."""
    return _operation("IDENTIFIER", index, CONTROL | TELLS, _LONGEST_TEXT, others)


def name(others: Fragments) -> Operation:
    """Writes the span's name as JSON."""
    return _operation("NAME", 0, CONTROL | TELLS, _LONGEST_TEXT, others)


def integer(index: int, least: int) -> Operation:
    """Writes an attribute's integer, which is `least` at least."""
    return _operation("INTEGER", index, limit=least)


def looked_up(indexes: tuple[int, ...], known: Fragments) -> Operation:
    """Writes what is known of the values of some attributes."""
    return _operation("LOOKUP", what=known, indexes=indexes)


def asked(function: Callable[..., bytes | bool | None]) -> Operation:
    """Writes what a function answers to the span's attributes and the span."""
    return _operation("ASK", what=function)


def time(*, of_end: bool) -> Operation:
    """Writes the span's start or end, without quotes."""
    return _operation("TIME", int(of_end))


def ids(picture: str) -> Operation:
    """Writes the span's ids as in a picture in which `TRACE_DIGITS` and `SPAN_DIGITS` stand for their digits."""
    return _picture(picture.encode("latin-1"))


def _picture(letters: bytes) -> Operation:
    """The operation that writes a picture, and over it each run of digits: where it goes, its first one, how many."""
    runs: list[int] = []
    former = 0
    for at, letter in enumerate(letters):
        if former >= _DIGIT and letter == former + 1:
            runs[-1] += 1
        elif letter >= _DIGIT:
            runs += [at, letter - _DIGIT, 1]
        former = letter
    return _operation("IDS", what=letters, indexes=tuple(runs))


TRACE_DIGITS = bytes(range(_DIGIT, _DIGIT + 32)).decode("latin-1")
SPAN_DIGITS = bytes(range(_DIGIT + 32, _DIGIT + 48)).decode("latin-1")


def parent(prefix: bytes) -> Operation:
    """Writes the parent's id and a closing quote after a prefix, where there is a parent."""
    return _operation("PARENT", what=prefix)


def status(fragments: tuple[tuple[Any, bytes], ...]) -> Operation:
    """Writes what belongs to the status of the span."""
    return _operation("STATUS", what=fragments)


def resource(prefix: bytes) -> Operation:
    """Writes the description of the span's resource after a prefix, where it has one."""
    return _operation("RESOURCE", what=prefix)


def weight(function: Callable[..., bytes | bool | None]) -> Operation:
    """Asks a function where a sampler may have decided on the span."""
    return _operation("WEIGHT", what=function)


def events(function: Callable[..., bytes | bool | None]) -> Operation:
    """Asks a function where the span has events."""
    return _operation("EVENTS", what=function)


def unless_status(codes: tuple[Any, ...], operations: Iterable[Operation]) -> list[Operation]:
    """Does some operations only where the code of the span's status is none of these."""
    operations = joined(operations)
    return [_operation("SKIP", limit=len(operations), what=codes), *operations]


def origin(index: int, indexes: tuple[int, ...], known: Fragments) -> Operation:
    """Writes what is known of the values of some attributes and of an attribute's absolute URL up to its path."""
    return _operation("ORIGIN", index, what=known, indexes=indexes)


def path(index: int, *, of_target: bool = False) -> Operation:
    """Writes an attribute's path of usual characters; of a target, up to its query."""
    name = "PATH_OF_TARGET" if of_target else "PATH"
    return _operation(name, index, NOT_OF_PATH, _LONGEST_TEXT)


def query(index: int, harmless: Known[bool], *, of_target: bool = False, or_nothing: bool = False) -> Operation:
    """Writes an attribute's query of usual characters and harmless parameters after a question mark.

    Args:
        index: The attribute.
        harmless: Whether a parameter's value may leave, by its name.
        of_target: The query stands behind a path.
        or_nothing: An empty query is a usual one.
    """
    name = "QUERY_OF_TARGET" if of_target else "QUERY"
    return _operation(name, index, NOT_OF_QUERY | (0 if or_nothing else EMPTINESS), _LONGEST_QUERY, harmless)


def tried(operations: list[Operation], function: Callable[..., bytes | bool | None]) -> list[Operation]:
    """Does some operations; where one of them refuses, a function is asked instead of all of them."""
    return [_operation("TRY", limit=len(operations), what=function), *operations]


def excluded(function: Callable[[str, Mapping[str, Any]], bool]) -> Operation:
    """Leaves the span out where a function says so of what was written since `tried` began, and of the attributes."""
    return _operation("EXCLUDE", what=function)
