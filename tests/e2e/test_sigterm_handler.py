"""The hook of `opentelemetry-instrument`, in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support.faulty_server import FaultyServer
from support.server_process import clean_environment

TESTS = Path(__file__).parents[1]

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


def _run(code: str, url: str, *, signals: int = 1, pause: float = 0.0, **environment: str) -> tuple[int, float, str]:
    """Exit status, seconds from the (last) signal to the end, and standard error."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SET_UP + code, url],
        env=clean_environment(**environment) | {"PYTHONPATH": str(TESTS)},
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


def test_sigterm_flushes_and_the_process_still_ends_by_the_signal() -> None:
    with FaultyServer() as server:
        status, _, _ = _run("set_up(); after_instrumentation(); call(); ready()", server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_a_handler_of_the_applications_own_stays() -> None:
    code = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
set_up(); after_instrumentation(); call(); ready()
"""
    with FaultyServer() as server:
        assert _run(code, server.url)[0] == 7
        assert len(server.arrived) == 1  # by atexit


def test_a_second_sigterm_ends_the_process_at_once() -> None:
    with FaultyServer(["hang before reading"] * 9) as server:
        code = "set_up(shutdown_timeout=30); after_instrumentation(); call(); ready()"
        status, seconds, _ = _run(code, server.url, signals=2, pause=0.5)
        assert status == -signal.SIGTERM
        assert seconds < 10  # the flush would take 30


def test_a_lock_that_the_interrupted_thread_holds_hinders_no_flush() -> None:
    code = """
set_up(); after_instrumentation(); call()
lock = threading.Lock()
flush = trace.get_tracer_provider().shutdown
def shutdown():
    flush()
    with lock:
        pass
trace.get_tracer_provider().shutdown = shutdown
from opentelemetry_exporter_moesif import auto_instrumentation
auto_instrumentation._FLUSH_SECONDS = 10.0
lock.acquire()
ready()
"""
    with FaultyServer() as server:
        status, _, _ = _run(code, server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_the_setting_turns_the_handler_off() -> None:
    with FaultyServer() as server:
        code = "set_up(); after_instrumentation(); call(); ready()"
        status, _, _ = _run(code, server.url, OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM="false")
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 0


def test_where_no_exporter_was_made_nothing_is_touched_and_outside_the_main_thread_neither() -> None:
    code = """
after_instrumentation()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
set_up()
thread = threading.Thread(target=after_instrumentation)
thread.start()
thread.join()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
ready()
"""
    with FaultyServer() as server:
        assert _run(code, server.url)[0] == -signal.SIGTERM


def test_one_error_names_the_distro_where_nothing_configured_the_sdk() -> None:
    with FaultyServer() as server:
        code = "after_instrumentation(); ready()"
        _, _, said = _run(code, server.url, OTEL_TRACES_EXPORTER="console, moesif")
        assert said.count("opentelemetry-distro") == 1
        for settings in (
            {"OTEL_TRACES_EXPORTER": "console"},
            {"OTEL_TRACES_EXPORTER": "moesif", "OTEL_SDK_DISABLED": "true"},
        ):
            assert "opentelemetry-distro" not in _run(code, server.url, **settings)[2]
        assert "distro" not in _run("set_up();" + code, server.url, OTEL_TRACES_EXPORTER="moesif")[2]
