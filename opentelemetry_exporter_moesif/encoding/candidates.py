"""Spans of HTTP server instrumentations that were not given the kind SERVER, and which of them are calls all the same.

OpenTelemetry's instrumentations make their span INTERNAL whenever some local span is current. That is right for an
application that is mounted in another one. It is wrong where the command that serves has a span of its own (contrib's
instrumentation of click keeps one open for as long as the process lives), where uvicorn reads the next request of a
connection in the context of the one before, or where a worker opens a span around a server. So such a span is a
candidate, until it is known what its parent is:

| its parent | the candidate |
|---|---|
| is a call, or another candidate, that was still running when it started | is nested: its ids go to the outer call |
| is a call, or another candidate, that had ended before | is a call of its own |
| is another span | asks that one's parent; at a root, and under a remote parent, it is a call of its own |
| has not arrived 15 s later (an outer call ends just after an inner one) | is a call: its parent is the program |
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.encoding.candidate import Ancestry, Candidate, DecidedCall, Ended, key_of
from opentelemetry_exporter_moesif.encoding.held_bytes import Ledger
from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

    from opentelemetry_exporter_moesif.encoding.identity_memory import IdentityMemory
    from opentelemetry_exporter_moesif.encoding.inbox import Inbox, Key
    from opentelemetry_exporter_moesif.encoding.notices import ProgramNotice
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies

SECONDS_TO_WAIT = 15.0
_MOST_WAITING = 2_000
_MOST_BYTES_WAITING = 8 * 1024 * 1024
_MOST_KNOWN = 10_000


class Candidates:
    """Decides which candidates are calls. Every method may be called by any thread, and none waits for another.

    Args:
        inbox: Where they wait, by the span that they ask.
        identities: Where the ids of a nested one go.
        notice: Told of those whose parent is the program.
        clock: Seconds that never go back.

    Attributes:
        is_active: A candidate was seen in this process. Before, nothing is kept of any span.
        calls: Candidates that are calls, to be encoded by whoever comes by.
        held: The bytes of those that wait.
    """

    def __init__(
        self,
        inbox: Inbox,
        identities: IdentityMemory,
        notice: ProgramNotice,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._identities = identities
        self._notice = notice
        self._clock = clock
        self.after_fork()
        inbox.on_dropped = self._drop
        start_anew_after_fork(self, only_at_once=True)

    def after_fork(self) -> None:
        """Forgets everything: the spans are those of the parent."""
        self.is_active = False
        self.calls: deque[DecidedCall] = deque()
        self._ended: dict[Key, Ended] = {}
        self._programs: dict[Key, None] = {}
        self._waiting: deque[Candidate] = deque()
        self.held = Ledger()

    def note_call(self, span: ReadableSpan) -> None:
        """Notes that a SERVER span ended. It comes before its own turn, and that of the candidates inside it."""
        key, parent = key_of(span.context), span.parent
        ancestry = Ancestry.REMOTE if parent is not None and parent.is_remote else Ancestry.ROOT
        self._note(key, Ended(span.end_time or 0, None, ancestry))
        self._programs.pop(key, None)

    def add(self, span: ReadableSpan, attributes: Mapping[str, Any], bodies: CapturedBodies | None) -> None:
        """Takes a candidate that ended.

        Args:
            span: It has a context.
            attributes: Those of the span.
            bodies: What was captured of its bodies.
        """
        candidate = Candidate.of(span, attributes, bodies, self._clock() + SECONDS_TO_WAIT)
        self.held.add(candidate.size)
        key = key_of(span.context)
        self._note(key, Ended(span.end_time or 0, span.parent, None))
        self.ask_again(self._take(key))  # those inside it ended, and so came, before
        self._ask(candidate, span.parent)
        if not candidate.is_decided:
            self._waiting.append(candidate)
            self._decide_while(lambda _oldest: self._is_too_full())

    def ask_again(self, waiting: Iterable[Any]) -> None:
        """Decides on what waited for a call, or another candidate, that has arrived."""
        for candidate in waiting:
            if isinstance(candidate, Candidate):
                self._ask_ended(candidate, candidate.asks)

    def move_on(self, waiting: Iterable[Any], span: ReadableSpan) -> None:
        """Has what waited for a span that is no call ask that one's parent."""
        for candidate in waiting:
            if isinstance(candidate, Candidate):
                candidate.depth += 1
                self._ask(candidate, span.parent, span.name)

    def seconds_left(self) -> float | None:
        """How long the next one still waits; None where none does."""
        self._decide_while(lambda _candidate: False)
        with suppress(IndexError):
            return max(0.0, self._waiting[0].until - self._clock())
        return None

    def decide_due(self) -> None:
        """Decides on those that have waited long enough."""
        now = self._clock()
        self._decide_while(lambda candidate: candidate.until <= now)

    def decide_all(self) -> None:
        """Decides on all that wait, by what is known."""
        self._decide_while(lambda _candidate: True)

    def _is_too_full(self) -> bool:
        return len(self._waiting) >= _MOST_WAITING or self.held.total > _MOST_BYTES_WAITING

    def _ask(self, candidate: Candidate, parent: SpanContext | None, asked: str | None = None) -> None:
        """Decides by a parent, if it is known; else the candidate waits for it. `asked` is the name of the last one."""
        if parent is None:
            self._call(candidate, Ancestry.ROOT, asked)
        elif parent.is_remote:
            self._call(candidate, Ancestry.REMOTE, asked)
        else:
            self._ask_ended(candidate, key_of(parent))

    def _ask_ended(self, candidate: Candidate, key: Key) -> None:
        asked: set[Key] = set()
        while key not in asked:
            asked.add(key)
            if key in self._programs:
                self._call(candidate, Ancestry.PROGRAM)
                return
            ended = self._ended.get(key)
            if ended is None:
                self._wait(candidate, key)
                return
            if (candidate.span.start_time or 0) < ended.end_time:
                self._nest(candidate, key)
                return
            if ended.ancestry is not None:
                self._call(candidate, ended.ancestry)
                return
            # The parent was a candidate itself and had ended before: what that one asks tells of both.
            parent = ended.parent
            if parent is None or parent.is_remote:
                self._ask(candidate, parent)
                return
            key = key_of(parent)
        self._call(candidate, Ancestry.ROOT)  # spans that are each other's parents, as no tracer makes them

    def _wait(self, candidate: Candidate, key: Key) -> None:
        candidate.asks = key
        self._inbox.add(key, [candidate])
        # It may have arrived in another thread just now, before there was anything to be found for it.
        if key in self._ended or key in self._programs:
            self.ask_again(self._take(key))

    def _take(self, key: Key) -> list[Candidate]:
        """The candidates that wait for a span. Ids that wait for it go on waiting."""
        waiting = self._inbox.take(key)
        self._inbox.add(key, [each for each in waiting if not isinstance(each, Candidate)])
        return [each for each in waiting if isinstance(each, Candidate)]

    def _nest(self, candidate: Candidate, key: Key) -> None:
        self._settle(candidate)
        inside = self._inbox.take(key_of(candidate.span.context))
        self._identities.leave(key, candidate.attributes, inside, candidate.depth, is_call=True)

    def _call(self, candidate: Candidate, ancestry: Ancestry, outermost: str | None = None) -> None:
        self._settle(candidate)
        ended = self._ended.get(key_of(candidate.span.context))
        if ended is not None:
            ended.ancestry = ancestry
        is_in_program = key_of(candidate.span.parent) in self._programs
        if is_in_program or outermost is not None:
            self._notice.count(outermost)
        self.calls.append(candidate.as_call(ancestry, keep_parent=not is_in_program))

    def _settle(self, candidate: Candidate) -> None:
        if not candidate.is_decided:
            candidate.is_decided = True
            self.held.add(-candidate.size)

    def _note(self, key: Key, ended: Ended) -> None:
        self._ended[key] = ended
        _forget_the_oldest(self._ended)

    def _decide_while(self, is_due: Callable[[Candidate], bool]) -> None:
        while self._waiting:
            try:
                candidate = self._waiting.popleft()
            except IndexError:  # another thread was faster
                return
            if candidate.is_decided:
                continue
            if not is_due(candidate):
                self._waiting.appendleft(candidate)
                return
            self._decide_with_all_that_ask_the_same(candidate)

    def _decide_with_all_that_ask_the_same(self, candidate: Candidate) -> None:
        waiting = self._take(candidate.asks)
        if waiting:
            self._programs[candidate.asks] = None
            _forget_the_oldest(self._programs)
            self.ask_again(waiting)

    def _drop(self, items: Iterable[Any]) -> None:
        """Ids of a span made room for others; what may be a call is one from now on."""
        for each in items:
            if isinstance(each, Candidate):
                self._call(each, Ancestry.PROGRAM)


def _forget_the_oldest(known: dict[Key, Any]) -> None:
    while len(known) > _MOST_KNOWN:
        # The first key cannot be told while another thread adds one: that thread comes by here as well.
        with suppress(StopIteration, RuntimeError, KeyError):
            del known[next(iter(known))]
