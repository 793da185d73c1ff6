"""Code as users write it: checked by mypy and pyright in strict mode, never run."""

from __future__ import annotations

import requests
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from typing_extensions import assert_type

from opentelemetry_exporter_moesif import (
    OTEL_EXPORTER_MOESIF_APPLICATION_ID,
    Event,
    MoesifSpanExporter,
    __version__,
    identify,
)


def skip(span: ReadableSpan) -> bool:
    return span.name == "GET /health"


def user_of(span: ReadableSpan) -> str | None:
    return str((span.attributes or {}).get("app.user"))


def metadata_of(span: ReadableSpan) -> dict[str, object]:
    return {"name": span.name}


def mask_event(event: Event) -> Event | None:
    assert_type(event["request"]["uri"], str)
    assert_type(event["request"]["headers"], dict[str, str])
    if "response" in event:
        assert_type(event["response"]["status"], int)
    event["request"].pop("body", None)
    event["metadata"] = {"masked": True}
    return None if event.get("direction") == "Outgoing" else event


def set_up() -> TracerProvider:
    exporter: SpanExporter = MoesifSpanExporter(
        application_id="id",
        endpoint="https://api.moesif.net",
        timeout=2.5,
        headers={"X-Route": "a"},
        redact_headers=["+x-internal"],
        excluded_urls=("/health$",),
        capture_outgoing=True,
        max_payload_bytes=1_000_000,
        session=requests.Session(),
        meter_provider=NoOpMeterProvider(),
        skip=skip,
        mask_event=mask_event,
        identify_user=user_of,
        identify_company="myservice.hooks:company_of",
        get_metadata=metadata_of,
    )
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def from_the_environment() -> MoesifSpanExporter:
    return MoesifSpanExporter()


def flush(exporter: MoesifSpanExporter) -> bool:
    done = exporter.force_flush(timeout_millis=1_000)
    assert_type(done, bool)
    exporter.shutdown()
    return done


def serve() -> None:
    identify(user_id="ann", company_id="acme", metadata={"plan": "pro"})
    version: str = __version__
    print(version, OTEL_EXPORTER_MOESIF_APPLICATION_ID)


def mistakes() -> None:
    MoesifSpanExporter("id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    MoesifSpanExporter(aplication_id="id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    MoesifSpanExporter(skip=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    MoesifSpanExporter(mask_event=skip)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    identify(user="ann")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
