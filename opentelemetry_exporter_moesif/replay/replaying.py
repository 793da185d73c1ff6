"""A whole replay: what there is to read, who reads it, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.replay.cluster import ClusterError, on_cluster
from opentelemetry_exporter_moesif.replay.parts import Part, parts
from opentelemetry_exporter_moesif.replay.places import STANDARD_INPUT, Place, PlaceError, places
from opentelemetry_exporter_moesif.replay.progress import Watch
from opentelemetry_exporter_moesif.replay.report import Report
from opentelemetry_exporter_moesif.replay.streams import MissingExtraError
from opentelemetry_exporter_moesif.replay.task import here
from opentelemetry_exporter_moesif.replay.worker import INTERRUPTED, PartResult
from opentelemetry_exporter_moesif.replay.workers import side_by_side
from opentelemetry_exporter_moesif.terminal.interruption import ENDING, Interruption

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.state import State
    from opentelemetry_exporter_moesif.replay.task import Results, Show, Task

# What starting a process takes (half a second), one core reads in the meantime.
_WORTH_A_PROCESS = 16 * 1024 * 1024


@dataclass
class Replay:
    """One run.

    Args:
        task: What the workers need to know.
        workers: How many processes to read with; None for as many as are worth while, of `cores`.
        cores: How many may run at once.
        cluster: The address of a Ray cluster.
        state: Which parts are finished.

    Attributes:
        report: What was found, and what became of it.
        ending: Why it ended early; None where it did not.
        files: How many files there were to read.
        finished_before: How many parts `state` had.
    """

    task: Task
    workers: int | None = None
    cores: int = 1
    cluster: str | None = None
    state: State | None = None
    report: Report = field(default_factory=Report)
    ending: str | None = None
    files: int = 0
    finished_before: int = 0
    interruption: Interruption = field(default_factory=Interruption)

    def run(self, arguments: Sequence[str]) -> None:
        """Reads the files that the arguments name."""
        first = Watch(())
        places: list[Place] = []
        for argument in arguments:
            places += self._places(argument, first)
        self.files = len(places)
        to_read = [part for part in parts(places) if not self._is_finished(part)]
        watch = Watch(to_read)
        try:
            # What came through a pipe cannot be read again.
            alike = () if all(place.is_lasting for place in places) else ENDING
            with self.interruption.watched(*alike), watch.shown():
                for part, result in self._results(to_read, watch):
                    self._take(part, result)
                    watch.finish(part, result.report.events)
                    self.interruption.check()
                    if self.ending:
                        break
        except KeyboardInterrupt:
            self.ending = INTERRUPTED
        except (ClusterError, MissingExtraError) as error:
            self.ending = str(error)

    def _places(self, argument: str, watch: Watch) -> list[Place]:
        try:
            return places(argument)
        except PlaceError as error:
            self.report.unread.append(str(error))
            watch.tell(str(error))
            return []

    def _is_finished(self, part: Part) -> bool:
        if self.state is None or not self.state.is_finished(part):
            return False
        self.finished_before += 1
        return True

    def _take(self, part: Part, result: PartResult) -> None:
        self.report.add(result.report)
        self.ending = self.ending or result.ending
        if self.state is not None and result.is_whole:
            self.state.finish(part)

    def _results(self, to_read: Sequence[Part], watch: Watch) -> Results:
        if self.cluster is not None:
            return on_cluster(to_read, self.task, self.cluster, watch.tell, watch.show)
        count = self._worth_while(to_read)
        if count <= 1:
            return here(to_read, self.task, watch.tell, self._checked(watch.show))
        rate = self.task.options.rate
        task = self.task if rate is None else replace(self.task, options=replace(self.task.options, rate=rate / count))
        return side_by_side(to_read, task, count, watch.tell, watch.show)

    def _checked(self, show: Show) -> Show:
        """Ctrl-C ends it, whatever became of the exception that it raised."""

        def checked(part: Part, read: int, events: int) -> None:
            self.interruption.check()
            show(part, read, events)

        return checked

    def _worth_while(self, to_read: Sequence[Part]) -> int:
        """How many processes to read with. What only this one can read, and what is printed, it reads itself."""
        is_printing = self.task.is_dry and not self.task.is_quiet
        if is_printing or any(part.place.address == STANDARD_INPUT or not part.place.is_lasting for part in to_read):
            return 1
        if self.workers is not None:
            return min(self.workers, len(to_read))
        size = sum(part.size for part in to_read)
        return min(self.cores, len(to_read), 1 + size // _WORTH_A_PROCESS)
