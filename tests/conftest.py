"""What holds for all tests."""

import os

from hypothesis import settings

# A red build tells of its commit, not of its luck. At home, every run looks at inputs that nobody has seen.
settings.register_profile("ci", derandomize=True)
settings.register_profile("thorough", max_examples=3000)
if os.environ.get("CI"):
    settings.load_profile("ci")
