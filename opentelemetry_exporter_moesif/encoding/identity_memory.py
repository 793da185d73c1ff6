"""Ids that child spans and `identify()` leave for the SERVER span of their call.

Frameworks authenticate in child spans, and children end before their parents, perhaps batches before. So the ids of a
span that becomes no event move on to its parent's id, step by step, until the SERVER span takes them. No other call of
the same trace ever sees them.
"""

from __future__ import annotations

import itertools
import logging
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from opentelemetry.trace import get_current_span

from opentelemetry_exporter_moesif.encoding.held_bytes import Ledger, held_bytes
from opentelemetry_exporter_moesif.encoding.hooks import id_answer, metadata_answer, text_of_error
from opentelemetry_exporter_moesif.encoding.interrupts import is_interrupt
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.mapping.identity import METADATA_PREFIX
from opentelemetry_exporter_moesif.telemetry import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.sdk.trace import ReadableSpan

ID_ATTRIBUTES = ("user.id", "enduser.id", "company.id", "session.id")
"""The attributes that are read from a span that becomes no event, the better of two that say the same first."""

_SAME_FIELD = {"enduser.id": "user.id"}
_NO_ID_IN = frozenset(ID_ATTRIBUTES).isdisjoint

_MAX_SPANS = 10_000
_MAX_BYTES = 16 * 1024 * 1024
# One that is said in a loop. The others have a handful at most.
_MOST_IDS_OF_A_SPAN = 64
# What a span takes beside its ids: the key, its numbers, the list, and its place in the dictionary.
_SPAN_BYTES = 248
# And an id beside its name and its value: a tuple, its numbers, and its place in the list.
_ID_BYTES = 112

_Read = TypeVar("_Read")
_log = ThrottledLog()

_Key = tuple[int, int]

_moments = itertools.count(1)
# No WeakSet: it raises where it is looked through while an exporter is made, and `identify` runs in requests.
_memories: list[weakref.ref[IdentityMemory]] = []


class _Id(NamedTuple):
    """What was said of a call.

    Args:
        name: One of `ID_ATTRIBUTES`, or an argument of `identify`.
        value: The id.
        moment: Greater than that of any that was said before.
        depth: How many spans further down the attribute stood. What `identify` says counts wherever it is called.
        size: The bytes that it takes.
    """

    name: str
    value: Any
    moment: int
    depth: int
    size: int

    def counts_more_than(self, other: _Id) -> bool:
        """A nearer one counts for more than one further down, a later one for more than an earlier one."""
        return (-self.depth, self.moment) > (-other.depth, other.moment)


_END = _Id("", None, 0, 0, 0)
"""Stands in a list of ids after the last one that was taken with it."""


class IdentityMemory:
    """A bounded map from (trace id, span id) to what was said for that span. Every method may be called by any thread.

    It has no lock that anybody waits for: a garbage collection or a signal may end a span, and so call it, while it is
    being called. Each step is one operation of a dictionary or a list, and whoever adds to a list that was taken
    meanwhile adds again.

    Args:
        max_spans: Ids of at most this many spans are held; the oldest are forgotten first.
        max_bytes: All that is held takes at most this.
        held: Counts the bytes; others may count there as well, under the same bound.
    """

    def __init__(self, max_spans: int = _MAX_SPANS, max_bytes: int = _MAX_BYTES, held: Ledger | None = None) -> None:
        self._max_spans = max_spans
        self._max_bytes = max_bytes
        self._held = Ledger() if held is None else held
        # All of it; for others to see whether it is empty without a call, as it is for most spans.
        self.by_span: dict[_Key, list[_Id]] = {}
        # Never waited for. Inside, ids are forgotten: anything may be collected and run.
        self._making_room = threading.Lock()
        _memories.append(weakref.ref(self, _memories.remove))
        start_anew_after_fork(self, only_at_once=True)

    def __len__(self) -> int:
        return len(self.by_span)

    def add(self, trace_id: int, span_id: int, ids: Mapping[str, Any]) -> None:
        """Remembers ids under a span's own id. A later value of one name replaces an earlier one.

        Args:
            trace_id: The span's trace.
            span_id: The span.
            ids: By the name of an attribute (``user.id``) or of an argument of `identify` (``user_id``).
        """
        self._add((trace_id, span_id), _said(ids, 0))

    def take(self, trace_id: int, span_id: int) -> dict[str, Any]:
        """The ids found for a span, which are forgotten with that. Empty where there are none."""
        return {each.name: each.value for each in _best(self._pop((trace_id, span_id)))}

    def pass_over(self, span: ReadableSpan) -> None:
        """Moves the ids of a span that becomes no event, and those found for it, to its parent, unless that is remote.

        Nothing else is read of the span. Most spans have no id: for them this costs one look at the names of their
        attributes (0.2 to 0.5 µs), and one look-up while the memory holds anything. Hence
        no `or` and no property more than these.
        """
        try:
            if _NO_ID_IN(span.attributes) and (not self.by_span or span.context[:2] not in self.by_span):  # type: ignore[arg-type]  # caught below
                return
        except TypeError:  # a span without attributes or without a context, made by hand
            if span.context is None or not self.by_span:
                return
        self.move_to_parent(span, span.attributes or {})

    def move_to_parent(self, span: ReadableSpan, attributes: Mapping[str, Any]) -> None:
        """Moves the ids among a span's attributes, and those found for it, to its parent, unless that is remote."""
        context, parent = span.context, span.parent
        if context is None:
            return
        found = self._pop((context.trace_id, context.span_id))
        if parent is not None and not parent.is_remote:
            self.leave((parent.trace_id, parent.span_id), attributes, found)

    def leave(self, key: _Key, attributes: Mapping[str, Any], found: Iterable[_Id], depth: int = 1) -> None:
        """Leaves for a span what was said by one further down, and what was found for that one."""
        ids = [each._replace(depth=each.depth + depth) if each.name in ID_ATTRIBUTES else each for each in _best(found)]
        ids.extend(_said({name: attributes[name] for name in ID_ATTRIBUTES if _is_id(attributes.get(name))}, depth))
        self._add(key, ids)

    def _add(self, key: _Key, ids: list[_Id]) -> None:
        if not ids:
            return
        self._held.add(sum(each.size for each in ids))
        is_taken = True
        while is_taken:
            new: list[_Id] = []
            known = self.by_span.setdefault(key, new)
            if known is new:
                self._held.add(_SPAN_BYTES)
            known.extend(ids)
            is_taken = _END in known and known.index(ids[0]) > known.index(_END)
        if len(known) > _MOST_IDS_OF_A_SPAN:
            ids = _best(self._pop(key))
            self._add(key, ids[-_MOST_IDS_OF_A_SPAN:])
        self._make_room()

    def _pop(self, key: _Key) -> list[_Id]:
        found = self.by_span.pop(key, None)
        if found is None:
            return []
        # What another thread adds after this mark, it adds again.
        found.append(_END)
        ids = found[: found.index(_END)]
        self._held.add(-_SPAN_BYTES - sum(each.size for each in ids))
        return ids

    def _make_room(self) -> None:
        while self._is_too_full() and self._making_room.acquire(blocking=False):
            # The first key cannot be told while another thread adds or takes one: that thread comes by here as well.
            with suppress(StopIteration, RuntimeError):
                self._pop(next(iter(self.by_span)))
            self._making_room.release()

    def _is_too_full(self) -> bool:
        return len(self.by_span) > self._max_spans or (self._held.total > self._max_bytes and bool(self.by_span))

    def after_fork(self) -> None:
        """Forgets everything: the spans are those of the parent."""
        self._held.after_fork()
        self._making_room = threading.Lock()
        self.by_span = {}


def _said(ids: Mapping[str, Any], depth: int) -> list[_Id]:
    moment = next(_moments)
    depths = {name: depth for name in ID_ATTRIBUTES if name in ids}
    return [_Id(name, value, moment, depths.get(name, 0), _size(name, value)) for name, value in ids.items()]


def _size(name: str, value: Any) -> int:
    """The bytes that an id takes. Every id shares the name of its field; the names of metadata are made for each."""
    return _ID_BYTES + held_bytes(value) + (held_bytes(name) if name.startswith(METADATA_PREFIX) else 0)


def _best(ids: Iterable[_Id]) -> list[_Id]:
    """One id a field, the one that counts for most."""
    best: dict[str, _Id] = {}
    for each in ids:
        field = _SAME_FIELD.get(each.name, each.name)
        known = best.get(field)
        if known is None or each.counts_more_than(known):
            best[field] = each
    return list(best.values())


def _is_id(value: Any) -> bool:
    """Whether an attribute's value says anything: an empty one of a near span does not hide that of another."""
    return bool(value.strip()) if isinstance(value, str) else value is not None


def identify(
    *,
    user_id: str | None = None,
    company_id: str | None = None,
    subscription_id: str | None = None,
    session_token: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Say whose call is being served.

    Call it anywhere in the code of a request, also inside child spans and in other threads that have the context. It
    reaches the event of this call and of no other, and no other exporter sees it. What is said last of one name holds.
    Without a recording span, or without an exporter, it does nothing. It never raises: what is no id, or no mapping
    that JSON can hold, is left out with a warning.

    Args:
        user_id: The user.
        company_id: The company (account) of the user.
        subscription_id: The subscription that the call is billed to.
        session_token: What connects calls of one session; never a credential itself.
        metadata: More about this call; merged into the event's `metadata`.
    """
    context = get_current_span().get_span_context()
    if not (context.is_valid and context.trace_flags.sampled) or context.is_remote:
        return
    given = {
        "user_id": user_id,
        "company_id": company_id,
        "subscription_id": subscription_id,
        "session_token": session_token,
    }
    ids: dict[str, Any] = {name: text for name, value in given.items() if (text := _read(name, value, id_answer))}
    # A key each, so that the last value of each holds.
    more = _read("metadata", metadata, metadata_answer) or {}
    ids.update({f"{METADATA_PREFIX}{name}": value for name, value in more.items()})
    if ids:
        for reference in tuple(_memories):
            memory = reference()
            if memory is not None:
                memory.add(context.trace_id, context.span_id, ids)


def _read(name: str, value: Any, read: Callable[[Any], _Read]) -> _Read | None:
    try:
        return read(value)
    except BaseException as error:  # this is called in the middle of a request, which must go on
        if is_interrupt(error):
            raise
        what = f"{type(error).__name__}: {text_of_error(error)}"
        _log.log(name, logging.WARNING, 1, f"identify({name}=…) is ignored ({{count}} times), {what}")
        return None
