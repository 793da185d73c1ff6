"""Which calls are being answered just now. An end that comes in the middle of one lets it come to its own end first.

The answer of a call has left, as a rule, a little before its span has ended: whoever ends a service right after its
last answer would lose that call.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import SpanKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

_LOOK_SECONDS = 0.002

# Some spans are never ended: more than these are forgotten, and an end waits for none of them.
_MOST_OPEN = 10_000

_ANSWERS = frozenset((SpanKind.SERVER, SpanKind.CONSUMER))


class OpenCalls(SpanProcessor):
    """Knows the calls that have begun in this process and not ended."""

    # Without a lock: a span may begin or end in the middle of any statement, and each step here is whole by itself.

    def __init__(self) -> None:
        self._in_each_process: Callable[[], bool] | None = None
        self._done_in = self._process = self._ended_in = os.getpid()
        self._open: set[int] = set()

    def once_in_each_process(self, work: Callable[[], bool]) -> None:
        """Has something done where a span begins, in its thread, until it answers that it is done in this process."""
        self._in_each_process, self._done_in = work, -1

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """See `SpanProcessor`."""
        del parent_context
        process = os.getpid()
        if self._process != process:
            self._process, self._open = process, set()
        if self._done_in != process and self._in_each_process is not None and self._in_each_process():
            self._done_in = process
        if span.kind in _ANSWERS and span.context is not None:
            if len(self._open) >= _MOST_OPEN:
                self._open.clear()
            self._open.add(span.context.span_id)

    def on_end(self, span: ReadableSpan) -> None:
        """See `SpanProcessor`."""
        if self._ended_in != self._process:
            self._ended_in = self._process
        if self._open and span.context is not None:
            self._open.discard(span.context.span_id)

    @property
    def has_known_none(self) -> bool:
        """Whether no span at all has ended since this process was forked."""
        return self._ended_in != os.getpid()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._open) and self._process == os.getpid()

    def wait(self, seconds: float) -> None:
        """Waits until there is none, for so many seconds at most: a stream may stay open for ever."""
        end = time.monotonic() + seconds
        while self and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)


open_calls = OpenCalls()
"""Those of this process, once a tracer provider has it among its processors."""
