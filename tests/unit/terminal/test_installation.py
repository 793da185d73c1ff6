"""Hints name what can be installed: a release by its name, a clone by its path."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import CLONE

from opentelemetry_exporter_moesif.terminal.installation import requirement


def test_a_clone_is_named_by_its_path() -> None:
    assert requirement("demo") == f"'{CLONE}[demo]'"


@pytest.mark.parametrize("noted", [None, {"url": "https://example.com/a.whl", "archive_info": {}}], ids=["none", "url"])
def test_a_release_is_named_by_its_name(noted: object, tmp_path: Path) -> None:
    """What pip leaves of a release, found before what it left of this clone."""
    left = tmp_path / "opentelemetry_exporter_moesif-9.9.dist-info"
    left.mkdir()
    (left / "METADATA").write_text("Metadata-Version: 2.1\nName: opentelemetry-exporter-moesif\nVersion: 9.9\n")
    if noted is not None:
        (left / "direct_url.json").write_text(json.dumps(noted))
    script = "from opentelemetry_exporter_moesif.terminal.installation import requirement; print(requirement('demo'))"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "'opentelemetry-exporter-moesif[demo]'\n"
