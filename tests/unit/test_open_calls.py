"""The calls that are being answered: known while they are open, and in no child of the process that answers them."""

import os
import sys
import tracemalloc

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.open_calls import OpenCalls


@pytest.fixture
def calls() -> OpenCalls:
    return OpenCalls()


@pytest.fixture
def tracer(calls):
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(calls)
    return provider.get_tracer("test")


@pytest.mark.parametrize(
    ("kind", "is_open"), [(SpanKind.SERVER, True), (SpanKind.CONSUMER, True), (SpanKind.INTERNAL, False)]
)
def test_a_call_is_open_until_its_span_ends(calls, tracer, kind, is_open):
    span = tracer.start_span("GET /", kind=kind)
    assert bool(calls) is is_open

    span.end()
    assert not calls


def test_an_end_waits_for_no_call_longer_than_told(calls, tracer):
    span = tracer.start_span("GET /stream", kind=SpanKind.SERVER)

    calls.wait(0.01)

    assert calls
    span.end()


def test_spans_that_nobody_ends_take_no_more_memory_than_a_few_thousand(calls, tracer):
    spans_of_nobody = 50_000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(spans_of_nobody):
        tracer.start_span("GET /", kind=SpanKind.SERVER)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert held < spans_of_nobody * sys.getsizeof(2**64)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_does_not_wait_for_the_calls_of_its_parent(calls, tracer):
    span = tracer.start_span("GET /", kind=SpanKind.SERVER)

    child = os.fork()
    if not child:
        os.kill(os.getpid(), 9) if calls else os.execv(sys.executable, [sys.executable, "-c", ""])
    _, status = os.waitpid(child, 0)
    span.end()

    assert status == 0
