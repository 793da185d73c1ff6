"""What a worker is told, wherever it runs; and the worker of this process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.replay.outlet import Outlet, Printing, Sending
from opentelemetry_exporter_moesif.replay.parts import Part
from opentelemetry_exporter_moesif.replay.worker import PartResult, Worker

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.replay.options import Options

_OBJECTS_BEFORE_A_LOOK = 200_000

Tell = Callable[[str], None]
Show = Callable[[Part, int, int], None]
"""Told of a part how many of its bytes were read, and how many events were made."""

Results = Iterator[tuple[Part, PartResult]]
"""Each part and what became of it, in the order in which they end."""


@dataclass(frozen=True)
class Task:
    """What a worker needs to know beside the parts.

    Args:
        config: The exporter's settings.
        options: Which events are wanted.
        is_dry: Whether nothing is sent.
        is_quiet: Whether a dry run prints nothing.
        prepare: Called first in a process of its own.
    """

    config: Config
    options: Options
    is_dry: bool = False
    is_quiet: bool = True
    prepare: Callable[[], None] | None = None

    def outlet(self) -> Outlet:
        """Where the events go."""
        return Printing(quiet=self.is_quiet) if self.is_dry else Sending(self.config, self.options)

    def worker(self, outlet: Outlet, tell: Tell, show: Show) -> Worker:
        """A worker whose events go there."""
        return Worker(self.config, self.options, outlet, tell, show)


@contextmanager
def calm_garbage_collection() -> Iterator[None]:
    """Records are trees without cycles, a thousand objects each: looking for cycles after every few is a third of all.

    It is the collector of cycles alone that comes by less often; whatever nobody holds is freed at once as ever.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_A_LOOK, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def here(parts: Iterable[Part], task: Task, tell: Tell, show: Show) -> Results:
    """Reads the parts in this process, one after the other."""
    outlet = task.outlet()
    try:
        with calm_garbage_collection():
            worker = task.worker(outlet, tell, show)
            for part in parts:
                yield part, worker.replay(part)
    finally:
        outlet.close()
