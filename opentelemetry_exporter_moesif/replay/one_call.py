"""One call, one event: which of several SERVER spans tells a call, and the ids of inner spans.

Spans stand in a file in any order. So calls wait here a while, until the spans around them have been seen: a window
over the file, bounded in calls and in bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.replay.call import as_server
from opentelemetry_exporter_moesif.replay.same_call import filled, is_same_call, lies_in, traits_of
from opentelemetry_exporter_moesif.replay.span_tree import SpanTree

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call, Key
    from opentelemetry_exporter_moesif.replay.options import Spans

_MOST_WAITING_CALLS = 4_096
_MOST_WAITING_BYTES = 16 * 1024 * 1024
_MOST_IDS = 10_000
# A trace of thousands of calls is a batch's. What is further away in it is joined when its own turn comes.
_MOST_SIBLINGS = 100

# Bound once: in Python 3.11, each look-up of a member in its Enum takes 0.08 µs.
_CLIENT, _INTERNAL, _SERVER = SpanKind.CLIENT, SpanKind.INTERNAL, SpanKind.SERVER
_NO_IDS: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class _Waiting:
    """A call that waits for what else the file tells of it."""

    call: Call
    ids: Mapping[str, Any]
    is_told_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Ids:
    """What a span that is no call says of the caller."""

    key: Key
    ids: Mapping[str, Any]
    end: int


class OneCall:
    """Gives each call once, with the ids that other spans tell.

    Args:
        spans: Which SERVER span of several counts.
        give: Takes a call, and the ids found for it.

    Attributes:
        joined: How many SERVER spans were of a call that another one tells.
        nested: How many spans of HTTP servers, made INTERNAL, were inside a call.
    """

    def __init__(self, spans: Spans, give: Callable[[Call, Mapping[str, Any]], None]) -> None:
        self.joined = self.nested = 0
        self._spans = spans
        self._give = give
        self._tree = SpanTree()
        self._records: deque[tuple[int, list[_Waiting]]] = deque()
        self._record: list[_Waiting] = []
        self._waiting: dict[Key, _Waiting] = {}
        self._traces: dict[Hashable, list[_Waiting]] = {}
        self._ids: dict[Hashable, list[_Ids]] = {}
        self._bytes = self._calls = 0

    def call(self, call: Call) -> None:
        """Takes a call."""
        if call.key is None:
            self._give(call, {})
            return
        waiting = _Waiting(call, _NO_IDS)
        is_of_server = call.span.kind is not _CLIENT
        self._tree.put(call.key, call.parent, passes=is_of_server, call=traits_of(call.span) if is_of_server else None)
        self._record.append(waiting)
        self._waiting[call.key] = waiting
        self._traces.setdefault(call.trace, []).append(waiting)

    def inner(self, key: Key, parent: Key, *, passes: bool) -> None:
        """Takes a span that is no call: where it lies, and whether a call below it may be the one above it."""
        self._tree.put_below(key, parent, passes=passes)

    def ids(self, trace: Hashable, key: Key, ids: Mapping[str, Any], end: int) -> None:
        """Takes what a span that is no call says of the caller."""
        self._ids.setdefault(trace, []).append(_Ids(key, ids, end))
        while len(self._ids) > _MOST_IDS:
            del self._ids[next(iter(self._ids))]

    def end_record(self, size: int) -> None:
        """Behind each record of so many bytes: gives what has waited long enough."""
        if not self._record:
            return
        self._records.append((size, self._record))
        self._bytes += size
        self._calls += len(self._record)
        self._record = []
        while len(self._records) > 1 and (self._bytes > _MOST_WAITING_BYTES or self._calls > _MOST_WAITING_CALLS):
            self._release_oldest()

    def flush(self) -> None:
        """Gives all that waits."""
        self.end_record(0)
        while self._records:
            self._release_oldest()

    def _release_oldest(self) -> None:
        size, calls = self._records.popleft()
        self._bytes -= size
        self._calls -= len(calls)
        for waiting in calls:
            self._release(waiting)

    def _release(self, waiting: _Waiting) -> None:
        call = waiting.call
        siblings = self._traces[call.trace]
        if len(siblings) > 1 and call.parent is not None and call.span.kind is _SERVER:
            self._put_into_each_other(waiting, siblings)
        is_alone = len(siblings) == 1 and call.parent is None
        if not waiting.is_told_elsewhere and (is_alone or not self._is_told_elsewhere(waiting)):
            ids = self._all_ids(waiting)
            if call.span.kind is _INTERNAL:
                call.span = as_server(call.span, has_parent=self._tree.knows(call.parent))
            self._give(call, ids)
        if self._waiting.get(call.key) is waiting:
            del self._waiting[call.key]
        if len(siblings) > 1:
            siblings.remove(waiting)
        else:
            del self._traces[call.trace]

    def _put_into_each_other(self, waiting: _Waiting, siblings: list[_Waiting]) -> None:
        """Puts a span below one that has the same parent and is of the same call, and others like it below this one."""
        call = waiting.call
        for other in siblings[:_MOST_SIBLINGS]:
            if other is waiting or other.call.parent != call.parent or other.call.span.kind is not _SERVER:
                continue
            if lies_in(call, other.call):
                self._put_below(call, other.call)
                return
            if lies_in(other.call, call):
                self._put_below(other.call, call)

    def _put_below(self, inner: Call, outer: Call) -> None:
        inner.parent = outer.key
        self._tree.put(inner.key, inner.parent, passes=True, call=traits_of(inner.span))

    def _is_told_elsewhere(self, waiting: _Waiting) -> bool:
        """Joins a call with those of the window that are the same one; whether another of them tells it."""
        kind = waiting.call.span.kind
        if kind is _INTERNAL:
            return self._is_nested(waiting)
        if kind is _CLIENT:
            return False
        for inner in self._inner_ones(waiting, _INTERNAL):
            self._is_nested(inner)
        if self._spans == "all":
            return False
        if self._spans == "innermost":
            return self._is_told_further_in(waiting)
        return self._is_told_further_out(waiting)

    def _is_told_further_out(self, waiting: _Waiting) -> bool:
        for inner in self._inner_ones(waiting, _SERVER):
            self._is_told_elsewhere(inner)  # those further in come first
            if not inner.is_told_elsewhere:
                self._join(waiting, inner)
        outer_key = self._outer(waiting.call)
        if outer_key is None:
            return False
        outer = self._waiting.get(outer_key)
        if outer is None:  # it was given before: it is told, without what this one knows
            self.joined += 1
        else:
            self._join(outer, waiting)
        return True

    def _is_told_further_in(self, waiting: _Waiting) -> bool:
        for inner in self._inner_ones(waiting, _SERVER):
            self._join(inner, waiting)
            return True
        outer = self._waiting.get(self._outer(waiting.call))
        if outer is not None and not outer.is_told_elsewhere:
            self._join(waiting, outer)
        return False

    def _is_nested(self, waiting: _Waiting) -> bool:
        """Whether a span that an HTTP server's instrumentation made INTERNAL is inside a call, which takes its ids.

        As the exporter does it: it is where the span of a call above it had not ended when it began.
        """
        call = waiting.call
        outer_key, outer_call = self._tree.above(call.parent, through_all=True)
        if outer_call is None or outer_call[-1] <= (call.span.start_time or 0):
            return False
        outer = self._waiting.get(outer_key)
        self.nested += 1
        waiting.is_told_elsewhere = True
        if outer is not None:
            outer.ids = {**self._all_ids(waiting), **outer.ids}
            outer.call.span = filled(outer.call.span, call.span)
        return True

    def _join(self, teller: _Waiting, other: _Waiting) -> None:
        self.joined += 1
        other.is_told_elsewhere = True
        teller.ids = {**self._all_ids(other), **teller.ids}
        teller.call.span = filled(teller.call.span, other.call.span)
        teller.call.bodies = teller.call.bodies or other.call.bodies

    def _inner_ones(self, waiting: _Waiting, kind: SpanKind) -> list[_Waiting]:
        siblings = self._traces.get(waiting.call.trace, ())
        if len(siblings) < 2:  # noqa: PLR2004 - itself alone
            return []
        return [
            other
            for other in siblings[:_MOST_SIBLINGS]
            if other.call.parent is not None
            and other is not waiting
            and not other.is_told_elsewhere
            and other.call.span.kind is kind
            and self._tree.above(other.call.parent, through_all=kind is _INTERNAL)[0] == waiting.call.key
            and (kind is _INTERNAL or self._outer(other.call) is not None)
        ]

    def _outer(self, call: Call) -> Key:
        """The key of the SERVER span above that is of the same call, None where there is none."""
        key, outer_call = self._tree.above(call.parent)
        return key if outer_call is not None and is_same_call(outer_call, traits_of(call.span)) else None

    def _all_ids(self, waiting: _Waiting) -> Mapping[str, Any]:
        """The ids on the spans below a call; those nearer to it, and those said later, count for more."""
        ids_of_trace = self._ids.get(waiting.call.trace)
        if not ids_of_trace:
            return waiting.ids
        below = []
        for ids in ids_of_trace:
            steps = self._tree.steps_to(waiting.call.key, ids.key)
            if steps is not None:
                below.append((-steps, ids.end, ids.ids))
        merged = dict(waiting.ids)
        for _, _, ids_of_one in sorted(below, key=lambda each: each[:2]):
            merged.update(ids_of_one)
        return merged
