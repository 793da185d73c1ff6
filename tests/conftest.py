"""What holds for all tests."""

import os
import signal

from hypothesis import settings

# A red build tells of its commit, not of its luck. At home, every run looks at inputs that nobody has seen.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A shell has what it runs in the background ignore Ctrl-C, and every process that is started from there as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
