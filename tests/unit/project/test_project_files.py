"""What several files say of the same thing is the same in each."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "opentelemetry_exporter_moesif"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def _lower_bound(requirement: Requirement) -> str | None:
    return next((each.version for each in requirement.specifier if each.operator == ">="), None)


def _declared(*extras: str) -> dict[str, str | None]:
    project = PYPROJECT["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    requirements = [Requirement(text) for each in lists for text in each]
    return {each.name: _lower_bound(each) for each in requirements if each.name != project["name"]}


def _constraints() -> dict[str, str]:
    lines = (ROOT / "tests" / "oldest-constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def _as_numbers(version: str | None) -> list[int]:
    numbers = [int(each) for each in re.findall(r"\d+", version or "")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def test_the_tests_with_the_oldest_dependencies_use_the_lower_bounds_that_users_are_promised() -> None:
    promised = {**_declared("zero-code", "collector", "demo")}
    assert {name: _as_numbers(version) for name, version in _constraints().items() if name in promised} == {
        name: _as_numbers(version) for name, version in promised.items()
    }


def test_the_tests_with_the_oldest_dependencies_use_the_oldest_of_every_instrumentation() -> None:
    instrumentations = {
        name: version
        for name, version in _declared("test").items()
        if name.startswith("opentelemetry-instrumentation-")
    }
    assert instrumentations.items() <= _constraints().items()


def test_pre_commit_runs_the_linters_that_nox_runs_in_the_same_versions() -> None:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in configuration["repos"] for hook in repository["hooks"]]
    assert {pin for hook in hooks for pin in hook["additional_dependencies"]} == set(
        PYPROJECT["dependency-groups"]["lint"]
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_of_a_workflow_is_pinned_by_its_full_commit(workflow: Path) -> None:
    uses = re.findall(r"uses: (.*)", workflow.read_text())
    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+", each)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_nothing_else_unless_a_job_says_so(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}


def test_continuous_integration_tests_each_python_that_the_package_claims() -> None:
    matrix = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["tests"]["strategy"]["matrix"]
    claimed = [
        each.rpartition(" ")[2] for each in PYPROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", each)
    ]
    assert matrix["python"] == claimed


def test_the_second_code_block_of_the_readme_is_the_test_command_and_ci_runs_it() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text()
    function = re.search(r"^readme_test_command\(\) \{.*?^\}", script, re.DOTALL | re.MULTILINE)
    assert function
    extracted = subprocess.run(
        ["bash", "-c", f"{function[0]}\nreadme_test_command"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert extracted == blocks[1]
    assert "pytest" in extracted


def test_what_the_tests_with_the_oldest_dependencies_leave_out_is_there() -> None:
    noxfile = (ROOT / "noxfile.py").read_text()
    left_out = re.findall(r'^    "(tests/[\w./]+)": "', noxfile, re.MULTILINE)
    assert left_out
    assert [path for path in left_out if not (ROOT / path).exists()] == []


_CHANGES = (ROOT / "docs" / "architecture.md").read_text().partition("## Where to put what")[2].partition("\n## ")[0]


@pytest.mark.parametrize("row", [line for line in _CHANGES.splitlines() if line.startswith("|") and "`" in line])
def test_where_the_architecture_page_sends_a_change_there_is_that_place(row: str) -> None:
    named = re.findall(r"`([\w/]+/|[\w/]+\.py)`", row)
    places = [next(root / name for root in (PACKAGE, ROOT) if (root / name).exists()) for name in named]
    files = [file for place in places for file in (place.rglob("*.py") if place.is_dir() else (place,))]
    words = set(re.findall(r"\w+", "\n".join(file.read_text() for file in files)))
    assert named
    assert set(re.findall(r"`(_?[A-Z][A-Z_]+)`", row)) <= words
