"""Ids that child spans and `identify()` leave for the SERVER span of their call.

Frameworks authenticate in child spans, and children end before their parents, perhaps batches before. So the ids of a
span that becomes no event move on to its parent's id, step by step, until the SERVER span takes them. No other call of
the same trace ever sees them.
"""

from __future__ import annotations

import itertools
import logging
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from opentelemetry.trace import get_current_span

from opentelemetry_exporter_moesif.encoding.held_bytes import held_bytes
from opentelemetry_exporter_moesif.encoding.hooks import id_answer, metadata_answer, text_of_error
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.mapping.identity import CHILD_ID_ATTRIBUTES, METADATA_PREFIX
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry_exporter_moesif.encoding.inbox import Inbox, Key

ROUTE = "http.route"
"""What an application that is mounted in another one tells beside."""

REPEATED = "repeated"
"""Says that another span has told this call already."""

_SAME_FIELD = {"enduser.id": "user.id"}

_IDS_TO_LOOK_THROUGH = 64
# What an id takes beside its name and its value: a tuple, its numbers, and its place in the list.
_ID_BYTES = 112

_Read = TypeVar("_Read")
_log = ThrottledLog()

_moments = itertools.count(1)
# No WeakSet: it raises where it is looked through while an exporter is made, and `identify` runs in requests.
_memories: list[weakref.ref[IdentityMemory]] = []


class Id(NamedTuple):
    """What was said of a call.

    Args:
        name: One of `CHILD_ID_ATTRIBUTES`, or an argument of `identify`.
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

    def counts_more_than(self, other: Id) -> bool:
        """A nearer one counts for more than one further down, a later one for more than an earlier one."""
        return (-self.depth, self.moment) > (-other.depth, other.moment)

    def deeper(self, depth: int) -> Id:
        """The same as it counts for a span further up."""
        return self._replace(depth=self.depth + depth) if self.depth else self


class IdentityMemory:
    """Ids by the span that they are for, until it is exported. Every method may be called by any thread.

    Args:
        inbox: Where they wait.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        _memories.append(weakref.ref(self, _memories.remove))

    def add(self, trace_id: int, span_id: int, ids: Mapping[str, Any]) -> None:
        """Remembers ids under a span's own id. A later value of one name replaces an earlier one.

        Args:
            trace_id: The span's trace.
            span_id: The span.
            ids: By the name of an attribute (``user.id``) or of an argument of `identify` (``user_id``).
        """
        self._add((trace_id, span_id), _said(ids, 0))

    def leave(
        self, key: Key, attributes: Mapping[str, Any], waiting: Iterable[Any], depth: int = 1, *, is_call: bool = False
    ) -> None:
        """Leaves for a span what was said by one inside it.

        Args:
            key: The outer span.
            attributes: Those of the inner one.
            waiting: What waited for the inner one.
            depth: How far inside it stood.
            is_call: The inner one is of an application that is mounted in another: its route is told as well.
        """
        ids = [each.deeper(depth) for each in _best(waiting)]
        names = (*CHILD_ID_ATTRIBUTES, ROUTE) if is_call else CHILD_ID_ATTRIBUTES
        ids.extend(_said({name: attributes[name] for name in names if _is_id(attributes.get(name))}, depth))
        self._add(key, ids)

    def _add(self, key: Key, ids: list[Id]) -> None:
        count = self._inbox.add(key, ids)
        # What is said in a loop is held once. Now and then: most calls have a handful of ids.
        if count // _IDS_TO_LOOK_THROUGH > (count - len(ids)) // _IDS_TO_LOOK_THROUGH:
            waiting = self._inbox.take(key)
            self._inbox.add(key, [*_best(waiting), *(each for each in waiting if not isinstance(each, Id))])


def values(waiting: Iterable[Any]) -> dict[str, Any]:
    """The ids among what waited for a span, by their names: the one that counts for most of each field."""
    return {each.name: each.value for each in _best(waiting)}


def _said(ids: Mapping[str, Any], depth: int) -> list[Id]:
    moment = next(_moments)
    depths = {name: depth for name in (*CHILD_ID_ATTRIBUTES, ROUTE) if name in ids}
    return [Id(name, value, moment, depths.get(name, 0), _size(name, value)) for name, value in ids.items()]


def _size(name: str, value: Any) -> int:
    """The bytes that an id takes. Every id shares the name of its field; the names of metadata are made for each."""
    return _ID_BYTES + held_bytes(value) + (held_bytes(name) if name.startswith(METADATA_PREFIX) else 0)


def _best(waiting: Iterable[Any]) -> list[Id]:
    """One id a field, the one that counts for most."""
    best: dict[str, Id] = {}
    for each in waiting:
        if not isinstance(each, Id):
            continue
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
    """Says whose call is being served.

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
    values = {
        "user_id": user_id,
        "company_id": company_id,
        "subscription_id": subscription_id,
        "session_token": session_token,
    }
    ids: dict[str, Any] = {name: text for name, value in values.items() if (text := _read(name, value, id_answer))}
    # A key each, so that the last value of each holds.
    more = _read("metadata", metadata, metadata_answer) or {}
    ids.update({f"{METADATA_PREFIX}{name}": value for name, value in more.items()})
    if ids:
        for memory in _live_memories():
            memory.add(context.trace_id, context.span_id, ids)


def note_repeated(trace_id: int, span_id: int) -> None:
    """Notes that a span tells a call that another one has told already: it makes no event."""
    for memory in _live_memories():
        memory.add(trace_id, span_id, {REPEATED: True})


def _live_memories() -> list[IdentityMemory]:
    memories = [reference() for reference in tuple(_memories)]
    return [memory for memory in memories if memory is not None]


def _read(name: str, value: Any, read: Callable[[Any], _Read]) -> _Read | None:
    try:
        return read(value)
    except BaseException as error:  # this is called in the middle of a request, which must go on
        if is_interrupt(error):
            raise
        what = f"{type(error).__name__}: {text_of_error(error)}"
        _log.log(name, logging.WARNING, 1, f"identify({name}=…) is ignored ({{count}} times), {what}")
        return None
