"""What holds for all tests."""

import os
import signal
import threading

import pytest
from hypothesis import settings

from opentelemetry_exporter_moesif.capture import opening

# A red build tells of its commit, not of its luck. At home, every run looks at inputs that nobody has seen.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A shell has what it runs in the background ignore Ctrl-C, and every process that is started from there as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)  # behind the fixtures' own ends
def pytest_runtest_teardown() -> None:
    """What a test left behind meets no other test: a word that a log keeps for a minute, the process's store of bodies.

    Raises:
        AssertionError: The test left the store open.
    """
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.name == "moesif-log":
            thread.cancel()
    is_left_open = opening.current_store() is not None
    while opening.current_store() is not None:
        opening.close_store()
    assert not is_left_open, "this test left the store of captured bodies open"
