"""Where captured bodies wait beside their span, until the exporter asks for them.

The store is process-wide: the middlewares that fill it and the exporter that empties it never meet. It does not exist
until an exporter opens it, so the middlewares of a process without one do nothing at all.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.mapping.body import LEFT_OUT, CapturedBodies, CapturedBody

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger("opentelemetry_exporter_moesif")

Key = tuple[int, int]

# What an entry costs beside the bytes of its bodies: without it, calls without bodies would never fill the store.
_ENTRY_OVERHEAD_BYTES = 1024
_LOG_INTERVAL_SECONDS = 60.0

# No longer number is a length, and Python refuses to read very long ones.
_LENGTH = re.compile("[0-9]{1,18}")


@dataclass(slots=True)
class Body:
    """The first bytes of one body, copied as it passes."""

    limit: int
    content_type: str = ""
    content_encoding: str = ""
    expected: int = 0
    content: bytearray = field(default_factory=bytearray)
    seen: int = 0
    finished: bool = False
    left_out: bool = False

    def describe(self, content_type: str, content_encoding: str, content_length: str = "") -> None:
        """Take the headers of the body. It must be called before `copy`."""
        self.content_type = content_type
        self.content_encoding = content_encoding
        self.expected = int(content_length) if _LENGTH.fullmatch(content_length) else 0
        self.left_out = content_type.strip().lower().startswith(LEFT_OUT)

    def copy(self, chunk: bytes | memoryview) -> int:
        """Copy what still fits of `chunk`, and return how many bytes that was."""
        self.seen += len(chunk)
        room = self.limit - len(self.content)
        if room <= 0 or self.left_out:
            return 0
        self.content += chunk[:room]
        return min(room, len(chunk))

    def captured(self, *, incomplete: bool) -> CapturedBody | None:
        """Return the body as the mapping reads it; None where there is nothing to say of it.

        Args:
            incomplete: More of it was still to come.
        """
        if self.left_out or not (self.seen or incomplete):
            return None
        return CapturedBody(
            content=bytes(self.content),
            content_type=self.content_type,
            content_encoding=self.content_encoding,
            truncated=max(self.seen, self.expected) > len(self.content),
            incomplete=incomplete,
        )


@dataclass(slots=True, eq=False)
class Entry:
    """The bodies of one call that is being served."""

    request: Body
    response: Body
    gone: bool = False
    cost: int = 0

    def captured(self) -> CapturedBodies:
        """Return the bodies as they are now. What an application has not read of a request by now, it never will."""
        response = self.response
        return CapturedBodies(
            self.request.captured(incomplete=False), response.captured(incomplete=not response.finished)
        )


class BodyStore:
    """A bounded map from (trace id, span id) of a SERVER span to the bodies of its call.

    Args:
        max_bytes: All entries together hold at most this. The oldest go first, and are counted in `dropped`.
        body_max_bytes: At most this many bytes of one body are kept.
    """

    def __init__(self, max_bytes: int, body_max_bytes: int) -> None:
        self.body_max_bytes = body_max_bytes
        self.dropped = 0
        self._max_bytes = max_bytes
        self._entries: dict[Key, Entry] = {}
        self._bytes = 0
        self._next_log = 0.0
        self._lock = threading.Lock()
        start_anew_after_fork(self)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """What the entries take now, in bytes."""
        return self._bytes

    def new_entry(self) -> Entry:
        """Return an entry that is not in the store yet: its span may not be known so far."""
        return Entry(Body(self.body_max_bytes), Body(self.body_max_bytes))

    def add(self, key: Key, entry: Entry) -> bool:
        """Put an entry under its span; False where another middleware of the same call was faster."""
        with self._lock:
            if key in self._entries:
                return False
            self._entries[key] = entry
            entry.cost = _ENTRY_OVERHEAD_BYTES + len(entry.request.content) + len(entry.response.content)
            self._bytes += entry.cost
            self._make_room()
        return True

    def grew(self, entry: Entry, count: int) -> None:
        """Account for `count` more bytes in an entry of the store."""
        with self._lock:
            if not entry.gone:
                entry.cost += count
                self._bytes += count
                self._make_room()

    def take(self, trace_id: int, span_id: int) -> CapturedBodies | None:
        """Return what was captured of a call, and forget it. Its middlewares stop copying."""
        if not self._entries:
            return None
        with self._lock:
            entry = self._entries.pop((trace_id, span_id), None)
            if entry is None:
                return None
            entry.gone = True
            self._bytes -= entry.cost
            return entry.captured()

    def after_fork(self) -> None:
        """Forget everything: the calls are those of the parent."""
        self._lock = threading.Lock()
        self._entries = {}
        self._bytes = 0

    def _make_room(self) -> None:
        dropped = self.dropped
        while self._bytes > self._max_bytes and self._entries:
            entry = self._entries.pop(next(iter(self._entries)))
            entry.gone = True
            self._bytes -= entry.cost
            self.dropped += 1
        if self.dropped > dropped and time.monotonic() >= self._next_log:
            self._next_log = time.monotonic() + _LOG_INTERVAL_SECONDS
            _logger.warning(
                "Moesif exporter: the store of captured bodies is full (%d bytes): the bodies of %d calls were dropped "
                "so far. Their events are sent without them",
                self._max_bytes,
                self.dropped,
            )


class _Opening:
    """The one store of the process, and how many exporters asked for it."""

    def __init__(self) -> None:
        self.store: BodyStore | None = None
        self.exporters = 0
        self.awaiting: list[Callable[[], None]] = []


_opening = _Opening()


def open_store(*, max_bytes: int, body_max_bytes: int) -> None:
    """Open the store of the process: from here on the middlewares copy bodies. The last exporter's limits hold."""
    _opening.exporters += 1
    _opening.store = BodyStore(max_bytes, body_max_bytes)
    while _opening.awaiting:
        _opening.awaiting.pop()()


def when_opened(act: Callable[[], None]) -> None:
    """Call `act` when an exporter opens the store: at once where one has."""
    if _opening.store is None:
        _opening.awaiting.append(act)
    else:
        act()


def close_store() -> None:
    """Close the store once every exporter that opened it has done so."""
    _opening.exporters = max(0, _opening.exporters - 1)
    if not _opening.exporters:
        _opening.store = None


def current_store() -> BodyStore | None:
    """Return the open store, or None: then nothing is to be captured."""
    return _opening.store


def take(trace_id: int, span_id: int) -> CapturedBodies | None:
    """Return what was captured of the call that this SERVER span stands for, and forget it."""
    store = _opening.store
    return None if store is None else store.take(trace_id, span_id)
