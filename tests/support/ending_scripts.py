"""Scripts that make a call, say that they are ready, and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from support.server_process import clean_environment

_TESTS = Path(__file__).parents[1]

_SET_UP = """
import os, signal, sys, threading, time
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.auto_instrumentation import after_instrumentation

if "COVERAGE_PROCESS_CONFIG" in os.environ:  # what a signal ends writes down nothing by itself
    from coverage import Coverage
    end_by = signal.raise_signal
    signal.raise_signal = lambda number: (Coverage.current().save(), end_by(number))

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
    time.sleep(600)
"""
#: A machine may be as slow as it likes within that; what a script must not wait for takes three times as long.
_LONGEST_SECONDS = 200.0


def run_script(
    code: str, url: str, *, signals: int = 1, between: Callable[[], object] = lambda: None, **environment: str
) -> tuple[int, str]:
    """Runs a script to the line that it is ready, and ends it with SIGTERM.

    Args:
        code: What follows `set_up`, `call` and `ready`.
        url: The collector.
        signals: How many SIGTERMs; 0 where the script ends by itself.
        between: Returns once the next one may be sent.
        environment: Further variables.

    Returns: exit status and standard error.

    Raises:
        TimeoutExpired: It did not end.
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
        for number in range(signals):
            if number:
                between()
            os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(timeout=_LONGEST_SECONDS)
        return process.returncode, said
    finally:
        process.kill()
