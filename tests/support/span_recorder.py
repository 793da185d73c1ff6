"""The exporter that records the corpus: each span becomes a line of a file, as it is exported."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from support.recorded_spans import span_to_json

#: Names the file that the recorder appends to.
FILE_VARIABLE = "RECORDED_SPANS_FILE"


class SpanRecorder(SpanExporter):
    """Appends every span to the file named by the environment; a line is written at once, so processes may share it."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Writes the spans with the resource that the corpus keeps once a file."""
        lines = [json.dumps({"resource": dict(span.resource.attributes), "span": _recorded(span)}) for span in spans]
        with Path(os.environ[FILE_VARIABLE]).open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        return SpanExportResult.SUCCESS


def _recorded(span: ReadableSpan) -> dict[str, Any]:
    """The span, its stack traces without their frames: those name the files of the recording machine."""
    fields = span_to_json(span)
    for _, _, attributes in fields.get("events", []):
        if trace := attributes.get("exception.stacktrace"):
            head, *_, last = trace.rstrip("\n").splitlines()
            attributes["exception.stacktrace"] = f"{head}\n  ...\n{last}\n"
    return fields
