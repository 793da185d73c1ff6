"""What is in the wheel, and what is not."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = "opentelemetry_exporter_moesif"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", target],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(["git", "ls-files", PACKAGE], cwd=ROOT, check=True, capture_output=True, text=True)
    in_wheel = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert in_wheel == set(tracked.stdout.split())


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
    assert len(run_time) == 7
