"""The hook of `opentelemetry-instrument`, in processes of its own."""

from __future__ import annotations

import signal
import time

import pytest
from support.ending_scripts import run_script
from support.faulty_server import FaultyServer

# What ends a flush but the `shutdown_timeout`: so late that no test would wait for it.
_PATIENT = "from opentelemetry_exporter_moesif import process_end; process_end._MOST_SECONDS = 600.0\n"


def test_sigterm_flushes_and_the_process_still_ends_by_the_signal() -> None:
    with FaultyServer() as server:
        status, _ = run_script("set_up(); after_instrumentation(); call(); ready()", server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_a_handler_of_the_applications_own_stays() -> None:
    code = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
set_up(); after_instrumentation(); call(); ready()
"""
    with FaultyServer() as server:
        assert run_script(code, server.url)[0] == 7
        assert len(server.arrived) == 1  # by atexit


def test_a_second_sigterm_ends_the_process_at_once() -> None:
    with FaultyServer(["hang before reading"] * 9) as server:

        def flushes() -> None:
            while not server.connections:
                time.sleep(0.01)

        code = f"{_PATIENT}set_up(shutdown_timeout=600); after_instrumentation(); call(); ready()"
        status, _ = run_script(code, server.url, signals=2, between=flushes)
        assert status == -signal.SIGTERM


def test_a_lock_that_the_interrupted_code_gives_back_costs_no_call() -> None:
    """Logging's, a thread pool's, the application's own: a flush may need it before it can do anything."""
    code = """
set_up(shutdown_timeout=30); after_instrumentation(); call()
lock = threading.Lock()
flush = trace.get_tracer_provider().shutdown
def shutdown():
    with lock:
        flush()
trace.get_tracer_provider().shutdown = shutdown
with lock:
    print("ready", flush=True)
    time.sleep(2)
time.sleep(600)
"""
    with FaultyServer() as server:
        status, _ = run_script(code, server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_a_lock_that_nobody_gives_back_holds_the_end_up_for_the_shutdown_timeout_and_no_longer() -> None:
    code = """
set_up(shutdown_timeout=2); after_instrumentation(); call()
lock = threading.Lock()
flush = trace.get_tracer_provider().shutdown
def shutdown():
    flush()
    with lock:
        pass
trace.get_tracer_provider().shutdown = shutdown
lock.acquire()
ready()
"""
    with FaultyServer() as server:
        status, _ = run_script(_PATIENT + code, server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_a_main_thread_that_starts_threads_all_the_time_is_flushed_too() -> None:
    """`threading` holds a lock while it starts one, and a flush that starts another so would wait for ever."""
    code = """
set_up(shutdown_timeout=30); after_instrumentation(); call()
print("ready", flush=True)
with threading._active_limbo_lock:
    time.sleep(2)
time.sleep(600)
"""
    with FaultyServer() as server:
        status, _ = run_script(code, server.url)
        assert status == -signal.SIGTERM
        assert len(server.arrived) == 1


@pytest.mark.parametrize("end", ["pass", "sys.exit(5)", "os._exit(5)", "raise KeyError"])
def test_a_server_that_goes_on_to_its_end_during_the_flush_waits_for_it(end: str) -> None:
    """uvicorn does: it raises the signal itself, as the last thing of all. The first import of what sends takes long."""
    code = """
import os
set_up(shutdown_timeout=30); after_instrumentation(); call()
export = MoesifSpanExporter.export
def slow_export(exporter, spans):
    time.sleep(3)
    return export(exporter, spans)
MoesifSpanExporter.export = slow_export
print("ready", flush=True)
signal.raise_signal(signal.SIGTERM)
"""
    with FaultyServer() as server:
        status, said = run_script(code + end, server.url, signals=0)
        assert status == -signal.SIGTERM, said
        assert len(server.arrived) == 1


def test_a_signal_during_the_flush_of_the_end_waits_for_it() -> None:
    code = """
set_up(shutdown_timeout=30); after_instrumentation(); call()
export = MoesifSpanExporter.export
def slow_export(exporter, spans):
    print("ready", flush=True)
    time.sleep(3)
    return export(exporter, spans)
MoesifSpanExporter.export = slow_export
"""
    with FaultyServer() as server:
        status, said = run_script(code, server.url)
        assert status == -signal.SIGTERM, said
        assert len(server.arrived) == 1


def test_who_puts_the_default_action_back_gets_it_after_the_flush() -> None:
    """gunicorn's UvicornWorker does, and every asyncio loop that had a handler and is closed."""
    code = """
set_up(); after_instrumentation(); call()
before = signal.signal(signal.SIGTERM, lambda *_: None)
assert signal.signal(signal.SIGTERM, before) is not before
assert signal.signal(signal.SIGTERM, signal.SIG_DFL) is signal.SIG_DFL
ready()
"""
    with FaultyServer() as server:
        assert run_script(code, server.url)[0] == -signal.SIGTERM
        assert len(server.arrived) == 1


def test_the_application_sees_the_handlers_that_it_would_see_without_us() -> None:
    """Some call what was there before, where that can be called: the default action cannot."""
    code = """
import inspect
def seen():
    mine = lambda *_: None
    found = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)]
    for handler in (signal.SIG_IGN, signal.SIG_DFL, mine, 0, signal.SIG_DFL):
        found.append(signal.signal(signal.SIGTERM, handler))
        found.append(signal.getsignal(signal.SIGTERM))
    for wrong in (None, "SIGTERM", object()):
        try:
            signal.signal(signal.SIGTERM, wrong)
        except Exception as error:
            found.append((type(error), str(error)))
    return [mine if value is mine else value for value in map(lambda value: "mine" if value is mine else value, found)]
before = seen(), signal.signal.__name__, signal.signal.__module__, str(inspect.signature(signal.signal))
set_up(); after_instrumentation()
assert (seen(), signal.signal.__name__, signal.signal.__module__, str(inspect.signature(signal.signal))) == before
ready()
"""
    with FaultyServer() as server:
        status, said = run_script(code, server.url)
        assert status == -signal.SIGTERM, said


def test_the_setting_turns_the_handler_off() -> None:
    with FaultyServer() as server:
        code = "set_up(); after_instrumentation(); call(); ready()"
        status, _ = run_script(code, server.url, OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM="false")
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
        assert run_script(code, server.url)[0] == -signal.SIGTERM


def test_one_error_names_the_distro_where_nothing_configured_the_sdk() -> None:
    with FaultyServer() as server:
        code = "after_instrumentation(); ready()"
        _, said = run_script(code, server.url, OTEL_TRACES_EXPORTER="console, moesif")
        assert said.count("opentelemetry-distro") == 1
        for settings in (
            {"OTEL_TRACES_EXPORTER": "console"},
            {"OTEL_TRACES_EXPORTER": "moesif", "OTEL_SDK_DISABLED": "true"},
        ):
            assert "opentelemetry-distro" not in run_script(code, server.url, **settings)[1]
        assert "distro" not in run_script("set_up();" + code, server.url, OTEL_TRACES_EXPORTER="moesif")[1]


@pytest.mark.parametrize("missed", [0, 2])
def test_a_call_that_is_interrupted_comes_to_its_end_and_arrives(missed: int) -> None:
    """Its answer may have left already. Then the signal ends the process as it would have.

    One that comes just when the main thread enters a sleep does not wake it.
    """
    code = f"""
import os
missed, kill = iter(range({missed})), os.kill
os.kill = lambda process, number: kill(process, number) if next(missed, None) is None else None
from opentelemetry_exporter_moesif import ending_signals
ending_signals._STILL_SECONDS = 60.0
set_up(shutdown_timeout=30); after_instrumentation(); call()
attributes = {{"http.request.method": "GET", "url.path": "/last", "http.response.status_code": 200}}
with trace.get_tracer("test").start_as_current_span("GET /last", kind=trace.SpanKind.SERVER, attributes=attributes):
    print("ready", flush=True)
    while not ending_signals._put_off:
        time.sleep(0.01)
time.sleep(600)
"""
    with FaultyServer() as server:
        assert run_script(code, server.url)[0] == -signal.SIGTERM
        assert len(server.arrived) == 2


def test_a_signal_that_a_server_raises_itself_never_returns() -> None:
    """uvicorn does at its end, while the span of a call that failed is open for ever: the exit status tells of it."""
    code = """
set_up(); after_instrumentation(); call()
trace.get_tracer("test").start_span("GET /", kind=trace.SpanKind.SERVER)
print("ready", flush=True)
signal.raise_signal(signal.SIGTERM)
"""
    with FaultyServer() as server:
        assert run_script(code, server.url, signals=0)[0] == -signal.SIGTERM
        assert len(server.arrived) == 1
