"""Builds the compiled renderer into the wheel, where there is a compiler: without it everything works, slower.

`MOESIF_BUILD_RENDERER` says what to do: `auto` (the default) goes without it where it cannot be built, `require` fails
then, `no` makes the wheel that any interpreter can use.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOM = Path("opentelemetry_exporter_moesif", "rendering")
SOURCE = ROOM / "native" / "renderer.c"
# One build serves every CPython from this version on.
LIMITED_API, PYTHON_TAG = "0x030A0000", "cp310-abi3"
FILE_NAMES = ("_renderer.abi3.so", "_renderer.pyd")


class RendererHook(BuildHookInterface[Any]):
    """Puts the compiled renderer into a wheel; for an editable install, into the tree."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs.

        Args:
            version: ``standard``, or ``editable``.
            build_data: What the wheel is made of.
        """
        self._place = tempfile.TemporaryDirectory()
        built = None
        try:
            built = self._build(Path(self._place.name))
        finally:
            if version == "editable":
                _put(built, Path(self.root) / ROOM)
        if built is None or version == "editable":
            return
        build_data["force_include"][str(built)] = (ROOM / built.name).as_posix()
        build_data["pure_python"] = False
        platform = self.build_config.builder.get_best_matching_tag().split("-", 2)[2]
        build_data["tag"] = f"{PYTHON_TAG}-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - as called
        """Called by hatchling when the wheel is there."""
        self._place.cleanup()

    def _build(self, place: Path) -> Path | None:
        wish = os.environ.get("MOESIF_BUILD_RENDERER", "auto")
        if wish == "no" or (wish == "auto" and not _is_supported()):
            return None
        try:
            return _compiled(Path(self.root), place)
        except Exception as error:
            if wish == "require":
                raise
            self.app.display_warning(f"The compiled renderer is left out, {type(error).__name__}: {error}")
            return None


def _put(built: Path | None, room: Path) -> None:
    """Puts the renderer into the tree, or takes that of an older tree out, which would be worse than none.

    At once: another environment may be using this tree.
    """
    if built is not None:
        place = room / f"{built.name}.{os.getpid()}"
        shutil.copy2(built, place)
        place.replace(room / built.name)
    for name in FILE_NAMES:
        if built is None or name != built.name:
            (room / name).unlink(missing_ok=True)


def _is_supported() -> bool:
    """Whether this interpreter has the limited API: free-threaded builds have none, and PyPy's emulates a C API."""
    return sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


def _compiled(root: Path, place: Path) -> Path:
    from setuptools import Distribution, Extension  # noqa: PLC0415 - not needed for a wheel without it
    from setuptools.command.build_ext import build_ext  # noqa: PLC0415

    extension = Extension(
        "_renderer", [str(root / SOURCE)], py_limited_api=True, define_macros=[("Py_LIMITED_API", LIMITED_API)]
    )
    command = build_ext(Distribution({"name": "renderer", "ext_modules": [extension]}))
    command.build_lib, command.build_temp = str(place / "lib"), str(place / "objects")
    command.ensure_finalized()
    command.run()
    (built,) = (place / "lib").iterdir()
    return built
