"""A faster way from usual spans to the very bytes that the mapping would make of them.

A *program* is what is left to be done for spans of one shape once everything is known but the attributes' values:
constant bytes, and between them operations such as "the JSON of attribute 7" or "what Python said of this value". The
compiled *renderer* runs programs over a batch, and hands each span in which anything is unusual to the mapping.

No rule is written here a second time: a program is made (`program`) by looking at what the mapping makes of a span, and
of the same span with marked values. Without the compiled renderer everything works as well, slower.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def compiled() -> ModuleType | None:
    """The room with the renderer, where that is compiled and knows this version of OpenTelemetry's SDK; else None."""
    try:
        renderer = importlib.import_module("opentelemetry_exporter_moesif.rendering.renderer")
    except ImportError:  # there was no compiler, or the interpreter has no such extensions
        return None
    return renderer if renderer.is_sdk_known() else None
