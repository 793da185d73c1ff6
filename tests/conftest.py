"""What holds for all tests."""

import os
import signal
import threading
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from opentelemetry_exporter_moesif import last_words
from opentelemetry_exporter_moesif.capture import opening
from opentelemetry_exporter_moesif.redaction import steps

# A red build tells of its commit, not of its luck. At home, every run looks at inputs that nobody has seen.
# On neither does it matter how long one of them takes.
UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("home", **UNHURRIED)
settings.register_profile("ci", derandomize=True, **UNHURRIED)
settings.load_profile("ci" if os.environ.get("CI") else "home")

# A shell has what it runs in the background ignore Ctrl-C, and every process that is started from there as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _patient_redaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the redaction stands still: a busy machine, or a sanitizer, has it leave nothing out."""
    monkeypatch.setattr(steps, "clock", lambda: 0.0)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """What a worker tells of a test that failed can be sent, whatever half of a surrogate pair its message quotes."""
    return _sendable((yield))


def _sendable(told: Any) -> Any:
    if isinstance(told, str):
        return told.encode("utf-8", "backslashreplace").decode()
    if isinstance(told, dict):
        return {key: _sendable(value) for key, value in told.items()}
    return type(told)(map(_sendable, told)) if isinstance(told, (list, tuple)) else told


@pytest.hookimpl(optionalhook=True)  # it runs without xdist, too
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One worker more than there are cores: a good part of the tests waits for processes that it started.

    `-n logical` is as many as there are cores.
    """
    if config.option.numprocesses == "logical":
        return None
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") or (os.cpu_count() or 1) + 1)


@pytest.hookimpl(trylast=True)  # behind the fixtures' own ends
def pytest_runtest_teardown() -> None:
    """What a test left behind meets no other test: a word that a log keeps for a minute, the process's store of bodies.

    Raises:
        AssertionError: The test left the store open.
    """
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.name == "moesif-log":
            thread.cancel()
    last_words.owing.clear()
    is_left_open = opening.current_store() is not None
    while opening.current_store() is not None:
        opening.close_store()
    assert not is_left_open, "this test left the store of captured bodies open"
