"""The charts of the documentation, drawn from what the sections found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

Found = Mapping[str, Mapping[str, Any]]

_MINE = "#0b7285"
_OTHERS = "#adb5bd"
_STYLE = {
    "svg.hashsalt": "benchmarks",
    "svg.fonttype": "path",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}


def draw(found: Found, directory: Path) -> None:
    """Writes an SVG for each group of sections that was measured."""
    mpl.use("svg")
    with mpl.rc_context(_STYLE):
        if "export_cost" in found:
            _draw_cost(found["export_cost"]["rows"], directory / "export-cost.svg")
        if found.get("serving", {}).get("rows"):
            _draw_serving(found["serving"]["rows"], directory / "serving.svg")
        if "growth" in found:
            _draw_curves(found["growth"]["curves"], directory / "growth.svg")
        if "memory" in found:
            _draw_curves(found["memory"]["curves"], directory / "memory.svg", "million spans → resident MB")


def _draw_cost(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 2.1))
    _bars(axes, rows, "µs a call (quartiles)", "µs a call, export of 512 spans")
    _save(figure, path)


def _draw_serving(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    figure, both = plt.subplots(2, 1, figsize=(7, 5))
    for axes, app in zip(both, ("flask", "fastapi"), strict=True):
        _bars(axes, [row for row in rows if row[""].startswith(app)], "requests/s", "requests a second")
    _save(figure, path)


def _bars(axes: Axes, rows: Sequence[Mapping[str, Any]], column: str, label: str) -> None:
    names = [row[""] for row in rows]
    figures = [row[column] for row in rows]
    medians = [figure["median"] for figure in figures]
    errors = [
        [figure["median"] - figure["low"] for figure in figures],
        [figure["high"] - figure["median"] for figure in figures],
    ]
    colours = [_MINE if "this exporter" in name else _OTHERS for name in names]
    bars = axes.barh(names, medians, xerr=errors, color=colours, error_kw={"lw": 1})
    axes.bar_label(bars, fmt=lambda value: f"{value:,.1f}" if value < 1_000 else f"{value:,.0f}", padding=6)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.margins(x=0.12)


def _draw_curves(curves: Mapping[str, Sequence[Sequence[float]]], path: Path, title: str | None = None) -> None:
    rows = (len(curves) + 1) // 2
    figure, grid = plt.subplots(rows, min(2, len(curves)), figsize=(7, 2.6 * rows), squeeze=False)
    for axes, (name, points) in zip(grid.flat, curves.items(), strict=False):
        x, y = zip(*points, strict=True)
        axes.plot(x, y, color=_MINE, marker="o" if len(points) < 20 else None, markersize=3)
        axes.set_ylim(bottom=0, top=max(y) * 1.1)
        below, _, left = (title or name).partition(" → ")
        axes.set_xlabel(below)
        axes.set_ylabel(left)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
