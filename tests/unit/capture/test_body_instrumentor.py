"""`MoesifBodyCapture` never raises: it would take the instrumentors after it, or the exporter, along."""

from __future__ import annotations

import subprocess
import sys

from support.server_process import clean_environment


def run(script: str) -> str:
    found = subprocess.run(
        [sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found.stdout + found.stderr


WITHOUT_WRAPT = """
import sys
from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.capture import MoesifBodyCapture
sys.modules["wrapt"] = None
"""


def test_where_it_cannot_act_it_says_so_and_raises_nothing() -> None:
    said = run(WITHOUT_WRAPT + "MoesifBodyCapture().instrument()\nprint('goes on')")

    assert "Moesif exporter: bodies are not captured" in said
    assert "goes on" in said


def test_where_it_waits_for_an_exporter_that_exporter_is_made_all_the_same() -> None:
    said = run(
        WITHOUT_WRAPT
        + "MoesifBodyCapture().instrument(skip_dep_check=True)\n"
        + "MoesifSpanExporter(application_id='x', capture_bodies=True)\nprint('goes on')"
    )

    assert "Moesif exporter: bodies are not captured" in said
    assert "goes on" in said


def test_it_can_be_undone_and_done_again() -> None:
    said = run(
        "import flask\n"
        "from opentelemetry_exporter_moesif.capture import MoesifBodyCapture\n"
        "def hooks(): return len(flask.Flask('x').after_request_funcs.get(None, ()))\n"
        "counts = [hooks()]\n"
        "for step in ('instrument', 'uninstrument', 'instrument'):\n"
        "    getattr(MoesifBodyCapture(), step)()\n"
        "    counts.append(hooks())\n"
        "print(counts)"
    )

    assert "[0, 1, 0, 1]" in said


def test_a_framework_that_looks_different_costs_its_bodies_and_not_its_import() -> None:
    said = run(
        "import sys, types\n"
        "from opentelemetry_exporter_moesif.capture import MoesifBodyCapture\n"
        "module = types.ModuleType('starlette.applications')\n"
        "module.Starlette = type('Other', (), {})\n"
        "sys.modules['starlette.applications'] = module\n"
        "MoesifBodyCapture().instrument()\n"
        "print('goes on')"
    )

    assert "Moesif exporter: bodies of Starlette.build_middleware_stack are not captured" in said
    assert "goes on" in said
