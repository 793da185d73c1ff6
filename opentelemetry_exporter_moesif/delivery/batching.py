"""Encoded events to payloads bounded by bytes, and payloads to smaller ones."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.delivery.compression import gzip, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVENT_MAX_BYTES = 1_000_000
"""Moesif's hard limit for one event (its API reference, *Limits*)."""

PAYLOAD_MAX_BYTES = 50_000_000
"""Moesif's hard limit for one batch before compression."""

OVERSIZE = "oversize"

# White space to JSON, and never inside an event: compact JSON escapes its line breaks. So a payload is taken apart
# again without parsing it, which a bad event could not survive.
_BETWEEN = b",\n"


@dataclass(frozen=True, slots=True)
class Payload:
    """A JSON array of events as it is sent, compressed or not.

    Attributes:
        body: the bytes to send.
        count: the events in it.
        size: the bytes of JSON, before compression.
        gzipped: whether `body` is compressed.
        apart: whether it is a part of a payload that was refused.
    """

    body: bytes
    count: int
    size: int
    gzipped: bool = True
    apart: bool = False

    def as_gzip(self, *, wanted: bool = True) -> Payload:
        """The same events with gzip, or without where it is not `wanted`."""
        if self.gzipped is wanted:
            return self
        body = gzip(self.body) if wanted else _plain(self)
        return replace(self, body=body, gzipped=wanted)

    def events(self) -> list[bytes]:
        """Each event's own JSON.

        Raises:
            ValueError: the bytes are not a payload (a damaged file).
        """
        try:
            text = _plain(self)
        except zlib.error as error:
            message = "not a gzip file, or not a whole one"
            raise ValueError(message) from error
        if not (text.startswith(b"[") and text.endswith(b"]")):
            message = "not a JSON array"
            raise ValueError(message)
        return text[1:-1].split(_BETWEEN)

    def halves(self) -> tuple[Payload, Payload]:
        """Two payloads of half the events each; the payload must hold two at least."""
        events = self.events()
        middle = len(events) // 2
        first, second = (_joined(half, gzipped=self.gzipped, apart=True) for half in (events[:middle], events[middle:]))
        return first, second


class Batcher:
    """Joins events to payloads.

    Args:
        max_bytes: the most JSON that a payload holds before compression; one event may be larger than that alone.
        gzipped: compress the payloads.
    """

    def __init__(self, max_bytes: int, *, gzipped: bool = True) -> None:
        self._max_bytes = min(max_bytes, PAYLOAD_MAX_BYTES)
        self._gzipped = gzipped

    def payloads(self, events: Sequence[bytes]) -> tuple[list[Payload], int]:
        """Payloads of the events in their order, and how many events were too large to be sent at all."""
        if not events:
            return [], 0
        # The whole batch at once is the rule, so it is tried first: two passes in C, no loop in Python.
        size = sum(map(len, events)) + len(_BETWEEN) * len(events)
        if size <= self._max_bytes and max(map(len, events)) <= EVENT_MAX_BYTES:
            return [_joined(events, gzipped=self._gzipped)], 0
        fitting = [event for event in map(_within_limit, events) if event is not None]
        groups = _groups(fitting, self._max_bytes)
        return [_joined(group, gzipped=self._gzipped) for group in groups], len(events) - len(fitting)

    @property
    def merge_bytes(self) -> int:
        """Payloads of less JSON than this together are worth joining: fewer POSTs for little work."""
        return self._max_bytes // 4

    def merged(self, payloads: Sequence[Payload]) -> Payload:
        """One payload of all the events, in order."""
        if len(payloads) == 1:
            return payloads[0]
        return _joined([event for payload in payloads for event in payload.events()], gzipped=True)


def smaller(payload: Payload) -> Payload | None:
    """The payload's one event without its bodies, or without its metadata where they are gone already; else None.

    What was left out is said in the event's `metadata`.
    """
    event = shrunk(payload.events()[0])
    return None if event is None else _joined([event], gzipped=payload.gzipped, apart=True)


def shrunk(event: bytes) -> bytes | None:
    """The next smaller form of an event's JSON, or None where nothing is left to leave out."""
    try:
        fields: dict[str, Any] = json.loads(event)
    except ValueError:
        return None
    if not isinstance(fields, dict) or not (_drop_bodies(fields) or _drop_metadata(fields)):
        return None
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _drop_bodies(fields: dict[str, Any]) -> bool:
    dropped = {}
    for name in ("request", "response"):
        part = fields.get(name)
        if isinstance(part, dict) and "body" in part:
            del part["body"]
            part.pop("transfer_encoding", None)
            dropped[f"{name}_body"] = OVERSIZE
    if dropped:
        metadata = fields.get("metadata")
        fields["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), **dropped}
    return bool(dropped)


def _drop_metadata(fields: dict[str, Any]) -> bool:
    metadata = fields.get("metadata")
    if not metadata:
        return False
    if not isinstance(metadata, dict):
        metadata = {"": metadata}  # replayed events may hold anything
    if metadata.get("metadata") == OVERSIZE:
        return False
    notes = {name: OVERSIZE for name in ("request_body", "response_body") if metadata.get(name) == OVERSIZE}
    fields["metadata"] = {**notes, "metadata": OVERSIZE}
    return len(metadata) > len(notes)


def _within_limit(event: bytes | None) -> bytes | None:
    while event is not None and len(event) > EVENT_MAX_BYTES:
        event = shrunk(event)
    return event


def _groups(events: Iterable[bytes], max_bytes: int) -> list[list[bytes]]:
    groups: list[list[bytes]] = []
    room = 0
    for event in events:
        size = len(event) + len(_BETWEEN)
        if size > room or not groups:
            groups.append([])
            room = max_bytes
        groups[-1].append(event)
        room -= size
    return groups


def _joined(events: Sequence[bytes], *, gzipped: bool, apart: bool = False) -> Payload:
    body = b"[" + _BETWEEN.join(events) + b"]"
    return Payload(gzip(body) if gzipped else body, len(events), len(body), gzipped=gzipped, apart=apart)


def _plain(payload: Payload) -> bytes:
    return plain(payload.body) if payload.gzipped else payload.body
