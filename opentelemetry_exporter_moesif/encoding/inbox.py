"""What waits for a span that was not exported so far: ids from inside its call, and spans that may be calls themselves.

All of it stands in one bounded dictionary, so that one look tells for nearly every span that nothing waits for it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.encoding.held_bytes import Ledger
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Key = tuple[int, int]
"""A trace id and a span id."""

_MAX_SPANS = 10_000
_MAX_BYTES = 16 * 1024 * 1024
# What a span takes beside what waits for it: the key, its numbers, the list, and its place in the dictionary.
_SPAN_BYTES = 248


class _End:
    """Stands in a list after the last item that was taken with it."""

    size = 0


_END = _End()


def _is_behind_the_end(item: Any, waiting: list[Any]) -> bool:
    return _END in waiting and waiting.index(item) > waiting.index(_END)


class Inbox:
    """A bounded map from a span to what waits for it. Every method may be called by any thread.

    It has no lock that anybody waits for: a garbage collection or a signal may end a span, and so call it, while it is
    being called. Each step is one operation of a dictionary or a list, and whoever adds to a list that was taken
    meanwhile adds again.

    Args:
        max_spans: Something waits for at most this many spans; what has waited longest goes first.
        max_bytes: All that waits takes at most this.

    Attributes:
        by_span: All of it; for others to see whether it is empty without a call, as it is for most spans. Each item has
            a `size` in bytes.
        held: The bytes of all.
        on_dropped: Told of the items that made room.
    """

    def __init__(self, max_spans: int = _MAX_SPANS, max_bytes: int = _MAX_BYTES) -> None:
        self._max_spans = max_spans
        self._max_bytes = max_bytes
        self.held = Ledger()
        self.by_span: dict[Key, list[Any]] = {}
        self.on_dropped: Callable[[Sequence[Any]], None] = lambda _items: None
        # Never waited for. Inside, items are forgotten: anything may be collected and run.
        self._making_room = threading.Lock()
        start_anew_after_fork(self, only_at_once=True)

    def add(self, key: Key, items: Sequence[Any]) -> int:
        """Adds items for a span, and says how many wait for it now."""
        if not items:
            return 0
        self.held.add(sum(each.size for each in items))
        while True:
            new: list[Any] = []
            waiting = self.by_span.setdefault(key, new)
            if waiting is new:
                self.held.add(_SPAN_BYTES)
            waiting.extend(items)
            count = len(waiting)
            if self.by_span.get(key) is waiting or not _is_behind_the_end(items[0], waiting):
                break
        self._make_room()
        return count

    def take(self, key: Key) -> list[Any]:
        """What waits for a span, and waits no more."""
        waiting = self.by_span.pop(key, None)
        if waiting is None:
            return []
        # What another thread adds after this mark, it adds again.
        waiting.append(_END)
        items = waiting[: waiting.index(_END)]
        self.held.add(-_SPAN_BYTES - sum(each.size for each in items))
        return items

    def after_fork(self) -> None:
        """Forgets everything: the spans are those of the parent."""
        self._making_room = threading.Lock()
        self.held.after_fork()
        self.by_span = {}

    def _make_room(self) -> None:
        while self._is_too_full() and self._making_room.acquire(blocking=False):
            dropped: Sequence[Any] = ()
            # The first key cannot be told while another thread adds or takes one: that thread comes by here as well.
            with suppress(StopIteration, RuntimeError):
                dropped = self.take(next(iter(self.by_span)))
            self._making_room.release()
            self.on_dropped(dropped)

    def _is_too_full(self) -> bool:
        return len(self.by_span) > self._max_spans or (self.held.total > self._max_bytes and bool(self.by_span))
