"""Encoded events to payloads bounded by bytes, and payloads to smaller and to larger ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.compression import gzip, plain
from opentelemetry_exporter_moesif.delivery.oversize import shrunk
from opentelemetry_exporter_moesif.delivery.waiting_line import Tried, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVENT_MAX_BYTES = 1_000_000
"""Moesif's hard limit for one event (its API reference, *Limits*)."""

PAYLOAD_MAX_BYTES = 50_000_000
"""Moesif's hard limit for one batch before compression."""

# White space to JSON, and never inside an event: compact JSON escapes its line breaks. So a payload is taken apart
# again without parsing it, which a bad event could not survive.
_BETWEEN = b",\n"
_BRACKETS = 2
_OBJECT_BYTES = 200  # what Python needs for a waiting payload beside its bytes: many small ones count with it


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded events as a payload holds them, in one piece.

    Attributes:
        inside: Each event's JSON, joined by a comma and a line feed.
        starts: Where in it each event begins.
    """

    inside: bytes
    starts: Sequence[int]

    @classmethod
    def of(cls, events: Sequence[bytes]) -> Batch:
        """The same of events that are bytes of their own."""
        sizes = map(len(_BETWEEN).__add__, map(len, events))  # no loop in Python
        starts = list(accumulate(sizes, initial=0))
        starts.pop()
        return cls(_BETWEEN.join(events), starts)

    def __len__(self) -> int:
        """The number of events."""
        return len(self.starts)

    def bounds(self) -> Iterator[tuple[int, int]]:
        """Where each event begins and ends."""
        for start, following in pairwise((*self.starts, len(self.inside) + len(_BETWEEN))):
            yield start, following - len(_BETWEEN)


@dataclass(slots=True, eq=False)
class Payload(Tried):
    """A JSON array of events, as text or as a gzip file.

    Attributes:
        count: The events in it.
        size: Bytes of JSON.
        apart: Whether it is a part of a payload that was refused: joined again, it would only be refused again.
        trouble: How it fared, where it was tried already.
    """

    count: int
    size: int
    apart: bool = False
    trouble: Trouble | None = None
    _text: bytes | None = None
    _gzip: bytes | None = None

    @classmethod
    def of(cls, inside: bytes, count: int, *, apart: bool = False) -> Payload:
        """A payload of `count` events, joined as in a `Batch`."""
        return cls(count, len(inside) + _BRACKETS, apart, _text=inside)

    @classmethod
    def unpacked(cls, body: bytes, most: int = PAYLOAD_MAX_BYTES) -> Payload:
        """The payload of a gzip file.

        Raises:
            ValueError: It is not one of a payload, or one over its bounds.
        """
        inside = _inside(plain(body, most))
        if not (inside.startswith(b"{") and inside.endswith(b"}")):
            message = "not an array of objects"
            raise ValueError(message)
        events = inside.count(_BETWEEN) + 1
        if len(inside) > EVENT_MAX_BYTES and max(map(len, inside.split(_BETWEEN))) > EVENT_MAX_BYTES:
            message = f"it holds an event of more than {EVENT_MAX_BYTES} bytes"
            raise ValueError(message)
        return cls(events, len(inside) + _BRACKETS, _gzip=body)

    @property
    def inside(self) -> bytes:
        """The events' JSON, joined as in a `Batch`."""
        if self._text is not None:
            return self._text
        return _inside(plain(self._gzip or b"", PAYLOAD_MAX_BYTES))

    @property
    def weight(self) -> int:
        """Bytes of memory."""
        return len(self._gzip or self._text or b"") + _OBJECT_BYTES

    def events(self) -> list[bytes]:
        """Each event's own JSON."""
        return self.inside.split(_BETWEEN)

    def body(self, *, gzipped: bool) -> bytes:
        """What a POST sends."""
        return self.packed() if gzipped else b"[" + self.inside + b"]"

    def packed(self) -> bytes:
        """The gzip file, which is all that is held from now on."""
        if self._gzip is None:
            self._gzip = gzip(b"[", self._text or b"", b"]")
            self._text = None
        return self._gzip

    def halves(self) -> tuple[Payload, Payload]:
        """Two payloads of half the events each; the payload must hold two at least."""
        events = self.events()
        middle = len(events) // 2
        first, second = (
            Payload.of(_BETWEEN.join(half), len(half), apart=True) for half in (events[:middle], events[middle:])
        )
        return first, second

    def smaller(self) -> Payload | None:
        """The payload's one event without its bodies, or without its metadata where they are gone already; else None.

        What was left out is said in the event's `metadata`.
        """
        event = shrunk(self.inside)
        return None if event is None else Payload.of(event, 1, apart=True)


class Batcher:
    """Joins events to payloads.

    Args:
        max_bytes: The most JSON that a payload holds; one event may be larger than that alone.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = min(max_bytes, PAYLOAD_MAX_BYTES)

    @property
    def merge_bytes(self) -> int:
        """Payloads of less JSON than this together are worth joining: fewer POSTs for little work."""
        return self._max_bytes // 4

    def payloads(self, events: Batch | Sequence[bytes]) -> tuple[list[Payload], int]:
        """Payloads of the events in their order, and how many events were too large to be sent at all."""
        if not len(events):
            return [], 0
        batch = events if isinstance(events, Batch) else Batch.of(events)
        # The whole batch at once is the rule, so it is tried first: no loop in Python.
        size = len(batch.inside)
        if size <= self._max_bytes and (size <= EVENT_MAX_BYTES or _longest(batch) <= EVENT_MAX_BYTES):
            return [Payload.of(batch.inside, len(batch))], 0
        if _longest(batch) > EVENT_MAX_BYTES:
            each = (batch.inside[start:end] for start, end in batch.bounds())
            fitting = [event for event in map(_within_limit, each) if event is not None]
            return (list(self._cut(Batch.of(fitting))) if fitting else []), len(batch) - len(fitting)
        return list(self._cut(batch)), 0

    def _cut(self, batch: Batch) -> Iterator[Payload]:
        begin, count, last = 0, 0, 0
        for start, end in batch.bounds():
            if count and end - begin > self._max_bytes:
                yield Payload.of(batch.inside[begin:last], count)
                begin, count = start, 0
            last = end
            count += 1
        yield Payload.of(batch.inside[begin:last], count)


def joined(payloads: Sequence[Payload]) -> Payload:
    """One payload of all the events, in order."""
    if len(payloads) == 1:
        return payloads[0]
    whole = Payload.of(_BETWEEN.join(each.inside for each in payloads), sum(each.count for each in payloads))
    whole.trouble = payloads[0].trouble
    return whole


def _longest(batch: Batch) -> int:
    return max(end - start for start, end in batch.bounds())


def _within_limit(event: bytes | None) -> bytes | None:
    while event is not None and len(event) > EVENT_MAX_BYTES:
        event = shrunk(event)
    return event


def _inside(text: bytes) -> bytes:
    if not (text.startswith(b"[") and text.endswith(b"]")):
        message = "not a JSON array"
        raise ValueError(message)
    return text[1:-1]
