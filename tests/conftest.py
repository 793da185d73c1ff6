"""What holds for all tests."""

import os
import signal
import threading

from hypothesis import settings

# A red build tells of its commit, not of its luck. At home, every run looks at inputs that nobody has seen.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A shell has what it runs in the background ignore Ctrl-C, and every process that is started from there as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_teardown() -> None:
    """What the exporter of a test that has ended would say a minute later is not said in the middle of another test."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.name == "moesif-log":
            thread.cancel()
