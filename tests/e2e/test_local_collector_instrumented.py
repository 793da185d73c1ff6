"""The local collector in a process whose Starlette is instrumented: its own POSTs are no calls."""

import subprocess
import sys

from support.server_process import clean_environment

SCRIPT = """
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
StarletteInstrumentor().instrument(tracer_provider=provider)

import requests
from opentelemetry_exporter_moesif.local_collector import LocalCollector

with LocalCollector() as collector:
    answer = requests.post(collector.url + "/v1/events/batch", json=[], headers={"X-Moesif-Application-Id": "x"})
    assert answer.status_code == 201
    assert requests.get(collector.url + "/static/nothing").status_code == 404
print(len(spans.get_finished_spans()))
"""


def test_what_arrives_at_the_collector_makes_no_spans_of_its_own():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("0\n", 0), done.stderr
