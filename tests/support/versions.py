"""Which OpenTelemetry the tests run with."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from packaging.version import Version

#: What the corpus was recorded with. Older instrumentations lose other parts of a call than `support.losses` says.
RECORDED_WITH = Version("0.66b1")

#: Whether this is that version, or a newer one; else it is one of the old ones that are still supported.
IS_RECENT = Version(version("opentelemetry-instrumentation")) >= RECORDED_WITH

NEEDS_CONFIGURATION_FILES = pytest.mark.skipif(not IS_RECENT, reason="OTEL_CONFIG_FILE came with OpenTelemetry 1.42")
