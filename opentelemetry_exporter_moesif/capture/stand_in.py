"""Stand-ins for streams and iterables: they pass everything on, and tell a `Passage` what went through.

A stand-in has an attribute or a special method if and only if what it stands in for has it. Servers and frameworks
ask: Werkzeug takes `readinto` where there is one, PEP 3333 lets a server take `len()` for the number of chunks, and
uWSGI's `wsgi.input` has `__next__` only in some versions.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.taps import TAPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.capture.taps import Passage, Tap


class Transparent:
    """Passes on whatever is done to it; `_class_of` adds the special methods that the thing beneath has."""

    __slots__ = ("__weakref__", "_moesif_beneath")

    def __init__(self, beneath: Any) -> None:
        object.__setattr__(self, "_moesif_beneath", beneath)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_moesif_beneath"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._moesif_beneath, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._moesif_beneath, name)

    def __dir__(self) -> list[str]:
        return dir(self._moesif_beneath)

    def __eq__(self, other: object) -> Any:
        if issubclass(type(other), Transparent):
            other = object.__getattribute__(other, "_moesif_beneath")
        return self._moesif_beneath == other

    def __hash__(self) -> int:
        return hash(self._moesif_beneath)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._moesif_beneath.__reduce_ex__(protocol)

    def __repr__(self) -> str:
        return repr(self._moesif_beneath)

    def __str__(self) -> str:
        return str(self._moesif_beneath)

    @property  # type: ignore[misc]  # `isinstance` goes by it
    def __class__(self) -> type:
        return type(self._moesif_beneath)


class RecordedStream(Transparent):
    """A stream or an iterable whose pieces are told to a passage as they are read."""

    __slots__ = ("_moesif_passage",)

    def __init__(self, beneath: Any, passage: Passage) -> None:
        super().__init__(beneath)
        object.__setattr__(self, "_moesif_passage", passage)

    def __getattr__(self, name: str) -> Any:
        value = getattr(object.__getattribute__(self, "_moesif_beneath"), name)
        tap = _TAPS.get(name)
        return tap(value, self._moesif_passage) if tap else value


def recorded(beneath: Any, passage: Passage) -> Any:
    """A stand-in for a stream or an iterable, which tells the passage what is read of it."""
    stand_in: Callable[[Any, Passage], Any] = _class_of(type(beneath))  # type: ignore[arg-type]  # a type is hashable
    return stand_in(beneath, passage)


def _iterating(make: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    return lambda *args, **kwargs: recorded(make(*args, **kwargs), passage)


# What gives another iterable has that one's pieces told.
_TAPS: dict[str, Tap] = {**TAPS, **dict.fromkeys(("iter_any", "iter_chunked", "iter_chunks"), _iterating)}  # aiohttp's


def _iter(self: Any) -> Any:
    iterator = iter(self._moesif_beneath)
    return self if iterator is self._moesif_beneath else recorded(iterator, self._moesif_passage)


def _next(self: Any) -> Any:
    try:
        chunk = next(self._moesif_beneath)
    except StopIteration:
        self._moesif_passage.ends()
        raise
    except BaseException as error:
        self._moesif_passage.breaks(error)
        raise
    self._moesif_passage.chunk(chunk)
    return chunk


def _aiter(self: Any) -> Any:
    iterator = aiter(self._moesif_beneath)
    return self if iterator is self._moesif_beneath else recorded(iterator, self._moesif_passage)


async def _anext(self: Any) -> Any:
    try:
        chunk = await anext(self._moesif_beneath)
    except StopAsyncIteration:
        self._moesif_passage.ends()
        raise
    except BaseException as error:
        self._moesif_passage.breaks(error)
        raise
    self._moesif_passage.chunk(chunk[0] if isinstance(chunk, tuple) else chunk)  # aiohttp's `iter_chunks`
    return chunk


def _item(self: Any, number: Any) -> Any:
    """Where there is no `__iter__`, Python iterates by numbers (its oldest way)."""
    try:
        chunk = self._moesif_beneath[number]
    except IndexError:
        self._moesif_passage.ends()
        raise
    self._moesif_passage.chunk(chunk)
    return chunk


async def _aenter(self: Any) -> Any:
    entered = await self._moesif_beneath.__aenter__()
    return self if entered is self._moesif_beneath else entered


@functools.cache
def _forwarding(name: str) -> Callable[..., Any]:
    def forwarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = getattr(self._moesif_beneath, name)(*args, **kwargs)
        return self if answer is self._moesif_beneath else answer  # `with stream as same_stream`

    return forwarded


# Python looks these up in the class, where `__getattr__` cannot help.
_SPECIAL: dict[str, Callable[..., Any]] = {
    "__iter__": _iter,
    "__next__": _next,
    "__aiter__": _aiter,
    "__anext__": _anext,
    "__aenter__": _aenter,
}
# What makes, describes or ends the object itself. All others are passed on.
_NOT_PASSED_ON = {*dir(object), *dir(Transparent), "__del__", "__class_getitem__", "__setstate__", "__getnewargs__"}


@functools.lru_cache(maxsize=128)
def _class_of(kind: type) -> Callable[[Any, Passage], RecordedStream]:
    """The stand-in's class for things of a type, with the special methods that the type has."""
    known = {name: value for base in reversed(kind.__mro__) for name, value in vars(base).items()}
    special = {
        # None says that there is none, whatever is inherited.
        name: None if value is None else _SPECIAL.get(name) or _forwarding(name)
        for name, value in known.items()
        if name.startswith("__") and (callable(value) or value is None) and name not in _NOT_PASSED_ON
    }
    if "__getitem__" in special and "__iter__" not in special:
        special["__getitem__"] = _item
    return type(kind.__name__, (RecordedStream,), {"__slots__": (), **special})  # errors name it, too
