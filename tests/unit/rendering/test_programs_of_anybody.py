"""The renderer trusts nobody: a program that would read or write where it must not is refused when it is made."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import SpanKind
from support.both_ways import both_ways, renderer_with
from support.spans import GET, http_span

from opentelemetry_exporter_moesif.rendering import _renderer
from opentelemetry_exporter_moesif.rendering.characters import classes
from opentelemetry_exporter_moesif.rendering.renderer import _GIVEN

NAMES = tuple(GET)
OBJECTS = st.sampled_from([None, b"bytes", b"\xff\x80", {}, "text", (), ((), (1, b"")), len, 7])
INDEXES = st.integers(-3, 60) | st.sampled_from([2**31, 2**62, -(2**62)])
OPERATIONS = st.tuples(
    st.integers(-2, len(_renderer.OPERATIONS) + 2),
    INDEXES,
    st.integers(0, 2**32 - 1),
    INDEXES,
    OBJECTS,
    st.lists(INDEXES, max_size=3).map(tuple),
)


@pytest.mark.timeout(900)  # ten seconds where nobody else works
@given(operations=st.lists(OPERATIONS, max_size=6))
@settings(max_examples=1_500, deadline=None)
def test_any_operations_are_refused_or_can_be_run(operations: list[Any]) -> None:
    try:
        program = _renderer.Program(SpanKind.SERVER, "", "", NAMES, tuple(operations))
    except (ValueError, TypeError, OverflowError):
        return
    span = http_span()
    programs: dict[int, Any] = {}
    renderer = _renderer.Renderer(
        _GIVEN,
        classes(has_patterns=False),
        10,
        programs,
        lambda _span, key: programs.update({key: program}),
        lambda _resource: (b"", True),
        _renderer.Program,
    )
    for _ in range(2):
        inside, starts = renderer.render([span] * 20, {}, lambda _span: b"{}")  # more than are read at once
        assert len(starts) <= 20
        assert isinstance(inside, bytes)


@pytest.mark.parametrize(
    "arguments", [(), (1, "", "", (), ()), (SpanKind.SERVER, "", "", (7,), ()), (SpanKind.SERVER, "", "", (), (None,))]
)
def test_what_is_no_program_is_refused(arguments: tuple[Any, ...]) -> None:
    if arguments == (1, "", "", (), ()):
        assert _renderer.Program(*arguments)
        return
    with pytest.raises((TypeError, ValueError)):
        _renderer.Program(*arguments)


def test_classes_of_fewer_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        _renderer.Renderer(_GIVEN, b"", 10, {}, len, len, _renderer.Program)


@pytest.mark.parametrize("other", [int, object, type])
def test_programs_of_another_type_are_refused(other: Any) -> None:
    with pytest.raises(TypeError, match="own type"):
        _renderer.Renderer(_GIVEN, classes(has_patterns=False), 10, {}, len, len, other)


def test_an_interruption_goes_out_and_any_other_exception_gives_the_span_up() -> None:
    renderer, _ = renderer_with()
    spans = [http_span()] * 3

    def interrupted(_span: Any) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renderer.render(spans, {}, interrupted)
    assert both_ways(spans).given_up == []


def test_what_is_no_list_of_spans_is_the_mappings_to_refuse() -> None:
    renderer, _ = renderer_with()
    given_up: list[Any] = []
    renderer.render([None, 7, "text", object()], {}, given_up.append)
    assert len(given_up) == 4
    with pytest.raises(TypeError):
        renderer.render(7, {}, given_up.append)


def test_more_shapes_than_are_known_at_once_are_forgotten_and_learned_again() -> None:
    renderer, _ = renderer_with()
    for index in range(1_100):
        renderer.render([http_span({**GET, f"shop.part_{index}": "x"})], {}, lambda _span: None)
    assert len(renderer._programs) <= 1_024


def test_a_renderer_that_nobody_has_any_more_is_collected_with_all_that_it_knows() -> None:
    renderer, encoder = renderer_with()
    for _ in range(3):
        renderer.render([http_span(), http_span({"a": 1}, kind=SpanKind.INTERNAL)], {}, encoder.encode_span)
    kept = weakref.ref(renderer)
    del renderer, encoder
    gc.collect()

    assert kept() is None
