"""What can be imported, what importing costs, and which room may import which."""

from __future__ import annotations

import ast
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import opentelemetry_exporter_moesif as package
from opentelemetry_exporter_moesif import environment_variables

PACKAGE = Path(package.__file__).parent
PICTURE = runpy.run_path(str(Path(__file__).parents[3] / "docs" / "draw_architecture.py"))
NAME = package.__name__
GUESTS = {"capture", "local_collector", "replay", "cli", "terminal"}
MODULES = sorted(PACKAGE.rglob("*.py"))
BY_NAME = {
    ".".join([NAME, *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__"): path
    for path in MODULES
}


def _run(code: str, *options: str) -> str:
    # Measuring coverage imports things of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, *options, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _imports(path: Path) -> Iterator[str]:
    """The names of this package's modules that a file imports, however deep in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [NAME, *path.relative_to(PACKAGE).parts[:-1]][: None if node.level <= 1 else 1 - node.level]
            module = ".".join([*base, node.module or ""]).rstrip(".") if node.level else node.module or ""
            yield from (f"{module}.{each.name}" for each in node.names)


def _at_run_time(path: Path) -> Iterator[str]:
    """The modules of this package that a file imports when it is run, at once or later."""
    tree = ast.parse(path.read_text())
    for_types = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for name in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in for_types and (node.module or "").startswith(NAME):
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                yield whole if whole in BY_NAME else str(node.module)


def _rooms_imported_by(*paths: Path) -> set[str]:
    names = {name for path in paths for name in _imports(path) if name.startswith(f"{NAME}.")}
    return {name.split(".")[1] for name in names}


def test_all_is_exactly_the_public_names() -> None:
    public = {
        name
        for name in dir(package)
        if not isinstance(getattr(package, name), ModuleType) and (not name.startswith("_") or name == "__version__")
    }
    assert sorted(package.__all__) == sorted(public)


def test_the_public_names_are_the_documented_ones() -> None:
    constants = {name for name in vars(environment_variables) if name.isupper()}
    assert set(package.__all__) == constants | {"Event", "MoesifSpanExporter", "__version__", "identify"}


def test_importing_the_package_imports_neither_requests_nor_what_is_optional() -> None:
    loaded = _run(f"import sys, {NAME}; print(*sys.modules)").split()
    unwanted = {"requests", "urllib3", "ssl", "jinja2", "starlette", "uvicorn", "sqlite3", "rich"}
    assert unwanted.isdisjoint(loaded)
    assert {f"{NAME}.{guest}" for guest in GUESTS}.isdisjoint(loaded)


def test_an_exporter_that_has_sent_nothing_has_imported_only_what_it_needs_and_started_no_thread() -> None:
    code = f"""if True:
        import sys, threading
        from {NAME} import MoesifSpanExporter
        exporter = MoesifSpanExporter(application_id="id")
        print(threading.active_count(), *sys.modules)
    """
    threads, *loaded = _run(code).split()
    assert threads == "1"
    # The last ones are what each instrumentation imports: no instrumentation, no use for them.
    unwanted = {"requests", "urllib3", "ssl", "difflib", "asyncio", "wrapt", "opentelemetry.instrumentation.utils"}
    assert unwanted.isdisjoint(loaded)


@pytest.mark.parametrize("module", [NAME, f"{NAME}.cli", f"{NAME}.local_collector", f"{NAME}.capture"])
def test_importing_warns_of_nothing(module: str) -> None:
    # The oldest supported Starlette imports a name that its own dependency has since renamed.
    _run(
        f"import {module}", "-W", "error", "-W", "ignore:Please use `import python_multipart`:PendingDeprecationWarning"
    )


def test_mapping_and_delivery_know_nothing_of_each_other_nor_of_the_exporter() -> None:
    assert _rooms_imported_by(*PACKAGE.glob("mapping/*.py")).isdisjoint({"delivery", "exporter", "telemetry", *GUESTS})
    assert _rooms_imported_by(*PACKAGE.glob("delivery/**/*.py")).isdisjoint({"mapping", "exporter", *GUESTS})


@pytest.mark.parametrize(
    ("room", "known"),
    [
        ("exchange", {"exchange", "deadline"}),
        ("spool", {"spool", "backlog", "deadline", "payload", "waiting_line"}),
    ],
)
def test_the_rooms_of_delivery_know_little_of_what_is_around_them(room: str, known: set[str]) -> None:
    names = {name for path in PACKAGE.glob(f"delivery/{room}/*.py") for name in _imports(path)}
    assert {name.split(".")[2] for name in names if name.startswith(f"{NAME}.delivery.")} <= known


def test_redaction_knows_no_other_room() -> None:
    assert _rooms_imported_by(*PACKAGE.glob("redaction/*.py")) <= {"redaction", "config", "json_codec", "remembered"}


@pytest.mark.parametrize(
    ("room", "others"),
    [
        ("encoding", {"delivery", "exporter", "local_collector", "replay", "cli"}),
        ("rendering", {"encoding", "delivery", "exporter", *GUESTS}),
        ("capture", {"encoding", "delivery", "exporter", "local_collector", "replay", "cli"}),
        ("replay", {"exporter", "local_collector", "capture"}),
    ],
)
def test_the_arrows_between_rooms_point_one_way(room: str, others: set[str]) -> None:
    assert _rooms_imported_by(*PACKAGE.glob(f"{room}/**/*.py")).isdisjoint(others)


def _known_rooms() -> dict[str, set[str]]:
    """By each room, and each file beside the rooms, those that it imports when it is run."""
    known: dict[str, set[str]] = {}
    for name, path in BY_NAME.items():
        if name != NAME:
            room = name.split(".")[1]
            known.setdefault(room, set()).update(each.split(".")[1] for each in _at_run_time(path))
            known[room].discard(room)
    return known


def test_every_arrow_between_rooms_points_one_way() -> None:
    TopologicalSorter(_known_rooms()).prepare()  # raises CycleError


def test_the_picture_of_the_architecture_shows_what_imports_what() -> None:
    known = _known_rooms()
    command = set(PICTURE["COMMAND"])
    above = PICTURE["BOXES"].keys() & known.keys() - command
    for drawn in (above, command):
        assert {room: known[room] & drawn for room in drawn} == {
            room: set(PICTURE["IMPORTS"].get(room, ())) for room in drawn
        }
    assert set().union(*(known[room] for room in command)) & above == set(PICTURE["COMMAND_IMPORTS"])
    arrows = {(room, other) for room, others in PICTURE["IMPORTS"].items() for other in others}
    assert arrows - PICTURE["SIDE"].keys() == {("exporter", "encoding"), ("exporter", "delivery")}  # the way of a call
    assert PICTURE["SIDE"].keys() <= arrows


def test_the_picture_of_the_architecture_is_as_it_was_drawn() -> None:
    assert PICTURE["PICTURE"].read_text(encoding="utf-8") == PICTURE["picture"]()


def test_mapping_does_not_know_what_is_faster_than_itself() -> None:
    assert _rooms_imported_by(*PACKAGE.glob("mapping/*.py")).isdisjoint({"rendering", "encoding"})


def test_no_two_files_need_each_other() -> None:
    TopologicalSorter({name: {*_at_run_time(path)} for name, path in BY_NAME.items()}).prepare()  # raises CycleError


def test_only_the_exporter_knows_both_sides() -> None:
    both = [
        path.name
        for path in PACKAGE.glob("*.py")
        if {"mapping", "delivery"} <= _rooms_imported_by(path) and path.name != "__init__.py"
    ]
    assert both == ["exporter.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))
