"""Ids from child spans and `identify()`: to their own call's span, from any batch, and to no other."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import sys
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context

from opentelemetry_exporter_moesif import identify
from opentelemetry_exporter_moesif.encoding.identity_memory import IdentityMemory, values
from opentelemetry_exporter_moesif.encoding.inbox import Inbox
from opentelemetry_exporter_moesif.encoding.notices import NoCallWarning
from opentelemetry_exporter_moesif.encoding.other_spans import OtherSpans
from opentelemetry_exporter_moesif.mapping.identity import METADATA_PREFIX


class Memory:
    """What waits for spans, and the two things that are done with it: a call takes it, another span passes it on."""

    def __init__(self, **bounds: int) -> None:
        self.inbox = Inbox(**bounds)
        self.identities = IdentityMemory(self.inbox)
        self.add = self.identities.add

    def __len__(self) -> int:
        return len(self.inbox.by_span)

    def take(self, trace_id: int, span_id: int) -> dict[str, Any]:
        return values(self.inbox.take((trace_id, span_id)))

    def pass_over(self, span: ReadableSpan) -> None:
        OtherSpans(self.inbox, None, NoCallWarning()).pass_over(span, [span])


class PassingOver(SpanExporter):
    """Does with each span what the exporter does with one that is no call, in the thread in which it ends."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.count = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            self._memory.pass_over(span)
            self.count += 1
        return SpanExportResult.SUCCESS


@pytest.fixture
def finished() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(finished: InMemorySpanExporter) -> trace.Tracer:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(finished))
    return provider.get_tracer("test")


@pytest.fixture
def memory() -> Memory:
    return Memory()


def found_for(memory: Memory, spans: tuple[ReadableSpan, ...]) -> dict[str, dict]:
    """What each SERVER span takes when the spans are exported in this order, by its name."""
    taken = {}
    for span in spans:
        if span.kind is SpanKind.SERVER:
            taken[span.name] = memory.take(span.context.trace_id, span.context.span_id)
        else:
            memory.pass_over(span)
    return taken


def test_the_ids_of_a_child_span_reach_the_server_span_along_the_chain(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER), tracer.start_as_current_span("middleware"):
        with tracer.start_as_current_span("authenticate") as span:
            span.set_attributes({"user.id": "u", "company.id": "c", "session.id": "s", "enduser.id": "e", "other": 1})
        with tracer.start_as_current_span("work"):
            pass

    assert found_for(memory, finished.get_finished_spans()) == {
        "server": {"user.id": "u", "company.id": "c", "session.id": "s"}
    }
    assert len(memory) == 0


def test_a_nearer_span_counts_for_more_than_one_further_down(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with (
        tracer.start_as_current_span("server", kind=SpanKind.SERVER),
        tracer.start_as_current_span("near", attributes={"user.id": "near"}),
        tracer.start_as_current_span("far", attributes={"user.id": "far", "company.id": "far"}),
    ):
        pass

    assert found_for(memory, finished.get_finished_spans())["server"] == {"user.id": "near", "company.id": "far"}


def test_a_nearer_span_counts_for_more_also_where_one_further_down_ended_later(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER):
        with tracer.start_as_current_span("authenticate", attributes={"enduser.id": "near", "company.id": " "}):
            pass
        with (
            tracer.start_as_current_span("work"),
            tracer.start_as_current_span("seller", attributes={"user.id": "far", "company.id": "far"}),
        ):
            pass

    assert found_for(memory, finished.get_finished_spans())["server"] == {"enduser.id": "near", "company.id": "far"}


def test_of_two_spans_at_the_same_depth_the_later_one_counts_for_more(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER):
        for user in ("first", "second"):
            with tracer.start_as_current_span("authenticate", attributes={"user.id": user}):
                pass

    assert found_for(memory, finished.get_finished_spans())["server"] == {"user.id": "second"}


def test_no_other_call_of_the_same_trace_sees_them(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with (
        tracer.start_as_current_span("outer", kind=SpanKind.SERVER),
        tracer.start_as_current_span("call", kind=SpanKind.CLIENT) as call,
    ):
        local = call.get_span_context()
        remote = SpanContext(local.trace_id, local.span_id, True, TraceFlags(TraceFlags.SAMPLED))
        context = set_span_in_context(NonRecordingSpan(remote))
        with (
            tracer.start_as_current_span("inner", context, SpanKind.SERVER),
            tracer.start_as_current_span("authenticate", attributes={"user.id": "of inner"}),
        ):
            pass
        # The parent of this one is in another process: nothing here may claim its ids.
        with tracer.start_as_current_span("consumer", context, attributes={"user.id": "of nobody here"}):
            pass

    assert found_for(memory, finished.get_finished_spans()) == {"inner": {"user.id": "of inner"}, "outer": {}}
    assert len(memory) == 0


def test_identify_reaches_the_server_span_from_inside_child_spans(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER) as server:
        identify(company_id="c")
        with tracer.start_as_current_span("child"), tracer.start_as_current_span("grandchild"):
            identify(user_id=7, subscription_id="sub", session_token="t", metadata={"plan": "gold"})
    assert "user_id" not in server.attributes

    assert found_for(memory, finished.get_finished_spans())["server"] == {
        "company_id": "c",
        "user_id": "7",
        "subscription_id": "sub",
        "session_token": "t",
        "metadata plan": "gold",
    }
    for span in finished.get_finished_spans():
        assert dict(span.attributes) == {}


def test_what_is_identified_last_holds_although_the_childs_ids_arrive_later(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER):
        with tracer.start_as_current_span("child"):
            identify(user_id="first", metadata={"a": 1, "b": 1})
        identify(user_id="last", metadata={"b": 2})

    assert found_for(memory, finished.get_finished_spans())["server"] == {
        "user_id": "last",
        "metadata a": 1,
        "metadata b": 2,
    }


def test_identify_works_in_coroutines_and_in_threads_that_have_the_context(
    memory: Memory, tracer: trace.Tracer, finished: InMemorySpanExporter
) -> None:
    async def serve(name: str) -> None:
        with tracer.start_as_current_span(name, kind=SpanKind.SERVER):
            await asyncio.sleep(0)
            identify(user_id=f"user of {name}")
            await asyncio.to_thread(identify, company_id=f"company of {name}")

    async def serve_all() -> None:
        await asyncio.gather(*(serve(name) for name in "abc"))

    asyncio.run(serve_all())

    assert found_for(memory, finished.get_finished_spans()) == {
        name: {"user_id": f"user of {name}", "company_id": f"company of {name}"} for name in "abc"
    }


def test_a_thread_without_the_context_identifies_nothing(memory: Memory, tracer: trace.Tracer) -> None:
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER):
        thread = threading.Thread(target=contextvars.Context().run, args=(identify,), kwargs={"user_id": "u"})
        thread.start()
        thread.join()

    assert len(memory) == 0


def test_identify_without_a_sampled_span_does_nothing(memory: Memory) -> None:
    identify(user_id="u")
    remote = SpanContext(1, 2, True, TraceFlags(TraceFlags.SAMPLED))
    with trace.use_span(NonRecordingSpan(remote)):
        identify(user_id="u")
    with TracerProvider(sampler=ALWAYS_OFF).get_tracer("x").start_as_current_span("x"):
        identify(user_id="u")

    assert len(memory) == 0


def test_identify_with_nothing_to_say_says_nothing(memory: Memory, tracer: trace.Tracer) -> None:
    with tracer.start_as_current_span("server"):
        identify()
        identify(user_id="", company_id=None, metadata={})

    assert len(memory) == 0


@pytest.mark.parametrize(
    "said",
    [
        {"user_id": ["u"]},
        {"company_id": {"c": 1}},
        {"subscription_id": b"s"},
        {"session_token": True},
        {"metadata": 5},
        {"metadata": ["plan"]},
        {"metadata": "plan=pro"},
    ],
    ids=lambda said: "-".join(f"{name} {type(value).__name__}" for name, value in said.items()),
)
def test_what_is_no_id_and_no_mapping_is_left_out_and_the_request_goes_on(
    said: dict, memory: Memory, tracer: trace.Tracer, caplog: pytest.LogCaptureFixture
) -> None:
    with tracer.start_as_current_span("server") as span:
        identify(**said)
        identify(user_id="u")

    assert memory.take(span.context.trace_id, span.context.span_id) == {"user_id": "u"}
    assert all("identify(" in record.getMessage() for record in caplog.records)


def test_metadata_are_kept_as_they_were_when_they_were_said(memory: Memory, tracer: trace.Tracer) -> None:
    plan = {"seats": [1], "ratio": float("nan"), "none": None}
    with tracer.start_as_current_span("server") as span:
        identify(user_id=17, metadata={"plan": plan, "none": None, "nan": float("nan")})
        plan["seats"].append(2)

    found = memory.take(span.context.trace_id, span.context.span_id)
    assert found == {"user_id": "17", "metadata plan": {"seats": [1], "ratio": None, "none": None}}


def test_spans_made_by_hand_without_attributes_or_context_are_passed_over(memory: Memory) -> None:
    memory.add(1, 2, {"user.id": "u"})
    context = SpanContext(1, 2, is_remote=False)

    memory.pass_over(ReadableSpan("no context", attributes={"user.id": "u"}))
    memory.pass_over(ReadableSpan("neither"))
    memory.pass_over(ReadableSpan("no attributes", context, SpanContext(1, 3, is_remote=False)))

    assert memory.take(1, 3) == {"user.id": "u"}
    assert len(memory) == 0


def test_each_of_two_exporters_is_told(tracer: trace.Tracer, finished: InMemorySpanExporter) -> None:
    memories = [Memory(), Memory()]
    with tracer.start_as_current_span("server", kind=SpanKind.SERVER):
        identify(user_id="u")

    for memory in memories:
        assert found_for(memory, finished.get_finished_spans()) == {"server": {"user_id": "u"}}


def test_the_memory_of_an_exporter_that_is_gone_is_gone_too(tracer: trace.Tracer) -> None:
    memory = Memory()
    del memory
    gc.collect()

    with tracer.start_as_current_span("server"):
        identify(user_id="u")  # there is nobody to tell


def test_the_oldest_are_forgotten_when_the_memory_is_full() -> None:
    memory = Memory(max_spans=3)
    for number in range(5):
        memory.add(1, number, {"user.id": str(number)})

    assert len(memory) == 3
    assert memory.take(1, 1) == {}
    assert memory.take(1, 4) == {"user.id": "4"}


def test_many_threads_may_use_it_at_once(memory: Memory) -> None:
    def use(trace_id: int) -> None:
        for span_id in range(500):
            memory.add(trace_id, span_id, {"user.id": str(span_id)})
            assert memory.take(trace_id, span_id) == {"user.id": str(span_id)}

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(memory) == 0


def test_what_is_held_is_bounded_in_bytes_the_names_of_metadata_included() -> None:
    memory = Memory(max_bytes=1_000_000)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(1, 3000):
        said = {f"{METADATA_PREFIX}{'x' * 500}{number}-{index}": f"{number}" for index in range(3)}
        memory.add(2**126 + number, 2**62 + number, said)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert 900_000 < held < 1_100_000
    assert len(memory.take(2**126 + 2999, 2**62 + 2999)) == 3


def test_what_is_said_in_a_loop_is_held_once() -> None:
    memory = Memory(max_bytes=100_000)
    memory.add(1, 1, {"user_id": "of another call"})
    for number in range(10_000):
        memory.add(1, 2, {"user_id": f"user-{number}", "company_id": "c"})

    assert memory.take(1, 2) == {"user_id": "user-9999", "company_id": "c"}
    assert memory.take(1, 1) == {"user_id": "of another call"}


def test_nothing_is_counted_that_is_not_held() -> None:
    memory = Memory(max_spans=5)

    def use(trace_id: int) -> None:
        for number in range(400):
            memory.add(trace_id, number % 7, {"user_id": str(number), "metadata a": {"b": [number]}})
            memory.take(1, number % 5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, [1, 2] * 4))
    for key in list(memory.inbox.by_span):
        memory.take(*key)

    assert (len(memory), memory.inbox.held.total) == (0, 0)


def test_a_span_that_ends_in_a_garbage_collection_within_identify_is_exported_all_the_same() -> None:
    """A cursor that nobody reads to its end, in a cycle: it is freed at some allocation, in this very thread."""
    exporter = PassingOver(Memory())
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")

    def stream() -> Iterator[int]:
        cursor = tracer.start_span("cursor", attributes={"enduser.id": "ada"})
        try:
            yield 1
        finally:
            cursor.end()

    def abandon() -> None:
        stream_ = stream()
        next(stream_)
        cycle: list[object] = [stream_]
        cycle.append(cycle)

    thresholds = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        with tracer.start_as_current_span("call", kind=SpanKind.SERVER):
            for number in range(300):
                abandon()
                identify(user_id=f"user-{number}", metadata={"a": number})
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()

    assert exporter.count == 301


def test_what_identify_says_last_counts_however_deep_inside_the_call_it_was_said(memory: Memory) -> None:
    call, inner = SpanContext(1, 2, is_remote=False), SpanContext(1, 3, is_remote=False)
    memory.add(1, 2, {"user_id": "said first"})
    memory.add(1, 3, {"user_id": "said last"})

    memory.pass_over(ReadableSpan("inner", context=inner, parent=call))

    assert memory.take(1, 2) == {"user_id": "said last"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_starts_with_an_empty_memory_although_it_was_being_changed(memory: Memory) -> None:
    memory.add(1, 2, {"user.id": "of the parent"})
    with memory.inbox._making_room, memory.inbox.held._summing:
        child = os.fork()
        if child == 0:
            clean = memory.take(1, 2) == {}
            memory.add(3, 4, {"user.id": "u"})
            counted = memory.inbox.held.total > 0
            os._exit(0 if clean and counted and len(memory) == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert memory.take(1, 2) == {"user.id": "of the parent"}


def test_identify_goes_on_while_other_threads_make_and_drop_exporters(tracer: trace.Tracer, memory: Memory) -> None:
    ended = threading.Event()

    def make_and_drop() -> None:
        while not ended.is_set():
            [Memory() for _ in range(50)]

    crowd = [Memory(max_spans=1) for _ in range(500)]  # so many that the others come in between for sure
    others = threading.Thread(target=make_and_drop)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    others.start()
    try:
        with tracer.start_as_current_span("call") as span:
            for _ in range(250):
                identify(user_id="u1")
    finally:
        ended.set()
        others.join()
        sys.setswitchinterval(interval)

    context = span.get_span_context()
    assert all(one.take(context.trace_id, context.span_id) == {"user_id": "u1"} for one in (memory, *crowd))
