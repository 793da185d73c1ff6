"""The progress bar of `replay`: on a terminal, with rich; nothing in a pipe."""

from __future__ import annotations

import contextlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.output import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from opentelemetry_exporter_moesif.replay.records import Source

_EVERY = 20


@contextlib.contextmanager
def progress(sources: Sequence[Source]) -> Iterator[Callable[[Source, int], None]]:
    """Shows how far a replay is; what is called with the file being read and the number of events so far."""
    if not on_terminal() or find_spec("rich") is None:
        yield lambda _source, _events: None
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
        TextColumn("{task.fields[events]:,} events"),
        TimeRemainingColumn(),
    )
    sizes = [source.size() for source in sources]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total, events=0)
        before = {source.name: sum(size or 0 for size in sizes[:index]) for index, source in enumerate(sources)}
        calls = 0

        def show(source: Source, events: int) -> None:
            nonlocal calls
            calls += 1
            if calls % _EVERY == 0:
                position = before[source.name] + source.position()
                bar.update(task, description=source.name[-40:], completed=position, events=events)

        yield show
