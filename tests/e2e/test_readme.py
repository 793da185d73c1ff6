"""The ways to set the exporter up that the README and *Get started* show, as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.calls import CALLS_BY_NAME, make_call
from support.exporting import APPLICATION_ID
from support.server_process import APPS, clean_environment, instrumented, serving
from support.versions import NEEDS_CONFIGURATION_FILES

from opentelemetry_exporter_moesif.local_collector import LocalCollector

ROOT = Path(__file__).parents[2]
CALL = CALLS_BY_NAME["query"]


def blocks(heading: str) -> list[str]:
    """The shell's code blocks under a heading of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)


def configuration_file() -> str:
    """The file that the page *Get started* shows."""
    text = (ROOT / "docs" / "get-started.md").read_text(encoding="utf-8")
    found = re.search(r'^( *)```yaml title="otel.yaml"\n(.*?)^ *```$', text, flags=re.MULTILINE | re.DOTALL)
    assert found
    return textwrap.dedent(found[2])


@NEEDS_CONFIGURATION_FILES
def test_the_configuration_file_serves_and_exports(tmp_path: Path) -> None:
    file = tmp_path / "otel.yaml"
    file.write_text(configuration_file(), encoding="utf-8")

    with LocalCollector(APPLICATION_ID) as collector:
        environment = clean_environment(
            OTEL_CONFIG_FILE=str(file),
            MOESIF_APPLICATION_ID=APPLICATION_ID,
            OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url,
        )
        command = instrumented(["flask", "--app", "flask_app", "run"])
        with serving(lambda port: [*command, "--port", str(port)], environment) as server:
            assert make_call(server.port, CALL).status == 200
            server.terminate()

        assert [event["request"]["verb"] for event in collector.events()] == ["GET"]


@pytest.fixture(scope="module")
def service_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a shell in a fresh virtual environment, into which this package can be installed by its name."""
    folder = tmp_path_factory.mktemp("service")
    venv.create(folder / "venv", with_pip=True)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "wheels")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    elsewhere = os.environ.get("PIP_FIND_LINKS", "")
    environment = clean_environment(
        PIP_FIND_LINKS=f"{folder / 'wheels'} {elsewhere}", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    environment["PATH"] = f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    del environment["PYTHONPATH"]
    yield environment
    shutil.rmtree(folder)


def run(script: str, environment: dict[str, str]) -> str:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.timeout(300)
def test_the_commands_without_code_serve_and_export_in_an_environment_of_just_what_they_install(
    service_environment: dict[str, str], tmp_path: Path
) -> None:
    install, start, doctor = blocks("Without code")
    for name in ("answers.py", "flask_app.py"):
        shutil.copy(APPS / name, tmp_path / name.replace("flask_app", "app"))
    run("pip install --quiet flask gunicorn", service_environment)  # the service that was there before
    run(install, service_environment)

    with LocalCollector("your Moesif application id") as collector:
        environment = service_environment | {"OTEL_EXPORTER_MOESIF_ENDPOINT": collector.url}

        def command(port: int) -> list[str]:
            script = f"cd {shlex.quote(str(tmp_path))}; export GUNICORN_CMD_ARGS='--bind 127.0.0.1:{port}'\n"
            return ["bash", "-euo", "pipefail", "-c", script + start.replace("\nopentelemetry", "\nexec opentelemetry")]

        with serving(command, environment) as server:
            assert make_call(server.port, CALL).status == 200
            server.terminate()
        (event,) = collector.events()
        settings = start[: start.index("\nopentelemetry-instrument")]
        assert "Nothing is in the way." in run(f"{settings}\n{doctor}", environment)

    assert event["request"]["uri"] == "https://api.example.com/items/7?q=a%20b%26c&z=%C3%A9&sig=REDACTED"
    assert event["request"]["ip_address"] == "203.0.113.9"
    assert event["request"]["headers"]["Accept-Language"] == "en"
    assert event["response"]["headers"]["X-Custom"] == "a"
    assert event["metadata"]["resource"]["service.name"] == "shop"
