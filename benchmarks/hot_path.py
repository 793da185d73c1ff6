"""What each step on a call's way costs: the exporter's own functions, each over the spans of a batch, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section
from benchmarks.rounds import Spread, interleaved
from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.delivery import compression
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.mapping.client_address import client_address
from opentelemetry_exporter_moesif.mapping.identity import identity
from opentelemetry_exporter_moesif.mapping.metadata import attribute_metadata
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of, headers_of
from opentelemetry_exporter_moesif.mapping.times import iso_time
from opentelemetry_exporter_moesif.mapping.uri import request_uri

Step = tuple[Callable[..., Any], Sequence[tuple[Any, ...]]]

NOTHING = "an empty call"


def measure(*, quick: bool) -> Section:
    spans = workload.server_spans(4 * workload.BATCH)[-workload.BATCH :]
    steps = _steps(spans)
    rounds = 15 if quick else 101
    with collector_process() as collector:
        exporter = peers.this_exporter(collector.url)
        actions = {name: _repeated(*step) for name, step in steps.items()}
        actions |= _of_a_batch(exporter, spans)
        timings = interleaved(actions, rounds)
        share = _share_rendered(exporter, spans)
        exporter.shutdown()
    a_call = 1e6 / len(spans)
    # The processor's time, and its lower quartile: another process can make a step longer, and nothing can make it shorter.
    costs = {name: Spread.of(timing.processor).scaled(a_call).low for name, timing in timings.items()}
    nothing = costs.pop(NOTHING)
    rows = [{"": name, "µs a call": round(cost - (nothing if name in steps else 0), 2)} for name, cost in costs.items()]
    return Section(
        "hot_path",
        "What does each step cost?",
        rows,
        [
            f"Of each line of one step, {nothing:.2f} µs are taken off: the loop's own.",
            f"{share:.1%} of these spans are rendered; the steps are those of the mapping.",
        ],
    )


def _repeated(step: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    def run() -> None:
        for each in arguments:
            step(*each)

    return run


def _steps(spans: Sequence[Any]) -> dict[str, Step]:
    config = resolve_config({"application_id": peers.APPLICATION_ID}, {})
    rules = mapping_rules(config)
    encoder = Encoder(config)
    attributes = [attributes_of(span) for span in spans]
    scope = spans[0].instrumentation_scope
    shapes = [rules.shapes.of(scope, each) for each in attributes]
    headers = [headers_of(each, shape.request) for each, shape in zip(attributes, shapes, strict=True)]
    uris = [request_uri(each, shape, "", rules.redaction) for each, shape in zip(attributes, shapes, strict=True)]
    events = [span_to_event(span, rules) for span in spans]
    with_shape = list(zip(attributes, shapes, strict=True))
    return {
        NOTHING: (lambda _: None, [(each,) for each in spans]),
        "attributes copied": (attributes_of, [(span,) for span in spans]),
        "shape looked up": (rules.shapes.of, [(scope, each) for each in attributes]),
        "headers of the request": (headers_of, [(each, shape.request) for each, shape in with_shape]),
        "headers of the response": (headers_of, [(each, shape.response) for each, shape in with_shape]),
        "URI": (request_uri, [(*pair, "", rules.redaction) for pair in with_shape]),
        "secrets out of the URI": (rules.redaction.uri, [(uri,) for uri in uris]),
        "client's address": (
            client_address,
            [(*each, rules.proxies) for each in zip(headers, attributes, shapes, strict=True)],
        ),
        "both times": (lambda *times: [*map(iso_time, times)], [(span.start_time, span.end_time) for span in spans]),
        "who it was": (identity, [(each, shape.ids, {}, {}, rules.identity_readers) for each, shape in with_shape]),
        "metadata of attributes": (attribute_metadata, [(each, shape.metadata) for each, shape in with_shape]),
        "secrets out of the event": (rules.redaction.envelope, [(event,) for event in events]),
        "= mapping, all of it": (span_to_event, [(span, rules) for span in spans]),
        "JSON": (encode, [(event,) for event in events]),
        "= span to JSON": (encoder.encode_span, [(span,) for span in spans]),
    }


def _share_rendered(exporter: Any, spans: Sequence[Any]) -> float:
    given_up: list[Any] = []
    exporter._encoder._renderer.render(spans, {}, given_up.append)
    return 1 - len(given_up) / len(spans)


def _of_a_batch(exporter: Any, spans: Sequence[Any]) -> dict[str, Callable[[], Any]]:
    encode = Encoder(resolve_config({"application_id": peers.APPLICATION_ID}, {})).encode_span

    def encode_all() -> list[bytes]:
        return [encode(span) for span in spans]

    renderer = exporter._encoder._renderer
    for _ in range(10):  # until the shapes have programs
        exporter.export(spans)

    payload = b"[" + b",\n".join(encode_all()) + b"]"

    return {
        "= batch to JSON, by the mapping": encode_all,
        "= batch to JSON, rendered": lambda: renderer.render(spans, {}, encode),
        "gzip by isal": lambda: compression.gzip(payload),
        "gzip by zlib": lambda: peers.with_zlib(lambda: compression.gzip(payload)),
        "= export, with isal": lambda: exporter.export(spans),
        "= export, with zlib": lambda: peers.with_zlib(lambda: exporter.export(spans)),
    }
