from __future__ import annotations

import shutil

import pytest

from opentelemetry_exporter_moesif import rendering

if rendering.compiled() is None:
    if shutil.which("cc"):
        pytest.fail("There is a compiler, and no compiled renderer. Build it: pip install -e '.[test]'", pytrace=False)
    collect_ignore_glob = ["*"]
