"""Reads files as `moesif-otel replay` does, in this process and without sending."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.replay.options import Options
from opentelemetry_exporter_moesif.replay.parts import Part
from opentelemetry_exporter_moesif.replay.places import Place
from opentelemetry_exporter_moesif.replay.report import Report
from opentelemetry_exporter_moesif.replay.worker import Worker


class Collecting:
    """An outlet that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def put(self, event: bytes) -> None:
        self.events.append(json.loads(event))

    def flush(self) -> None:
        pass

    def settle(self, report: Report) -> None:
        report.sent = len(self.events)

    def close(self) -> None:
        pass


class Replayed:
    """What came of reading a part.

    Args:
        part: What to read.
        config: The exporter's settings.
        options: The arguments of the command.

    Attributes:
        events: The events, decoded.
        report: What was counted.
        told: The lines for whoever watches.
        is_whole: Whether the part counts as finished.
    """

    def __init__(self, part: Part, config: Config | None = None, **options: Any) -> None:
        outlet = Collecting()
        self.told: list[str] = []
        now = options.pop("now", time.time_ns())
        worker = Worker(
            config or Config(application_id="any"),
            Options(now=now, **options),
            outlet,
            self.told.append,
            lambda _part, _read, _events: None,
        )
        result = worker.replay(part)
        self.report, self.is_whole = result.report, result.is_whole
        self.events = outlet.events

    @property
    def uris(self) -> list[str]:
        return [event["request"]["uri"] for event in self.events]


def replayed(path: Path, config: Config | None = None, **options: Any) -> Replayed:
    """What a file gives."""
    return Replayed(Part(Place(str(path), path.stat().st_size)), config, **options)


def replayed_text(tmp_path: Path, content: str | bytes, **options: Any) -> Replayed:
    """What a file with this content gives."""
    path = tmp_path / "a-file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return replayed(path, **options)
