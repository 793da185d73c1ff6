"""What is in the wheel, and what is not."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = "opentelemetry_exporter_moesif"


NATIVE = f"{PACKAGE}/rendering/native/"
COMPILED = f"{PACKAGE}/rendering/_renderer.abi3.so"


def build_wheel(target: Path, **environment: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", target],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel"), MOESIF_BUILD_RENDERER="no"))


def files_of(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(["git", "ls-files", PACKAGE], cwd=ROOT, check=True, capture_output=True, text=True)
    assert files_of(wheel) == {name for name in tracked.stdout.split() if not name.startswith(NATIVE)}


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="the renderer is for CPython")
def test_a_wheel_with_the_renderer_is_for_every_later_cpython_of_the_platform(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    compiled = build_wheel(tmp_path, MOESIF_BUILD_RENDERER="require")
    assert "-cp310-abi3-" in compiled.name
    assert files_of(zipfile.ZipFile(compiled)) == {*files_of(wheel), COMPILED}


def test_without_a_compiler_the_wheel_is_for_any_interpreter(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    without = build_wheel(tmp_path, CC="/no/compiler/here", LDSHARED="/no/compiler/here", MOESIF_BUILD_RENDERER="auto")
    assert without.name.endswith("-py3-none-any.whl")
    assert files_of(zipfile.ZipFile(without)) == files_of(wheel)


def test_the_wheel_is_typed_and_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert f"{PACKAGE}/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_names_its_entry_points(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    groups = [line for line in wheel.read(name).decode().splitlines() if line.startswith("[")]
    assert sorted(groups) == [
        "[console_scripts]",
        "[opentelemetry_environment_variables]",
        "[opentelemetry_instrumentor]",
        "[opentelemetry_post_instrument]",
        "[opentelemetry_pre_instrument]",
        "[opentelemetry_traces_exporter]",
    ]


def test_the_metadata_asks_for_no_upper_bound_at_run_time(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    requirements = Parser().parsestr(wheel.read(name).decode()).get_all("Requires-Dist") or []
    run_time = [each.partition(";")[0] for each in requirements if "extra ==" not in each]
    assert [each for each in run_time if "<" in each or "==" in each] == []
    assert len(run_time) == 8
