"""A stand-in can do what the thing beneath can do, and nothing else; and it tells what passes."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import io
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from support.wsgi_input import OnlyWhatPep3333Asks

from opentelemetry_exporter_moesif.capture.stand_in import recorded


class Told:
    """A passage that keeps what it is told."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended = self.closed = False
        self.error: BaseException | None = None
        self.position: int | None = None

    def chunk(self, chunk: Any) -> None:
        self.pieces.append(bytes(chunk))

    def ends(self) -> None:
        self.ended = True

    def breaks(self, error: BaseException) -> None:
        self.error = error

    def closes(self) -> None:
        self.closed = True

    def moves(self, position: int) -> None:
        self.position = position

    def unread(self, chunk: bytes) -> None:
        assert self.pieces.pop().endswith(chunk)


class OnlyChunks:
    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)


class ChunksByNumber:
    """Iterable by the oldest of Python's ways."""

    def __getitem__(self, number: int) -> bytes:
        return (b"one", b"two")[number]


class Sized(OnlyChunks):
    def __len__(self) -> int:
        return len(self.chunks)


class NoLongerSized(Sized):
    __len__ = None


class Odd:
    """It does what no stream does."""

    def __eq__(self, other: object) -> bool:
        return other == "odd"

    def __hash__(self) -> int:
        return hash("odd")

    def __setitem__(self, name: str, value: int) -> None:
        setattr(self, name, value)

    def __add__(self, other: int) -> int:
        return other + 1

    def __index__(self) -> int:
        return 5


class Unhashable:
    __hash__ = None


class Entered:
    """An answer that is entered before it is read."""

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.left = True

    async def read(self) -> bytes:
        return b"one"


def generated() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


async def generated_later() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


THINGS = {
    "BytesIO": lambda: io.BytesIO(b"one\ntwo"),
    "BufferedReader": lambda: io.BufferedReader(io.BytesIO(b"one")),
    "only PEP 3333": lambda: OnlyWhatPep3333Asks(b"one"),
    "only chunks": lambda: OnlyChunks(b"one"),
    "chunks by number": ChunksByNumber,
    "sized": lambda: Sized(b"one"),
    "no longer sized": lambda: NoLongerSized(b"one"),
    "odd": Odd,
    "unhashable": Unhashable,
    "entered": Entered,
    "a generator": generated,
    "an async generator": generated_later,
    "a map": lambda: map(bytes, [b"one"]),
    "a dictionary": lambda: {b"one": 1},
    "nothing that is read": object,
}
ASKED_FOR = (
    "read read1 readline readlines readinto readinto1 readable seek seekable tell fileno close closed peek detach"
    " name mode raw buffer getvalue send throw aclose asend gi_frame __next__ __iter__ __len__ __aiter__ __anext__"
    " __enter__ __exit__ __aenter__ __getitem__ __contains__ __call__ __await__ __fspath__ __bool__ file filelike"
    " __setitem__ __add__ __index__ __reversed__ __copy__ __int__"
).split()


def has(thing: Any, name: str) -> bool:
    try:
        return hasattr(thing, name)
    except (io.UnsupportedOperation, ValueError):
        return True


def in_class(thing: Any, name: str) -> bool:
    return getattr(type(thing), name, None) is not None


def outcome(act: Any, *arguments: Any) -> Any:
    try:
        return act(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the same
        return repr(error)


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
def test_it_has_an_attribute_if_and_only_if_the_thing_beneath_has(make: Any) -> None:
    thing = make()
    stand_in = recorded(thing, Told())

    for name in ASKED_FOR:
        assert has(stand_in, name) == has(thing, name), name
        if name.startswith("__"):
            assert in_class(stand_in, name) == in_class(thing, name), name
    assert isinstance(stand_in, type(thing))
    assert type(stand_in).__name__ == type(thing).__name__
    assert outcome(bool, stand_in) == outcome(bool, thing)
    assert stand_in == thing
    assert thing == stand_in
    assert stand_in == recorded(thing, Told())
    assert stand_in != object()
    assert outcome(hash, stand_in) == outcome(hash, thing)
    assert dir(stand_in) == dir(thing)


@pytest.mark.parametrize(
    "read",
    [
        lambda stream: stream.read(),
        lambda stream: stream.read(3) + stream.read(100),
        lambda stream: b"".join(stream.readlines()),
        lambda stream: stream.readline() + stream.readline(),
        b"".join,
        lambda stream: next(stream) + next(stream),
        lambda stream: b"".join(iter(lambda: stream.read(2), b"")),
    ],
    ids=["read", "read some", "readlines", "readline", "iterated", "next", "iter with a sentinel"],
)
def test_what_is_read_is_told_however_it_is_read(read: Any) -> None:
    told = Told()

    assert read(recorded(OnlyWhatPep3333Asks(b"one\ntwo"), told)) == b"one\ntwo"
    assert b"".join(told.pieces) == b"one\ntwo"


@pytest.mark.parametrize("name", ["readinto", "readinto1"])
def test_what_is_read_into_a_buffer_is_told(name: str) -> None:
    told = Told()
    buffer = bytearray(10)

    assert getattr(recorded(io.BytesIO(b"one"), told), name)(buffer) == 3
    assert told.pieces == [b"one"]


@pytest.mark.parametrize("chunks", [OnlyChunks(b"one", b"two"), Sized(b"one", b"two"), ChunksByNumber(), generated()])
def test_chunks_are_told_as_they_pass_and_so_is_their_end(chunks: Any) -> None:
    told = Told()
    passing = iter(recorded(chunks, told))

    assert next(passing) == b"one"
    assert told.pieces == [b"one"]
    assert not told.ended
    assert list(passing) == [b"two"]
    assert told.ended


def test_asynchronous_chunks_are_told_as_they_pass_and_so_is_their_end() -> None:
    told = Told()

    async def read() -> list[bytes]:
        return [chunk async for chunk in recorded(generated_later(), told)]

    assert asyncio.run(read()) == [b"one", b"two"] == told.pieces
    assert told.ended


def test_what_is_raised_is_told_and_raised() -> None:
    told = Told()
    passing = recorded(map(int, ["x"]), told)

    with pytest.raises(ValueError, match="invalid literal"):
        next(passing)
    assert isinstance(told.error, ValueError)


def test_closing_is_told_and_done() -> None:
    told = Told()
    beneath = generated()
    next(beneath)

    recorded(beneath, told).close()

    assert told.closed
    assert list(beneath) == []


def test_moving_in_a_stream_is_told() -> None:
    told = Told()

    assert recorded(io.BytesIO(b"one two"), told).seek(4) == 4
    assert told.position == 4


def test_what_is_given_back_is_told() -> None:
    """As aiohttp does with what it has read beyond the end of a part of an upload."""

    class GivenBack(io.BytesIO):
        def unread_data(self, chunk: bytes) -> None:
            self.seek(-len(chunk), io.SEEK_CUR)

    told = Told()
    stand_in = recorded(GivenBack(b"one two"), told)

    assert stand_in.read(5) == b"one t"
    stand_in.unread_data(b"one t")
    assert stand_in.read() == b"one two"
    assert told.pieces == [b"one two"]


def test_what_is_entered_later_is_the_stand_in() -> None:
    told = Told()
    beneath = Entered()

    async def read() -> bytes:
        async with recorded(beneath, told) as entered:
            return await entered.read()

    assert asyncio.run(read()) == b"one"
    assert told.pieces == [b"one"]
    assert beneath.left


def test_a_copy_is_one_of_what_is_beneath() -> None:
    assert copy.copy(recorded(io.BytesIO(b"one"), Told())).read() == b"one"
    assert outcome(copy.copy, recorded(generated(), Told())) == outcome(copy.copy, generated())
    assert recorded(Odd(), Told()) + 1 == 2
    assert [0] * recorded(Odd(), Told()) == [0] * 5


def test_attributes_that_are_set_are_set_beneath() -> None:
    beneath = OnlyChunks()
    stand_in = recorded(beneath, Told())

    stand_in.timeout = 5
    assert beneath.timeout == 5
    del stand_in.timeout
    assert not hasattr(beneath, "timeout")


def test_a_with_statement_gives_the_stand_in_and_closes_what_is_beneath() -> None:
    told = Told()
    beneath = io.BytesIO(b"one")

    with recorded(beneath, told) as stream:
        stream.read()

    assert told.pieces == [b"one"]
    assert beneath.closed


def test_it_keeps_nothing_alive() -> None:
    gc.disable()
    try:
        beneath = OnlyChunks(b"one")
        gone = weakref.ref(beneath)
        passing = iter(recorded(beneath, Told()))
        with contextlib.suppress(StopIteration):
            next(passing)
        del beneath, passing
        assert gone() is None
    finally:
        gc.enable()
