"""Methods of streams that tell a `Passage` what they read."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Passage(Protocol):
    """What is told of the bytes that pass through a stand-in. None of these raises."""

    def chunk(self, chunk: Any) -> None:
        """Called with each piece that was read."""

    def ends(self) -> None:
        """Called when there is no more to read."""

    def breaks(self, error: BaseException) -> None:
        """Called with what was raised instead of a piece."""

    def closes(self) -> None:
        """Called before the stream is closed."""

    def moves(self, position: int) -> None:
        """Called with the place that was sought in the stream."""

    def unread(self, chunk: Any) -> None:
        """Called with a piece that was given back, to be read once more."""


Tap = Callable[[Callable[..., Any], Passage], Callable[..., Any]]

# What is given as a size to read to the end.
_ALL = (None, -1)


def _reading(read: Callable[..., Any], passage: Passage, *, may_read_all: bool = False) -> Callable[..., Any]:
    def reading(*args: Any, **kwargs: Any) -> Any:
        try:
            chunk = read(*args, **kwargs)
        except BaseException as error:
            passage.breaks(error)
            raise
        size = args[0] if args else next(iter(kwargs.values()), -1)
        is_last = may_read_all and size in _ALL
        if isawaitable(chunk):
            return _awaited(chunk, passage, size, is_last=is_last)
        _tell(chunk, passage, size, is_last=is_last)
        return chunk

    return reading


async def _awaited(reading: Awaitable[Any], passage: Passage, size: Any, *, is_last: bool) -> Any:
    try:
        chunk = await reading
    except BaseException as error:
        passage.breaks(error)
        raise
    _tell(chunk, passage, size, is_last=is_last)
    return chunk


def _tell(chunk: Any, passage: Passage, size: Any, *, is_last: bool) -> None:
    if isinstance(chunk, tuple):  # aiohttp's `readchunk`
        chunk = chunk[0]
    if chunk:
        passage.chunk(chunk)
    if is_last or (not chunk and size != 0):
        passage.ends()


def _reading_all(read: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    return _reading(read, passage, may_read_all=True)


def _reading_lines(readlines: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    def reading_lines(*args: Any, **kwargs: Any) -> Any:
        try:
            lines = readlines(*args, **kwargs)
        except BaseException as error:
            passage.breaks(error)
            raise
        for line in lines:
            passage.chunk(line)
        if not lines:
            passage.ends()
        return lines

    return reading_lines


def _reading_into(readinto: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    def reading_into(buffer: Any, *args: Any) -> Any:
        try:
            count = readinto(buffer, *args)
        except BaseException as error:
            passage.breaks(error)
            raise
        if count:
            passage.chunk(memoryview(buffer).cast("B")[:count])
        elif count == 0 and len(buffer):
            passage.ends()
        return count

    return reading_into


def _seeking(seek: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    def seeking(*args: Any, **kwargs: Any) -> Any:
        position = seek(*args, **kwargs)
        passage.moves(position if isinstance(position, int) else 0)
        return position

    return seeking


def _unreading(unread: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    def unreading(chunk: Any) -> Any:
        passage.unread(chunk)
        return unread(chunk)

    return unreading


def _closing(close: Callable[..., Any], passage: Passage) -> Callable[..., Any]:
    def closing(*args: Any, **kwargs: Any) -> Any:
        passage.closes()
        return close(*args, **kwargs)

    return closing


TAPS: dict[str, Tap] = {
    "read": _reading_all,
    "read1": _reading,
    "readline": _reading,
    "readany": _reading,  # from here on aiohttp's
    "readchunk": _reading,
    "readexactly": _reading,
    "readuntil": _reading,
    "read_nowait": _reading,
    "unread_data": _unreading,
    "readlines": _reading_lines,
    "readinto": _reading_into,
    "readinto1": _reading_into,
    "seek": _seeking,
    "close": _closing,
    "aclose": _closing,
}
"""What is done instead of a method, by its name: it is called with the method and with the passage."""
