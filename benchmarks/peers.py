"""The exporter and what it is measured against, each as a function that takes one batch."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import requests
from moesifapi.configuration import Configuration
from moesifapi.models import EventModel, EventRequestModel, EventResponseModel
from moesifapi.moesif_api_client import MoesifAPIClient
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.delivery import compression
from opentelemetry_exporter_moesif.mapping import client_address

Event = Mapping[str, Any]

APPLICATION_ID = "benchmark-application-id"
_EVENT_MODEL_FIELDS = ("session_token", "user_id", "company_id", "metadata", "direction", "weight", "transaction_id")


def this_exporter(url: str, **settings: Any) -> MoesifSpanExporter:
    return MoesifSpanExporter(application_id=APPLICATION_ID, endpoint=f"{url}/v1/events/batch", **settings)


def mapping_alone(url: str) -> MoesifSpanExporter:
    """This exporter without the compiled renderer, as where there is none."""
    variable = "OTEL_EXPORTER_MOESIF_RENDERER"
    former = os.environ.get(variable)
    os.environ[variable] = "python"
    try:
        return this_exporter(url)
    finally:
        os.environ.pop(variable) if former is None else os.environ.update({variable: former})


def with_zlib(action: Callable[[], Any]) -> Any:
    """Does it with this exporter compressing by zlib, as where isal has no wheel."""
    usual, compression.library = compression.library, zlib
    try:
        return action()
    finally:
        compression.library = usual


def otlp_exporter(url: str) -> OTLPSpanExporter:
    return OTLPSpanExporter(endpoint=f"{url}/v1/traces", compression=Compression.Gzip)


def exporting(exporter: SpanExporter, batches: Sequence[Sequence[ReadableSpan]]) -> Callable[[], None]:
    """Exports the batches; a batch that is not delivered is no measurement."""

    def export() -> None:
        for batch in batches:
            if exporter.export(batch) is not SpanExportResult.SUCCESS:
                message = f"{type(exporter).__name__} did not deliver"
                raise RuntimeError(message)

    return export


def exporting_to_new_clients(
    exporter: MoesifSpanExporter, batches: Sequence[Sequence[ReadableSpan]]
) -> Callable[[], None]:
    """The same, each time with clients that this exporter has never seen: in a service new ones come all the time.

    What all clients say, such as what they accept, stays known: it is what a service hears all the time.
    """
    export = exporting(exporter, batches)
    renderer = exporter._encoder._renderer
    redaction = exporter._encoder._events.rules.redaction
    of_clients = {text for batch in batches for span in batch for text in _texts_of_client(span)}

    def export_anew() -> None:
        redaction.texts.harmless.difference_update(of_clients)
        for memory in (redaction.texts, redaction._is_id):
            for text in of_clients.intersection(memory):
                del memory[text]
        client_address.other_address.cache_clear()
        client_address.usual_address.cache_clear()
        if renderer is not None:
            renderer._compiler._memory.forget()
        export()

    return export_anew


def _texts_of_client(span: ReadableSpan) -> Iterator[str]:
    """What a span says of the one client alone; its credential is masked by its header's name."""
    attributes = span.attributes or {}
    yield str(attributes["enduser.id"])
    yield from attributes["http.request.header.x_forwarded_for"]  # type: ignore[misc]  # a tuple of one text


def posting_ready_events(url: str, batches: Sequence[Sequence[Event]], *, trust_env: bool = True) -> Callable[[], None]:
    """The floor: events that nobody had to make, encoded in one call, compressed and sent."""
    session = requests.Session()
    session.trust_env = trust_env
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    def post() -> None:
        for events in batches:
            body = gzip.compress(orjson.dumps(events), 1, mtime=0)
            session.post(f"{url}/v1/events/batch", data=body, headers=headers).raise_for_status()

    return post


def moesif_client(url: str, batches: Sequence[Sequence[Event]]) -> Callable[[], None]:
    """Moesif's own client: builds its models of values that are there already, then sends them."""
    Configuration.BASE_URI = url
    client = MoesifAPIClient(APPLICATION_ID).api

    def create() -> None:
        for events in batches:
            client.create_events_batch([_model(event) for event in events])

    return create


def _model(event: Event) -> EventModel:
    request, response = event["request"], event["response"]
    return EventModel(
        request=EventRequestModel(
            time=request["time"],
            uri=request["uri"],
            verb=request["verb"],
            headers=request["headers"],
            ip_address=request["ip_address"],
        ),
        response=EventResponseModel(time=response["time"], status=response["status"], headers=response["headers"]),
        **{name: event[name] for name in _EVENT_MODEL_FIELDS if name in event},
    )
