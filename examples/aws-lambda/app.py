"""A function behind an API Gateway. It is frozen as soon as it has answered, so nothing may be left to a thread."""

import json

from opentelemetry import trace
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from opentelemetry_exporter_moesif import MoesifSpanExporter


class FlushingSpanProcessor(SimpleSpanProcessor):
    """Exports each span as it ends, and flushes the exporter too: the SDK's processors do not pass a flush on.

    The instrumentation flushes the provider after each call. While Moesif answers, nothing is left to do then.
    """

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.span_exporter.force_flush(timeout_millis)


provider = TracerProvider(resource=Resource.create())
provider.add_span_processor(FlushingSpanProcessor(MoesifSpanExporter()))
trace.set_tracer_provider(provider)


def handler(event: dict, _context: object) -> dict:
    # An API Gateway is always reached over TLS, which the instrumentation does not record for its newer event format.
    trace.get_current_span().set_attribute("http.scheme", "https")
    item = event.get("pathParameters", {}).get("item_id")
    status = 200 if item == "7" else 404
    body = {"id": 7, "name": "chair"} if status == 200 else {"error": "no such item"}
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


# Wraps the function that Lambda's _HANDLER names, so it comes after that function.
AwsLambdaInstrumentor().instrument()
