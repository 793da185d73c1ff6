"""Weights: from the attribute, the provider's sampler, the threshold; never a wrong one; and unbiased."""

from __future__ import annotations

import random
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_ON,
    ParentBased,
    ParentBasedTraceIdRatio,
    Sampler,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from opentelemetry_exporter_moesif.mapping.weight import (
    UNKNOWN_SAMPLING,
    HeadSampling,
    draw,
    read_sampler,
    round_unbiased,
    sampling_weight,
)

SAMPLED = TraceFlags(TraceFlags.SAMPLED)


def weight_of(span: ReadableSpan, head: HeadSampling) -> float:
    return sampling_weight(span, span.attributes or {}, head)


def context(ot: str | None = None, *, remote: bool = False) -> SpanContext:
    state = TraceState([("ot", ot), ("vendor", "x")]) if ot else TraceState()
    return SpanContext(random.getrandbits(128), random.getrandbits(64), remote, SAMPLED, state)


def span(
    attributes: dict[str, Any] | None = None,
    *,
    ot: str | None = None,
    parent: SpanContext | None = None,
    kind: SpanKind = SpanKind.SERVER,
) -> ReadableSpan:
    return ReadableSpan(name="x", context=context(ot), parent=parent, attributes=attributes, kind=kind)


def test_an_attribute_of_the_span_says_its_weight() -> None:
    assert weight_of(span({"moesif.weight": 7}, ot="th:8"), HeadSampling(0.5)) == 7
    assert weight_of(span({"moesif.weight": "2.5"}), UNKNOWN_SAMPLING) == 2.5


@pytest.mark.parametrize("weight", [0, -1, 0.5, True, "many", float("nan"), float("inf"), 1e300, 2**53, (1,)])
def test_an_attribute_that_is_no_weight_is_passed_by(weight: Any) -> None:
    assert weight_of(span({"moesif.weight": weight}, ot="th:8"), UNKNOWN_SAMPLING) == 2


@pytest.mark.parametrize(
    ("sampler", "known"),
    [
        (TraceIdRatioBased(0.25), HeadSampling(0.25)),
        (TraceIdRatioBased(1), HeadSampling(1.0)),
        (ParentBased(TraceIdRatioBased(0.3)), HeadSampling(0.3, root_only=True)),
        (ParentBasedTraceIdRatio(1e-05), HeadSampling(1e-05, root_only=True)),
        (ALWAYS_ON, HeadSampling(1.0)),
        (TraceIdRatioBased(0), UNKNOWN_SAMPLING),
        (ALWAYS_OFF, UNKNOWN_SAMPLING),
        (DEFAULT_ON, UNKNOWN_SAMPLING),
        (ParentBased(ALWAYS_OFF, remote_parent_sampled=TraceIdRatioBased(0.5)), UNKNOWN_SAMPLING),
    ],
    ids=lambda value: value.get_description()[:40] if isinstance(value, Sampler) else None,
)
def test_the_descriptions_of_the_sdks_own_samplers_are_read(sampler: Sampler, known: HeadSampling) -> None:
    assert read_sampler(sampler.get_description()) == known


@pytest.mark.parametrize(
    "description",
    ["", "TraceIdRatioBased{x}", "TraceIdRatioBased{nan}", "TraceIdRatioBased{2}", "My{TraceIdRatioBased{0.1}}"],
)
def test_of_any_other_sampler_nothing_is_known(description: str) -> None:
    assert read_sampler(description) == UNKNOWN_SAMPLING


def test_a_ratio_sampler_weighs_every_server_span_whatever_its_parent() -> None:
    head = HeadSampling(0.25)

    assert weight_of(span(), head) == 4
    assert weight_of(span(parent=context(remote=True)), head) == 4
    assert weight_of(span(parent=context()), head) == 4


def test_a_parent_based_sampler_weighs_only_what_it_decided_itself() -> None:
    head = HeadSampling(0.25, root_only=True)

    assert weight_of(span(), head) == 4
    assert weight_of(span(parent=context()), head) == 4
    assert weight_of(span(parent=context(remote=True)), head) == 1
    assert weight_of(span(parent=context("th:8", remote=True)), head) == 2
    # The local parent of an outgoing call may have a remote parent, and nothing on the span tells.
    assert weight_of(span(parent=context(), kind=SpanKind.CLIENT), head) == 1


@pytest.mark.parametrize(
    ("ot", "weight"),
    [("th:8", 2), ("th:c", 4), ("rv:0123456789abcd;th:c", 4), ("th:0", 1), ("th:fff", 4096), ("th:8000000000000", 2)],
)
def test_the_threshold_in_the_tracestate_tells_the_probability(ot: str, weight: float) -> None:
    assert weight_of(span(ot=ot), UNKNOWN_SAMPLING) == weight
    assert weight_of(span(parent=context(ot, remote=True)), UNKNOWN_SAMPLING) == weight


@pytest.mark.parametrize("ot", ["th:", "th:xyz", "th:fffffffffffffff", "rv:8", "th", "p:8", "th:ffffffffffffff"])
def test_a_threshold_that_is_none_weighs_nothing(ot: str) -> None:
    assert weight_of(span(ot=ot), UNKNOWN_SAMPLING) == 1


def test_the_threshold_of_a_parent_counts_only_where_it_is_remote_and_the_span_has_no_entry_of_its_own() -> None:
    assert weight_of(span(parent=context("th:8")), UNKNOWN_SAMPLING) == 1
    assert weight_of(span(ot="rv:0123456789abcd", parent=context("th:8", remote=True)), UNKNOWN_SAMPLING) == 1
    assert weight_of(span(ot="th:c", parent=context("th:8", remote=True)), UNKNOWN_SAMPLING) == 4


def served(sampler: Sampler, calls: int, parents: random.Random | None = None) -> list[ReadableSpan]:
    """The spans of so many calls that a sampler of the SDK kept."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for _ in range(calls):
        tracer.start_span("call", None, SpanKind.SERVER).end()
    return list(exporter.get_finished_spans())


def test_opentelemetrys_own_probability_samplers_are_weighed_by_their_threshold() -> None:
    experimental = pytest.importorskip(
        "opentelemetry.sdk.trace._sampling_experimental", reason="this SDK has no probability samplers yet"
    )
    sampler = experimental.composite_sampler(
        experimental.composable_parent_threshold(experimental.composable_traceid_ratio_based(0.25))
    )
    calls = 4000

    spans = served(sampler, calls)
    weights = {weight_of(each, read_sampler(sampler.get_description())) for each in spans}

    assert weights == {4.0}
    # Six standard deviations.
    assert abs(4 * len(spans) - calls) < 6 * (calls * 3) ** 0.5


def test_a_service_behind_a_probability_sampler_weighs_by_its_callers_threshold() -> None:
    experimental = pytest.importorskip(
        "opentelemetry.sdk.trace._sampling_experimental", reason="this SDK has no probability samplers yet"
    )
    (caller,) = served(experimental.composite_sampler(experimental.composable_traceid_ratio_based(1)), 1)
    remote = SpanContext(caller.context.trace_id, caller.context.span_id, True, SAMPLED, TraceState([("ot", "th:c")]))
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(0.5)))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    parent = set_span_in_context(NonRecordingSpan(remote))

    provider.get_tracer("test").start_span("call", parent, SpanKind.SERVER).end()
    (kept,) = exporter.get_finished_spans()

    assert weight_of(kept, read_sampler(provider.sampler.get_description())) == 4


def test_a_service_that_keeps_everything_does_not_weigh_by_a_threshold_that_is_not_its_own() -> None:
    inherited = span(ot="th:c", parent=context("th:c", remote=True))

    assert weight_of(inherited, read_sampler(ALWAYS_ON.get_description())) == 1


@pytest.mark.parametrize("rate", [30, 67, 99, 12.5])
def test_the_sum_of_the_weights_is_the_number_of_calls(rate: float) -> None:
    calls = 100_000
    numbers = random.Random(4711)
    total = 0
    for _ in range(calls):
        trace_id, span_id = numbers.getrandbits(128), numbers.getrandbits(64)
        if draw(b"sampling", trace_id, span_id) * 100 < rate:
            total += round_unbiased(100 / rate, trace_id, span_id)

    assert abs(total - calls) < calls / 100


def test_a_weight_is_the_same_whenever_its_span_is_exported() -> None:
    assert {round_unbiased(2.5, 1, 2) for _ in range(10)} == {round_unbiased(2.5, 1, 2)}
    assert {round_unbiased(2.5, 1, number) for number in range(50)} == {2, 3}
    assert round_unbiased(3.0, 1, 2) == 3


def test_the_draws_for_sampling_and_rounding_are_independent() -> None:
    numbers = random.Random(4711)
    pairs = [(numbers.getrandbits(128), numbers.getrandbits(64)) for _ in range(4000)]
    both = sum(draw(b"sampling", *ids) < 0.5 and draw(b"rounding", *ids) < 0.5 for ids in pairs)

    # A quarter of them, give or take six standard deviations.
    assert abs(both - 1000) < 6 * (4000 * 3 / 16) ** 0.5
