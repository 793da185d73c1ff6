"""The command `moesif-otel` as a newcomer meets it: help, version, wrong words, missing extras."""

import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from support.command_line import CLONE, COMMAND, environment, run
from support.virtual_environments import copy_without

VERBS = ["demo", "check", "collector", "replay", "spool"]
HEAVY = ["requests", "rich", "starlette", "uvicorn", "flask", "fastapi", "jinja2", "jsonschema_rs", "sqlite3"]


def test_without_arguments_and_with_help_it_tells_what_there_is():
    bare, asked = run(), run("--help")

    assert (bare.code, asked.code) == (0, 0)
    assert bare.out == asked.out
    for verb in VERBS:
        assert re.search(rf"^  {verb}  +\w", bare.out, re.MULTILINE)
    assert "exit codes:" in bare.out


def test_the_version_is_that_of_the_distribution():
    assert run("--version").out == f"moesif-otel {version('opentelemetry-exporter-moesif')}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_with_an_example_and_its_exit_codes(verb):
    said = run(verb, "--help")

    assert said.code == 0
    assert f"usage: moesif-otel {verb}" in said.out
    assert f"\n  moesif-otel {verb}" in said.out.partition("examples:")[2]
    assert "exit codes:" in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_a_wrong_word_is_wrong_usage_and_names_the_right_ones():
    said = run("replya")

    assert (said.code, said.out) == (2, "")
    assert all(verb in said.err for verb in VERBS)
    assert run("replay").code == 2
    assert run("check", "--no-such-option").code == 2


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"], ["replay", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import atexit, sys;"
        f"atexit.register(lambda: print('loaded', [name for name in {HEAVY} if name in sys.modules]));"
        "from opentelemetry_exporter_moesif.cli import main;"
        f"main({arguments})"
    )
    # Measuring coverage imports things of its own.
    variables = {name: value for name, value in environment().items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1] == "loaded []"


@pytest.mark.parametrize(
    ("verb", "missing", "extra"),
    [("collector", "jinja2", "collector"), ("demo", "flask", "demo"), ("demo", "opentelemetry-distro", "demo")],
)
def test_a_verb_whose_extra_is_missing_says_which_command_installs_it(tmp_path, verb, missing, extra):
    commands = copy_without(missing, tmp_path / "environment")

    done = subprocess.run(
        [commands / COMMAND.name, verb], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert f"\n  pip install '{CLONE}[{extra}]'\n" in done.stderr
    assert "Traceback" not in done.stderr
