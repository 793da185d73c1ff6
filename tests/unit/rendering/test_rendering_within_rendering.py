"""What runs in the middle of a batch may render another one: another thread, a collected span, a signal that flushes."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from support.both_ways import renderer_with
from support.spans import GET, http_span

FASTAPI, FLASK = "opentelemetry.instrumentation.fastapi", "opentelemetry.instrumentation.flask"


def calls(scope: str, service: str, count: int = 20) -> list[ReadableSpan]:
    return [
        http_span(
            {**GET, "url.path": f"/items/{number}", "url.query": "q=%20" * (number % 3), "server.port": 8000 + number},
            instrumentation_scope=InstrumentationScope(scope, "1"),
            resource=Resource({"service.name": service}),
        )
        for number in range(count)
    ]


@contextmanager
def at_each_collection(render: Callable[[], Any]) -> Iterator[None]:
    """Renders in the middle of whatever makes Python collect garbage, which is nearly every statement."""
    is_within = False

    def called(phase: str, _info: dict[str, int]) -> None:
        nonlocal is_within
        if phase == "stop" and not is_within:
            is_within = True
            render()
            is_within = False

    threshold = gc.get_threshold()
    gc.callbacks.append(called)
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(called)


def test_threads_that_render_at_once_do_not_see_each_others_spans() -> None:
    renderer, encoder = renderer_with()
    batches = [calls((FLASK, FASTAPI)[number % 2], f"service {number}") for number in range(8)]
    expected = [b",\n".join(map(encoder.encode_span, batch)) for batch in batches]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # in the middle of every function that is asked
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(5):
                rendered = pool.map(lambda batch: renderer.render(batch, {}, encoder.encode_span).inside, batches)
                assert [*rendered] == expected
    finally:
        sys.setswitchinterval(interval)


def test_a_batch_is_whole_whatever_collections_render_in_between() -> None:
    renderer, encoder = renderer_with()
    batch = [span for pair in zip(calls(FLASK, "one"), calls(FASTAPI, "two"), strict=True) for span in pair]
    other = calls(FASTAPI, "three") + calls(FLASK, "four")
    expected, expected_of_other = (b",\n".join(map(encoder.encode_span, spans)) for spans in (batch, other))
    found: list[bytes] = []

    with at_each_collection(lambda: found.append(renderer.render(other, {}, encoder.encode_span).inside)):
        rendered = [renderer.render(batch, {}, encoder.encode_span).inside for _ in range(3)]

    assert rendered == [expected] * 3
    assert set(found) == {expected_of_other}


def test_a_batch_is_whole_where_the_mapping_of_a_span_renders_another_one() -> None:
    renderer, encoder = renderer_with()
    batch, other = calls(FLASK, "one"), calls(FASTAPI, "two")
    for place in (3, 4, 11):  # these are given up
        batch.insert(place, http_span({**GET, "moesif.part": "x"}))
    expected = b",\n".join(map(encoder.encode_span, batch))

    def encode(span: ReadableSpan) -> bytes | None:
        renderer.render(other, {}, encoder.encode_span)
        return encoder.encode_span(span)

    for _ in range(3):
        assert renderer.render(batch, {}, encode).inside == expected


@pytest.mark.parametrize("dropped", ["instrumentation_scope", "resource"])
def test_a_span_keeps_its_own_where_dropping_the_former_ones_renders_others(dropped: str) -> None:
    renderer, encoder = renderer_with()

    def call(scope: str, service: str) -> ReadableSpan:
        return http_span(
            {**GET, "url.path": "/a%25b"},  # which FastAPI's spans have decoded already, and Flask's have not
            instrumentation_scope=InstrumentationScope(scope, attributes={"a": 1}),
            resource=Resource({"service.name": service}),
        )

    former, span, other = call(FLASK, "former"), call(FLASK, "one"), call(FASTAPI, "other")
    expected = encoder.encode_span(span)
    renderer.render([call(FASTAPI, "any"), call(FLASK, "any"), former], {}, encoder.encode_span)
    found: list[bytes] = []
    weakref.finalize(
        getattr(former, dropped).attributes,
        lambda: found.append(renderer.render([other], {}, encoder.encode_span).inside),
    )
    del former

    assert renderer.render([span], {}, encoder.encode_span).inside == expected
    assert found == [encoder.encode_span(other)]
