"""Where captured bodies wait beside their span, until the exporter asks for them."""

from __future__ import annotations

import logging
import sys
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass

from opentelemetry_exporter_moesif.capture.body import Body
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

Key = tuple[int, int]


@dataclass(slots=True, eq=False)
class Entry:
    """The bodies of one call that is being served or made.

    Attributes:
        gone: Nobody will ask for it any more.
        counted: The bytes that the store's books have for it.
    """

    request: Body
    response: Body
    gone: bool = False
    counted: int = 0

    def captured(self) -> CapturedBodies:
        """The bodies as they are now. What an application has not read of a request by now, it never will."""
        return CapturedBodies(self.request.captured(), self.response.captured())

    def free(self) -> None:
        """Gives up what was copied, at once: whoever recorded it may live on until the next garbage collection."""
        self.gone = True
        self.request.free()
        self.response.free()

    def size(self) -> int:
        """The memory that it takes, in bytes; 0 once it is gone."""
        return 0 if self.gone else _ENTRY_BYTES + self.request.held_bytes + self.response.held_bytes


def _entry_bytes() -> int:
    """What an entry takes beside its bodies' bytes: itself, its bodies, its key, and its place in the dictionary."""
    key: Key = (1 << 127, 1 << 63)
    entry = Entry(Body(1), Body(1))
    counts = (1 << 20,) * 2  # what was seen of each body; other numbers are shared, or small
    parts = (entry, entry.request, entry.response, key, *key, *counts)
    # The place: a hash, two pointers and an index at two thirds full, and the node of the order.
    return sum(map(sys.getsizeof, parts)) + 128


_ENTRY_BYTES = _entry_bytes()


class BodyStore:
    """A bounded map from (trace id, span id) of a call's span to the bodies of the call.

    Args:
        max_bytes: All entries together hold at most this. The oldest go first, and are counted in `dropped`.
        body_max_bytes: At most this many bytes of one body are kept.
        with_streams: Whether streams of events are kept, too.
    """

    def __init__(self, max_bytes: int, body_max_bytes: int, *, with_streams: bool = False) -> None:
        self.body_max_bytes = body_max_bytes
        self._with_streams = with_streams
        self.dropped = 0
        self._max_bytes = max_bytes
        self._logged = 0
        self._log = ThrottledLog()
        self._start()
        start_anew_after_fork(self, only_at_once=True)

    def _start(self) -> None:
        # Each operation on it is a single step of the interpreter's: no lock is needed to use it.
        self._entries: OrderedDict[Key | int, Entry] = OrderedDict()
        # Entries whose size may have changed.
        self._changed: deque[Entry] = deque()
        self._bytes = 0
        # The only lock of this room's stores. It is held while the books are settled, and nobody ever waits for it: who
        # finds it taken leaves the entry in `_changed` to the one who holds it. So whatever runs inside (a signal
        # handler, a finalizer that ends a span, in this thread; any other thread) may call the store again. Nothing is
        # logged inside, and no code of others is called.
        self._settling = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """What the entries take now, in bytes."""
        return self._bytes

    def new_entry(self) -> Entry:
        """An entry whose span may not be known so far. It counts at once."""
        entry = Entry(self.new_body(), self.new_body())
        entry.response.awaited = True
        self._entries[id(entry)] = entry
        self.grew(entry)
        return entry

    def new_body(self) -> Body:
        """A body of which nothing has passed so far."""
        return Body(self.body_max_bytes, with_streams=self._with_streams)

    def get(self, key: Key) -> Entry | None:
        """What is captured so far under a span."""
        return self._entries.get(key)

    def add(self, key: Key, entry: Entry) -> bool:
        """Puts an entry under its span; False where another middleware of the same call was faster."""
        if self._entries.pop(id(entry), None) is None:  # it was dropped meanwhile
            return False
        if self._entries.setdefault(key, entry) is entry:
            return True
        self._forget(entry)
        return False

    def grew(self, entry: Entry) -> None:
        """Accounts for what an entry holds now."""
        self._changed.append(entry)
        self._settle()

    def forget(self, entry: Entry) -> None:
        """Gives an entry up that was never put under a span."""
        if self._entries.pop(id(entry), None) is not None:
            self._forget(entry)

    def take(self, trace_id: int, span_id: int) -> CapturedBodies | None:
        """What was captured of a call, which is forgotten. Its middlewares stop copying.

        Only here is anything logged: the exporter's thread may wait for a slow log handler, and no request does.
        """
        if self.dropped > self._logged:
            self._tell_of_dropped()
        entry = self._entries.pop((trace_id, span_id), None) if self._entries else None
        if entry is None:
            return None
        captured = entry.captured()
        self._forget(entry)
        return captured

    def after_fork(self) -> None:
        """Forgets everything: the calls are those of the parent."""
        self._start()

    def _forget(self, entry: Entry) -> None:
        entry.free()
        self.grew(entry)

    def _settle(self) -> None:
        while self._changed and self._settling.acquire(blocking=False):
            try:
                self._settle_all()
            finally:
                self._settling.release()

    def _settle_all(self) -> None:
        """Brings the books up to date, and drops the oldest entries beyond the bound."""
        while entry := self._changed.popleft() if self._changed else self._drop_oldest():
            size = entry.size()
            self._bytes += size - entry.counted
            entry.counted = size

    def _drop_oldest(self) -> Entry | None:
        if self._bytes <= self._max_bytes:
            return None
        try:
            _, entry = self._entries.popitem(last=False)
        except KeyError:  # the last one was taken this very moment, and the books do not say so yet
            return None
        entry.free()
        self.dropped += 1
        return entry

    def _tell_of_dropped(self) -> None:
        count, self._logged = self.dropped - self._logged, self.dropped
        text = f"the store of captured bodies is full ({self._max_bytes} bytes): those of {{count}} calls were dropped"
        self._log.log("bodies", logging.WARNING, count, f"{text}. Their events are sent without them")
