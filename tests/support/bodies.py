"""What the tests of body capture share: an exporter that takes the bodies of each span as it is exported."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler
from opentelemetry.trace import Span, SpanKind

from opentelemetry_exporter_moesif.capture import opening
from opentelemetry_exporter_moesif.capture.store import BodyStore
from opentelemetry_exporter_moesif.mapping.body import CapturedBodies


class TakingExporter(SpanExporter):
    """Takes bodies from the store as the exporter does: at the end of each span, or when `release` is called."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.captures: list[CapturedBodies | None] = []
        self.spans: list[ReadableSpan] = []
        self._at_once = at_once
        self._arrived = threading.Condition()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._arrived:
            self.spans.extend(spans)
            if self._at_once:
                self._take(spans)
            self._arrived.notify_all()
        return SpanExportResult.SUCCESS

    def release(self) -> None:
        """Take the bodies of all spans that were exported so far, as a batch does some seconds later."""
        self._take(self.spans)

    def one(self, timeout: float = 5.0) -> CapturedBodies | None:
        """Returns: what was captured of the one call that was made, as soon as its span has ended."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: any(span.kind is SpanKind.SERVER for span in self.spans), timeout)
        if not self._at_once:
            self.release()
        (capture,) = self.captures
        return capture

    def _take(self, spans: Sequence[ReadableSpan]) -> None:
        self.captures += [
            opening.take(span.context.trace_id, span.context.span_id) for span in spans if span.kind is SpanKind.SERVER
        ]


@contextmanager
def tracing(exporter: SpanExporter, sampler: Sampler = ALWAYS_ON) -> Iterator[TracerProvider]:
    """A tracer provider of its own, for one test."""
    provider = TracerProvider(sampler=sampler)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield provider
    finally:
        provider.shutdown()


@contextmanager
def open_store(max_bytes: int = 1_000_000, body_max_bytes: int = 1000) -> Iterator[BodyStore]:
    """The store of the process, open for one test."""
    opening.open_store(max_bytes=max_bytes, body_max_bytes=body_max_bytes)
    opened = opening.current_store()
    assert opened is not None
    try:
        yield opened
    finally:
        opening.close_store()


def a_call(provider: TracerProvider) -> AbstractContextManager[Span]:
    """A call being served: its SERVER span is the current one."""
    return provider.get_tracer("test").start_as_current_span("call", kind=SpanKind.SERVER)
