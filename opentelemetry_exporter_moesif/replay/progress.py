"""The progress bar of `replay`, over all workers: on a terminal, with rich; nothing in a pipe."""

from __future__ import annotations

import contextlib
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.terminal.output import note, on_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress, TaskID

    from opentelemetry_exporter_moesif.replay.parts import Part


class Watch:
    """Adds up what the workers show; without a bar it only tells what is to be told.

    Args:
        parts: All that is to be read.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._count = len(parts)
        self._done = 0
        self._sizes = {part: part.size for part in parts}
        self._now: dict[Part, tuple[int, int]] = {}
        self._began = time.monotonic()
        self._said: set[str] = set()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def tell(self, line: str) -> None:
        """Prints a line for whoever watches; the same one once."""
        if line in self._said:
            return
        self._said.add(line)
        if self._bar is None:
            note(line)
        else:
            self._bar.console.print(line, markup=False, highlight=False)

    def show(self, part: Part, read: int, events: int) -> None:
        """How far a part is."""
        self._now[part] = (min(read, self._sizes[part] or read), events)
        self._refresh()

    def finish(self, part: Part, events: int) -> None:
        """A part is done."""
        self._done += 1
        self._now[part] = (self._sizes[part], events)
        self._refresh()

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the bar, where somebody watches."""
        if not on_terminal() or find_spec("rich") is None:
            yield
            return
        from rich.console import Console  # noqa: PLC0415 - only where there is a bar
        from rich.progress import (  # noqa: PLC0415 - only where there is a bar
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TextColumn("{task.fields[events]:,} events, {task.fields[speed]:,}/s"),
            TimeRemainingColumn(),
        )
        total = sum(self._sizes.values()) or None
        with Progress(*columns, console=Console(stderr=True), transient=True) as self._bar:
            self._task = self._bar.add_task("reading", total=total, events=0, speed=0)
            self._refresh()
            yield
        self._bar = None

    def _refresh(self) -> None:
        if self._bar is None or self._task is None:
            return
        read, events = (sum(each) for each in zip(*self._now.values(), strict=True)) if self._now else (0, 0)
        speed = int(events / max(time.monotonic() - self._began, 1e-9))
        description = f"{self._done} of {self._count}"
        self._bar.update(self._task, description=description, completed=read, events=events, speed=speed)
