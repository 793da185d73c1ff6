"""`moesif-otel doctor`: each finding in a real environment that has it, and none where everything is right."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command_line import APPLICATION_ID, Said, call, environment, run
from support.command_line import COMMAND as MOESIF_OTEL
from support.versions import IS_RECENT
from support.virtual_environments import copy_without

from opentelemetry_exporter_moesif.local_collector import LocalCollector

RIGHT = {
    "OTEL_EXPORTER_MOESIF_APPLICATION_ID": APPLICATION_ID,
    "OTEL_TRACES_EXPORTER": "moesif",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "click",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": "accept,host",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": "content-type",
}
Doctor = Callable[..., Said]
COMMAND = ("opentelemetry-instrument", "gunicorn", "app:app")


@pytest.fixture(scope="module")
def collector() -> Iterator[LocalCollector]:
    with LocalCollector(APPLICATION_ID) as running:
        yield running


@pytest.fixture
def doctor(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The command in this process, whose variables are those of the test."""

    def called(*words: str, **settings: str) -> Said:
        with monkeypatch.context() as patch:
            for name in os.environ.keys() - environment().keys():
                patch.delenv(name)
            for name, value in settings.items():
                patch.setenv(name, value)
            return call(capfd, "doctor", "--offline", "--json", *words)

    return called


def doctor_with(directory: Path) -> Said:
    """The command as a process that finds the packages in a directory as well."""
    return run("doctor", "--offline", "--json", **RIGHT, PYTHONPATH=str(directory))


def findings(said: Said) -> dict[str, tuple[str, str, str]]:
    return {each["code"]: (each["severity"], each["message"], each["fix"]) for each in said.json()}


def test_where_everything_is_right_nothing_is_found_and_an_event_arrives(collector: LocalCollector) -> None:
    before = len(collector.events())
    said = run("doctor", *COMMAND, **RIGHT, OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url)

    assert said.code == 0, said.out
    assert "Found    Flask" in said.out
    assert "gunicorn (docs/running-it.md" in said.out
    assert "One event was sent and taken" in said.out
    assert said.out.endswith("Nothing is in the way.\n")
    assert len(collector.wait_for(before + 1, timeout=100)) == before + 1
    assert APPLICATION_ID not in said.out + said.err


def test_an_event_that_is_not_taken_is_an_error(collector: LocalCollector) -> None:
    said = run("doctor", "--json", **RIGHT | {"OTEL_EXPORTER_MOESIF_ENDPOINT": "http://127.0.0.1:9"})

    assert said.code == 1
    severity, message, fix = findings(said)["check"]
    assert severity == "error"
    assert "refused" in message
    assert "OTEL_EXPORTER_MOESIF_ENDPOINT" in fix


@pytest.mark.parametrize(
    ("code", "severity", "settings", "fix"),
    [
        ("traces-exporter", "error", {"OTEL_TRACES_EXPORTER": "otlp"}, "export OTEL_TRACES_EXPORTER=moesif,otlp"),
        ("traces-exporter", "error", {"OTEL_TRACES_EXPORTER": ""}, "export OTEL_TRACES_EXPORTER=moesif"),
        ("metrics-exporter", "error", {"OTEL_METRICS_EXPORTER": ""}, "export OTEL_METRICS_EXPORTER=none"),
        ("logs-exporter", "error", {"OTEL_LOGS_EXPORTER": "otlp"}, "export OTEL_LOGS_EXPORTER=none"),
        ("sdk-disabled", "error", {"OTEL_SDK_DISABLED": "True"}, "unset OTEL_SDK_DISABLED"),
        ("sampler", "error", {"OTEL_TRACES_SAMPLER": "always_off"}, "unset OTEL_TRACES_SAMPLER"),
        (
            "application-id",
            "error",
            {"OTEL_EXPORTER_MOESIF_APPLICATION_ID": ""},
            "OTEL_EXPORTER_MOESIF_APPLICATION_ID=",
        ),
        ("setting", "warning", {"OTEL_EXPORTER_MOESIF_TIMEOUT": "soon"}, "configuration.md"),
        ("setting", "warning", {"OTEL_EXPORTER_MOESIF_SPOOL_DIRECTROY": "/x"}, "configuration.md"),
        (
            "headers",
            "warning",
            {"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ""},
            "export OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE='.*'",
        ),
        ("conventions", "warning", {"OTEL_SEMCONV_STABILITY_OPT_IN": "http"}, "=http/dup"),
        ("conventions", "warning", {"OTEL_SEMCONV_STABILITY_OPT_IN": "database"}, "=database,http/dup"),
        (
            "tornado-headers",
            "note",
            {"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*"},
            "list the names",
        ),
        (
            "instrumentation-disabled",
            "error",
            {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "click,flask"},
            "take it out",
        ),
        ("config-file", "error", {"OTEL_CONFIG_FILE": "/nowhere/otel.yaml"}, "correct OTEL_CONFIG_FILE"),
    ],
)
def test_each_variable_that_is_wrong_is_found_with_what_to_type(
    doctor: Doctor, code: str, severity: str, settings: dict[str, str], fix: str
) -> None:
    said = doctor(**RIGHT | settings)

    found = findings(said)
    assert found[code][0] == severity
    assert fix in found[code][2]
    assert said.code == (1 if severity == "error" else 0)


@pytest.mark.parametrize(
    ("code", "severity", "command"),
    [
        ("no-such-command", "error", ("opentelemetry-instrument", "no-such-server", "app:app")),
        ("not-instrumented", "warning", ("gunicorn", "app:app")),
        pytest.param(
            "ambiguous-option",
            "error",
            ("opentelemetry-instrument", "gunicorn", "--config", "x.py", "app:app"),
            marks=pytest.mark.skipif(not IS_RECENT, reason="its flags were fewer: none of them begins alike"),
        ),
        ("gunicorn-gevent", "error", ("opentelemetry-instrument", "gunicorn", "-k", "gevent", "app:app")),
        ("gunicorn-gevent", "error", ("opentelemetry-instrument", "gunicorn", "--worker-class=gevent", "app:app")),
        ("runserver-reloader", "note", ("opentelemetry-instrument", "python", "manage.py", "runserver")),
        ("uwsgi-enable-threads", "warning", ("opentelemetry-instrument", "uwsgi", "--http", ":0", "-w", "app:app")),
    ],
)
def test_what_the_command_lacks_is_found(doctor: Doctor, code: str, severity: str, command: tuple[str, ...]) -> None:
    assert findings(doctor(*command, **RIGHT))[code][0] == severity


def test_what_the_command_sets_is_seen(doctor: Doctor) -> None:
    """As variables in front of it, and as flags of `opentelemetry-instrument`."""
    wrong = RIGHT | {"OTEL_METRICS_EXPORTER": "", "OTEL_LOGS_EXPORTER": ""}
    command = (
        "OTEL_LOGS_EXPORTER=none",
        "opentelemetry-instrument",
        "--metrics_exporter",
        "none",
        "gunicorn",
        "app:app",
    )

    assert {"metrics-exporter", "logs-exporter"} <= findings(doctor(**wrong)).keys()
    assert {"metrics-exporter", "logs-exporter"}.isdisjoint(findings(doctor(*command, **wrong)))


@pytest.mark.skipif(not IS_RECENT, reason="its flags were fewer: none of them begins alike")
def test_the_option_that_is_called_ambiguous_really_ends_opentelemetry_instrument() -> None:
    words = ["opentelemetry-instrument", "python", "--config", "x", "-c", "print('served')"]
    ended = subprocess.run(
        [MOESIF_OTEL.with_name(words[0]), *words[1:]],
        env=environment(**RIGHT),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "ambiguous option: --config" in ended.stderr


def test_a_separator_makes_an_option_the_servers_own(doctor: Doctor) -> None:
    command = ("opentelemetry-instrument", "--", "gunicorn", "--config", "x.py", "app:app")

    assert "ambiguous-option" not in findings(doctor(*command, **RIGHT))


def test_a_django_project_without_its_settings_is_found_and_the_module_named(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manage.py").write_text('os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")')
    monkeypatch.chdir(tmp_path)

    severity, _, fix = findings(doctor(**RIGHT))["django-settings"]
    assert (severity, fix) == ("error", "export DJANGO_SETTINGS_MODULE=shop.settings")
    assert "django-settings" not in findings(doctor(**RIGHT, DJANGO_SETTINGS_MODULE="shop.settings"))


def test_a_configuration_file_that_would_fail_every_request_is_found(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "otel.yaml"
    file.write_text("tracer_provider: {processors: [{batch: {exporter: {console: {}}}}]}")

    found = findings(doctor(**RIGHT, OTEL_CONFIG_FILE=str(file)))

    assert "moesif" in found["config-file"][1]
    assert found["config-file-propagator"][0] == "error"


@pytest.mark.parametrize(
    ("left_out", "code", "fix"),
    [
        ("opentelemetry-distro", "distro-missing", "zero-code"),
        (
            "opentelemetry-instrumentation-flask",
            "instrumentation-missing",
            "pip install opentelemetry-instrumentation-flask",
        ),
    ],
)
def test_a_package_that_is_missing_is_found(left_out: str, code: str, fix: str, tmp_path: Path) -> None:
    commands = copy_without(left_out, tmp_path / "venv")

    said = subprocess.run(
        [commands / "moesif-otel", "doctor", "--offline", "--json"],
        env=environment(**RIGHT),
        capture_output=True,
        text=True,
        check=False,
    )

    assert fix in findings(Said(said.returncode, said.stdout, said.stderr))[code][2]


def test_packages_of_two_releases_are_found(tmp_path: Path) -> None:
    """As after an install that brought an older one, by what pip leaves of it."""
    older = tmp_path / "opentelemetry_util_http-0.50b0.dist-info"
    older.mkdir()
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: opentelemetry-util-http\nVersion: 0.50b0\n")

    severity, message, fix = findings(doctor_with(tmp_path))["releases"]

    assert severity == "error"
    assert "0.50b0 is installed" in message
    assert "pip install -U" in fix


@pytest.mark.parametrize(
    ("name", "by_hand"), [("sanic", "OpenTelemetryMiddleware"), ("litestar", "OpenTelemetryPlugin")]
)
def test_a_framework_that_has_no_instrumentation_is_named(name: str, by_hand: str, tmp_path: Path) -> None:
    there = tmp_path / f"{name}-1.0.dist-info"
    there.mkdir()
    (there / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")

    ways = [each["fix"] for each in doctor_with(tmp_path).json() if each["code"] == "no-instrumentation"]
    assert any(by_hand in way for way in ways)


@pytest.mark.parametrize(("setting", "words"), [("auto", "compiled renderer"), ("python", "Python alone")])
def test_it_says_which_renderer_is_used(doctor: Doctor, setting: str, words: str) -> None:
    found = findings(doctor(**RIGHT, OTEL_EXPORTER_MOESIF_RENDERER=setting))

    assert words in found["renderer"][1]


def test_nothing_that_it_quotes_tells_a_secret(doctor: Doctor) -> None:
    said = doctor(
        "gunicorn", "--password", "hunter2", "app:app", **{**RIGHT, "OTEL_TRACES_EXPORTER": "password=hunter2"}
    )

    assert "hunter2" not in said.out + said.err
    assert "gunicorn --password [REDACTED] app:app" in said.out
    assert "OTEL_TRACES_EXPORTER is password=[REDACTED]" in said.out
