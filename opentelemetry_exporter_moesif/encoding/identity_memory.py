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
from typing import TYPE_CHECKING, Any, TypeVar

from opentelemetry.trace import get_current_span

from opentelemetry_exporter_moesif.encoding.hooks import id_answer, metadata_answer
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.mapping.identity import METADATA_PREFIX
from opentelemetry_exporter_moesif.telemetry import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.sdk.trace import ReadableSpan

ID_ATTRIBUTES = frozenset(("user.id", "enduser.id", "company.id", "session.id"))
"""The attributes that are read from a span that becomes no event."""

_NO_ID_IN = ID_ATTRIBUTES.isdisjoint

_MAX_SPANS = 10_000

_Read = TypeVar("_Read")
_log = ThrottledLog()

_Key = tuple[int, int]
# A name of `ID_ATTRIBUTES`, or an argument of `identify`, to its value and the moment that it was given.
_Ids = dict[str, tuple[int, Any]]

_moments = itertools.count()
# No WeakSet: it raises where it is looked through while an exporter is made, and `identify` runs in requests.
_memories: list[weakref.ref[IdentityMemory]] = []


class IdentityMemory:
    """A bounded map from (trace id, span id) to the ids found for that span. Every method may be called by any thread.

    Args:
        max_spans: Ids of at most this many spans are held; the oldest are forgotten first.
    """

    def __init__(self, max_spans: int = _MAX_SPANS) -> None:
        self._max_spans = max_spans
        # All of it; for others to see whether it is empty without a call, as it is for most spans.
        self.by_span: dict[_Key, _Ids] = {}
        self._lock = threading.Lock()
        _memories.append(weakref.ref(self, _memories.remove))
        start_anew_after_fork(self)

    def __len__(self) -> int:
        return len(self.by_span)

    def add(self, trace_id: int, span_id: int, ids: Mapping[str, Any]) -> None:
        """Remember ids under a span's own id. A later value of one name replaces an earlier one.

        Args:
            trace_id: The span's trace.
            span_id: The span.
            ids: By the name of an attribute (``user.id``) or of an argument of `identify` (``user_id``).
        """
        moment = next(_moments)
        self._merge((trace_id, span_id), {name: (moment, value) for name, value in ids.items()})

    def take(self, trace_id: int, span_id: int) -> dict[str, Any]:
        """Return the ids found for a span, and forget them. Empty where there are none."""
        with self._lock:
            found = self.by_span.pop((trace_id, span_id), None)
        return {} if found is None else {name: value for name, (_, value) in found.items()}

    def pass_over(self, span: ReadableSpan) -> None:
        """Move the ids of a span that becomes no event, and those found for it, to its parent, unless that is remote.

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
        attributes = span.attributes or {}
        self.move_to_parent(span, {name: attributes[name] for name in ID_ATTRIBUTES if name in attributes})

    def move_to_parent(self, span: ReadableSpan, ids: Mapping[str, Any]) -> None:
        """Move `ids`, and what was found for `span`, to its parent, unless that is remote."""
        context, parent = span.context, span.parent
        if context is None:
            return
        with self._lock:
            found = self.by_span.pop((context.trace_id, context.span_id), None)
        if parent is None or parent.is_remote or not (found or ids):
            return
        moment = next(_moments)
        # The span's own ids count for more than those from further down.
        own = {name: (moment, value) for name, value in ids.items()}
        self._merge((parent.trace_id, parent.span_id), {**(found or {}), **own})

    def _merge(self, key: _Key, ids: _Ids) -> None:
        with self._lock:
            found = self.by_span.setdefault(key, {})
            for name, given in ids.items():
                known = found.get(name)
                # What was said last holds, although a child's ids arrive here only when the child is exported.
                if known is None or known[0] <= given[0]:
                    found[name] = given
            while len(self.by_span) > self._max_spans:
                del self.by_span[next(iter(self.by_span))]

    def after_fork(self) -> None:
        """Forget everything: the spans are those of the parent."""
        self._lock = threading.Lock()
        self.by_span = {}


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
    told = _read("metadata", metadata, metadata_answer) or {}
    ids.update({f"{METADATA_PREFIX}{name}": value for name, value in told.items()})
    if ids:
        for reference in tuple(_memories):
            memory = reference()
            if memory is not None:
                memory.add(context.trace_id, context.span_id, ids)


def _read(name: str, value: Any, read: Callable[[Any], _Read]) -> _Read | None:
    try:
        return read(value)
    except Exception as error:  # noqa: BLE001 - this is called in the middle of a request, which must go on
        text = f"identify({name}=…) is ignored ({{count}} times), {type(error).__name__}: {error}"
        _log.log(name, logging.WARNING, 1, text)
        return None
