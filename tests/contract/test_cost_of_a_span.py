"""What a span costs, counted in calls: noise cannot fail it, and a slip in the hot path cannot pass."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanKind
from support.faulty_server import FaultyServer
from support.steps import calls_within
from support.versions import IS_RECENT

from opentelemetry_exporter_moesif import MoesifSpanExporter, rendering

CALL = {
    "http.request.method": "GET",
    "url.scheme": "https",
    "server.address": "api.shop.example",
    "server.port": 8000,
    "url.query": "page=2&limit=25",
    "client.address": "10.0.3.17",
    "client.port": 40_476,
    "network.protocol.version": "1.1",
    "user_agent.original": "ShopApp/7.3.1",
    "http.route": "/items/<int:item_id>",
    "http.request.header.host": ("api.shop.example",),
    "http.request.header.user_agent": ("ShopApp/7.3.1",),
    "http.request.header.accept": ("application/json",),
    "http.request.header.accept_encoding": ("gzip",),
    "http.request.header.x_forwarded_for": ("203.0.113.9, 10.0.0.1",),
    "http.request.header.x_forwarded_proto": ("https",),
    "http.request.header.authorization": ("Bearer opaque",),
    "enduser.id": "user-7",
    "http.response.status_code": 200,
    "http.response.header.content_type": ("application/json",),
    "http.response.header.content_length": ("20",),
}
FEW, MANY = 100, 300

# Counted: 92 for a call and 8 for a span that is passed over, with Python 3.10 to 3.13, of which 26 and 6 are the SDK's
# (two more with the oldest), and 8 ask each header whether it is ASCII. The bounds leave room for a further source or
# two, and none for a second look at each attribute.
CALLS_OF_A_CALL = 95
CALLS_OF_ANOTHER_SPAN = 10 if IS_RECENT else 12
# Rendered, neither takes any; a value that has not come before is asked about.
CALLS_WHERE_RENDERED = 0.1


class Collected(SpanProcessor):
    """Keeps what the SDK hands to exporters."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


def spans(kind: SpanKind, attributes: dict[str, Any]) -> list[ReadableSpan]:
    provider = TracerProvider(shutdown_on_exit=False)
    collected = Collected()
    provider.add_span_processor(collected)
    tracer = provider.get_tracer("opentelemetry.instrumentation.flask")
    for index in range(MANY):
        tracer.start_span("GET /items/<int:item_id>", kind=kind, attributes=_at_path(attributes, index)).end()
    return collected.spans


def _at_path(attributes: dict[str, Any], index: int) -> dict[str, Any]:
    return {**attributes, "url.path": f"/items/{index}"} if "http.request.method" in attributes else attributes


def exporter_with(renderer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MoesifSpanExporter]:
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_RENDERER", renderer)
    with FaultyServer() as server:
        exporter = MoesifSpanExporter(application_id="an-id", endpoint=f"{server.url}/v1")
        yield exporter
        exporter.shutdown()


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[MoesifSpanExporter]:
    """An exporter whose every span is the mapping's."""
    yield from exporter_with("python", monkeypatch)


@pytest.fixture
def rendering_exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[MoesifSpanExporter]:
    yield from exporter_with("auto", monkeypatch)


def count_calls(exporter: MoesifSpanExporter, batch: Sequence[ReadableSpan]) -> int:
    """The calls of functions that one export takes."""
    results: list[SpanExportResult] = []
    count = calls_within(lambda: results.append(exporter.export(batch)))
    assert results == [SpanExportResult.SUCCESS]
    return count


def calls_of_one_more(exporter: MoesifSpanExporter, batch: list[ReadableSpan]) -> float:
    """What is the same for each POST cancels out."""
    for _ in range(2):  # what is remembered is known by then
        exporter.export(batch)
    return (count_calls(exporter, batch) - count_calls(exporter, batch[:FEW])) / (MANY - FEW)


def test_a_call_takes_few_calls_of_functions(exporter: MoesifSpanExporter) -> None:
    taken = calls_of_one_more(exporter, spans(SpanKind.SERVER, CALL))

    assert taken <= CALLS_OF_A_CALL


def test_a_span_that_is_passed_over_takes_next_to_none(exporter: MoesifSpanExporter) -> None:
    taken = calls_of_one_more(exporter, spans(SpanKind.INTERNAL, {"asgi.event.type": "http.response.body"}))

    assert taken <= CALLS_OF_ANOTHER_SPAN


def test_a_further_attribute_of_text_takes_no_call_at_all(exporter: MoesifSpanExporter) -> None:
    more = {f"shop.part_{index}": "x" for index in range(100)}

    taken = calls_of_one_more(exporter, spans(SpanKind.SERVER, CALL | more))

    assert taken <= calls_of_one_more(exporter, spans(SpanKind.SERVER, CALL)) + 1


needs_the_renderer = pytest.mark.skipif(
    rendering.compiled() is None and shutil.which("cc") is None, reason="there is no compiler for the renderer"
)


@needs_the_renderer
@pytest.mark.parametrize(
    ("kind", "attributes"), [(SpanKind.SERVER, CALL), (SpanKind.INTERNAL, {"asgi.event.type": "http.response.body"})]
)
def test_a_rendered_span_takes_no_call_at_all(
    rendering_exporter: MoesifSpanExporter, kind: SpanKind, attributes: dict[str, Any]
) -> None:
    assert calls_of_one_more(rendering_exporter, spans(kind, attributes)) <= CALLS_WHERE_RENDERED
