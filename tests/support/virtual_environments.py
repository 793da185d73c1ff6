"""Virtual environments that lack one package of the tests' own, made by links and without a network."""

from __future__ import annotations

import sys
import venv
from collections.abc import Set as AbstractSet
from importlib.metadata import distribution, entry_points
from pathlib import Path

_CONSOLE_SCRIPT = """\
#!{python}
import sys
from {module} import {attribute}
sys.exit({attribute}())
"""


def copy_without(name: str, directory: Path) -> Path:
    """Makes a virtual environment that holds all that this one holds but a distribution.

    Args:
        name: The distribution that it lacks.
        directory: Where it is made.

    Returns:
        The directory of its commands.
    """
    venv.create(directory, with_pip=False, symlinks=True)
    commands = directory / "bin"
    left_out = distribution(name)
    absent = {Path(str(left_out.locate_file(file))) for file in left_out.files or ()}
    around_absent = {folder for file in absent for folder in file.parents}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    _link(Path(str(left_out.locate_file(""))), directory / "lib" / version / "site-packages", absent, around_absent)
    for script in entry_points(group="console_scripts"):
        if script.dist and script.dist.name != left_out.name:
            path = commands / script.name
            path.write_text(
                _CONSOLE_SCRIPT.format(python=commands / "python", module=script.module, attribute=script.attr)
            )
            path.chmod(0o755)
    return commands


def _link(source: Path, target: Path, absent: AbstractSet[Path], around_absent: AbstractSet[Path]) -> None:
    """Links the children of a folder; folders that hold an absent file are made anew, around what is left of them."""
    for child in source.iterdir():
        if child in around_absent:
            _link(child, target / child.name, absent, around_absent)
        elif child not in absent and child.name != "__pycache__":
            target.mkdir(parents=True, exist_ok=True)
            (target / child.name).symlink_to(child)
