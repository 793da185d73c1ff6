"""Every check of the project, by name: `nox` runs all but mutation testing, `nox --list` shows them.

Continuous integration calls these same sessions, so what passes here passes there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "tests-oldest", "coverage", "docs", "package"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
# This package's own extras of the tests name `opentelemetry-configuration`, whose first release needs SDK 1.44;
# the SDK's file exporter needs 1.43. Tests of the two are skipped by version.
NEEDS_NEWER_SDK = ("opentelemetry-exporter-moesif", "opentelemetry-exporter-otlp-json-file")
NATIVE = Path("opentelemetry_exporter_moesif", "rendering", "native")
# What `tests-oldest` leaves out: where no package of tests/oldest-constraints.txt decides what the test sees. What
# meets one of them, if only to be formatted by it, runs.
SAME_WITH_ANY_VERSION = {
    "tests/unit/project": "looks at this tree",
    "tests/unit/redaction": "texts; the standard library does it all",
    "tests/unit/replay": "formats of files, some against packages that are not of the oldest",
    "tests/contract/test_local_collector_browser.py": "the page's script; its neighbours read the page",
    "tests/contract/test_odd_spools.py": "files",
    "tests/contract/test_replay_places.py": "buckets",
    "tests/contract/test_replay_workers.py": "processes that share files",
    "tests/e2e/test_cli_replay_process.py": "processes that share files",
    "tests/e2e/test_lock_stress.py": "locks of this package",
    "tests/e2e/test_readme.py": "installs the newest itself",
    "tests/e2e/test_spool_kills.py": "files",
}


def _group(name: str) -> tuple[str, ...]:
    return nox.project.dependency_groups(PROJECT, name)


def _runs(python: str) -> bool:
    """Whether there is such an interpreter; what a version manager puts in its place only says that there is none."""
    if shutil.which(python) is None:
        return False
    tried = subprocess.run([python, "-c", ""], check=False, capture_output=True)  # noqa: S603 - a name from this file
    return tried.returncode == 0


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite with the newest of everything."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(name="tests-oldest", python=PYTHONS[0] if _runs(f"python{PYTHONS[0]}") else None)
def tests_oldest(session: nox.Session) -> None:
    """What the lowest versions that pyproject.toml allows can change, of the whole suite.

    `opentelemetry-configuration` and the SDK's file exporter are left out: their first releases need a newer SDK than
    the oldest supported one.
    """
    session.install("-c", "tests/oldest-constraints.txt", "-e", ".[archive,demo,uploads]", *_test_requirements())
    session.run("pytest", *(f"--ignore={path}" for path in SAME_WITH_ANY_VERSION), *session.posargs)


def _test_requirements() -> list[str]:
    requirements: list[str] = PROJECT["project"]["optional-dependencies"]["test"]
    return [requirement for requirement in requirements if not requirement.startswith(NEEDS_NEWER_SDK)]


@nox.session
def servers(session: nox.Session) -> None:
    """Every server of the documentation, ended at once after ten calls: some five minutes. A missing one fails."""
    session.install("-e", ".[test]", *_group("servers"))
    session.run("pytest", "-n", "logical", "tests/servers", *session.posargs, env={"CI": "true"})


@nox.session
def stacks(session: nox.Session) -> None:
    """The pages of docs/stacks as they stand there: each block installed, started and called."""
    session.install("-e", ".[test]", *_group("stacks"))
    session.run("pytest", "-n", "logical", "tests/stacks", *session.posargs)


@nox.session
def ray(session: nox.Session) -> None:
    """`moesif-otel replay --cluster` on a real Ray of two workers, one of which is killed."""
    session.install("-e", ".[cluster,test]")
    session.run("pytest", "-o", "addopts=-ra", "tests/cluster", *session.posargs)


@nox.session(python=["3.11", "3.12"])
def stress(session: nox.Session) -> None:
    """Locks under threads, forks, signals and collected spans, on two Pythons that collect at different moments."""
    session.install("-e", ".[test]")
    ends = ("tests/e2e/test_sigterm_handler.py", "tests/e2e/test_process_ends.py")  # 3.12 starts no thread in `atexit`
    session.run("pytest", "-n", "logical", "tests/stress", *ends, *session.posargs)


@nox.session
def applications(session: nox.Session) -> None:
    """Applications of the registry, mlflow and ten others, without the exporter and with it: twenty minutes.

    Each is installed into an environment of its own below `.nox/applications`, with all the instrumentations that
    `opentelemetry-bootstrap` proposes; `report.txt` there gets a line for each.
    """
    session.install("-e", ".[test]")
    session.run("pytest", "tests/applications", "-n", "0", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Linter, formatter, spelling."""
    session.install(*_group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")


@nox.session
def types(session: nox.Session) -> None:
    """Both type checkers: on the package, and on the code of users in tests/typing."""
    session.install("-e", ".[test]", *_group("types"))
    session.run("mypy")
    session.run("mypy", "tests/typing")
    session.run("pyright")


@nox.session
def coverage(session: nox.Session) -> None:
    """Branch coverage over the whole suite, processes that tests start included; fails below the agreed share."""
    session.install("-e", ".[test]", *_group("coverage"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine")
    session.run("coverage", "html")  # first, as the report fails where there is something to look at
    session.run("coverage", "report")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, strictly: a link or an anchor that leads nowhere fails. `-- serve` shows it."""
    session.install("-e", ".[demo]", *_group("docs"))
    if session.posargs == ["serve"]:
        session.run("zensical", "serve")
        return
    session.run("zensical", "build", "--clean", "--strict")


@nox.session
def package(session: nox.Session) -> None:
    """Wheels and sdist: built, checked, and each wheel tried in an environment of its own.

    The wheel with the compiled renderer is that of this machine; continuous integration builds the others.
    """
    session.install(*_group("package"))
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist", env={"MOESIF_BUILD_RENDERER": "no"})
    if _has_compiler():
        session.run("python", "-m", "build", "--wheel", "--outdir", "dist", env={"MOESIF_BUILD_RENDERER": "require"})
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    session.run("python", ".ci/try_wheel.py", "dist")


def _has_compiler() -> bool:
    return shutil.which("cc") is not None or os.name == "nt"


# What the compiler is to say of the renderer, and what watches it while tests put anything through it.
SANITIZED = (
    "-O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
)


# Tests of the mapping in which nothing is rendered: bodies are mapped in Python.
NOT_RENDERED = [f"--ignore=tests/unit/mapping/test_{name}.py" for name in ("event_body", "cost_of_a_body")]


@nox.session
def sanitizers(session: nox.Session) -> None:
    """The compiled renderer under AddressSanitizer and UndefinedBehaviorSanitizer, built without a single warning.

    Of the tests those that put spans through it: its own, and the mapping's. gcc or clang, and a few minutes.
    """
    build = {"CFLAGS": SANITIZED, "LDFLAGS": "-fsanitize=address,undefined", "MOESIF_BUILD_RENDERER": "require"}
    session.install(".[test]")  # not into the tree, where others would find it
    session.install("--no-cache-dir", "--no-deps", "--force-reinstall", ".", env=build)
    libraries = [_compilers_own(name) for name in ("libasan.so", "libubsan.so")]
    watched = {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",  # Python itself keeps what it has until it ends
        "PYTHONMALLOC": "malloc",
    }
    tests = session.posargs or ["tests/unit/rendering", "tests/unit/mapping", *NOT_RENDERED]
    session.run("pytest", "-n", "2", "--timeout", "600", *tests, env=watched)


@nox.session
def instructions(session: nox.Session) -> None:
    """The instructions that a span takes, rendered and mapped, counted by valgrind: half a minute, on any machine."""
    session.install("-e", ".[test]", env={"MOESIF_BUILD_RENDERER": "require"})
    session.run("python", ".ci/count_instructions.py")


@nox.session
def fuzz(session: nox.Session) -> None:
    """The compiled renderer under atheris for ten minutes, or as long as `-- -max_total_time=60` says."""
    session.install("-e", ".[test]", "atheris", env={"MOESIF_BUILD_RENDERER": "require"})
    session.run("python", ".ci/fuzz_renderer.py", *(session.posargs or ["-max_total_time=600"]))


def _compilers_own(library: str) -> str:
    found = subprocess.run(["cc", f"-print-file-name={library}"], check=True, capture_output=True, text=True)  # noqa: S603, S607
    return found.stdout.strip()


@nox.session
def campaign(session: nox.Session) -> None:
    """Hundreds of thousands of spans both ways, a million for the references, and valgrind: half an hour."""
    session.install("-e", ".[test]", env={"MOESIF_BUILD_RENDERER": "require"})
    session.run(
        "pytest",
        "-n",
        "2",
        "--timeout",
        "3600",
        "tests/unit/rendering/test_any_call_both_ways.py",
        env={"RENDERED_EXAMPLES": "40000"},
    )
    session.run("python", ".ci/watch_renderer.py", "1000000")
    log = Path(session.create_tmp()) / "valgrind.log"
    session.run(
        *("valgrind", f"--log-file={log}", "--leak-check=no", "python", ".ci/watch_renderer.py", "1500"),
        env={"PYTHONMALLOC": "malloc"},
        external=True,
        success_codes=[0, 1],  # what is looked at is the log
    )
    # Python's own reads of what valgrind takes for uninitialised are not ours to mend.
    own = "|".join(re.escape(path.name) for path in NATIVE.iterdir())
    if re.search(rf"_renderer\.abi3|\((?:{own}):", log.read_text()):
        session.error(f"valgrind names the renderer: {log}")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """What the exporter costs beside its peers: half an hour on a quiet machine, `-- --quick` for a look."""
    session.install("-e", ".[demo,replay]", *_group("benchmarks"))
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Breaks the named modules (default: mapping and delivery) in many small ways; survivors are missing tests."""
    session.install("-e", ".[test]", *_group("mutation"))
    session.run("python", ".ci/mutate.py", *session.posargs)


@nox.session(python="3.11")
def record(session: nox.Session) -> None:
    """Records the spans of tests/spans anew, a quarter of an hour; `-- granian litestar` for those with such names."""
    session.install("-e", ".[test]", *_group("recorded-servers"))
    with session.chdir("tests"):
        session.run("python", "-m", "support.record_spans", *session.posargs)
