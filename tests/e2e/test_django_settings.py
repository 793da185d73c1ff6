"""Django as its tutorial starts it: its settings named by `manage.py` and `wsgi.py` alone, which is too late."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calls import Call, make_call
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

MESSAGE = "DJANGO_SETTINGS_MODULE is not set in the environment"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """That of a service, in whose path is a project as `django-admin startproject` makes it."""
    subprocess.run([sys.executable, "-m", "django", "startproject", "mysite", str(tmp_path)], check=True)
    with LocalCollector(APPLICATION_ID) as collector:
        yield exporting_to(collector, **instrumenting_only("django"), PYTHONPATH=str(tmp_path))


def _said(command: list[str], environment: dict[str, str], tmp_path: Path) -> tuple[int, str]:
    done = subprocess.run(
        instrumented(command), env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_one_error_says_what_to_set_where_manage_py_is_run(environment: dict[str, str], tmp_path: Path) -> None:
    status, said = _said(["python", "manage.py", "runserver", "--noreload"], environment, tmp_path)
    assert said.count(MESSAGE) == 1
    # This is what Django says of it, and why one would not know.
    assert status == 1
    assert "You must set settings.ALLOWED_HOSTS if DEBUG is False" in said


def test_and_where_a_server_is_given_its_wsgi_module(environment: dict[str, str]) -> None:
    command = "gunicorn --bind 127.0.0.1:{port} mysite.wsgi"
    with serving(lambda port: instrumented(command.format(port=port).split()), environment) as server:
        # The fault itself; and gunicorn forgets a SIGTERM that comes before its worker is ready.
        assert make_call(server.port, Call("root", "GET", "/")).status == 500
        server.terminate()
        assert server.output().count(MESSAGE) == 1


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        (["python", "manage.py", "check"], {"DJANGO_SETTINGS_MODULE": "mysite.settings"}),
        (["python", "manage.py", "check"], {"OTEL_TRACES_EXPORTER": "none"}),
        (["python", "manage.py", "check"], {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask, django"}),
        (["python", "-c", "import sys", "wsgi"], {}),
    ],
)
def test_nothing_is_said_where_nothing_is_wrong(
    command: list[str], settings: dict[str, str], environment: dict[str, str], tmp_path: Path
) -> None:
    status, said = _said(command, environment | settings, tmp_path)
    assert status == 0, said
    assert MESSAGE not in said
