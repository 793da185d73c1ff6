"""Scripts that make a call, say that they are ready, and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support.server_process import clean_environment

_TESTS = Path(__file__).parents[1]

_SET_UP = """
import signal, sys, threading, time
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.auto_instrumentation import after_instrumentation

def set_up(**settings):
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(MoesifSpanExporter(application_id="an-id", endpoint=sys.argv[1], **settings)))
    trace.set_tracer_provider(provider)

def call():
    attributes = {"http.request.method": "GET", "url.path": "/", "http.response.status_code": 200}
    with trace.get_tracer("test").start_as_current_span("GET /", kind=trace.SpanKind.SERVER, attributes=attributes):
        pass

def ready():
    print("ready", flush=True)
    time.sleep(60)
"""


def run_script(
    code: str, url: str, *, signals: int = 1, pause: float = 0.0, **environment: str
) -> tuple[int, float, str]:
    """Runs a script to the line that it is ready, and ends it with SIGTERM.

    Args:
        code: What follows `set_up`, `call` and `ready`.
        url: The collector.
        signals: How many SIGTERMs; 0 where the script ends by itself.
        pause: Seconds after each.
        environment: Further variables.

    Returns: exit status, seconds from the (last) signal to the end, and standard error.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _SET_UP + code, url],
        env=clean_environment(**environment) | {"PYTHONPATH": str(_TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        for _ in range(signals):
            os.kill(process.pid, signal.SIGTERM)
            time.sleep(pause)
        began = time.monotonic()
        _, said = process.communicate(timeout=60)
        return process.returncode, time.monotonic() - began, said
    finally:
        process.kill()
