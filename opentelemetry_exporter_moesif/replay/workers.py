"""Several processes that read parts side by side, each with a sender of its own.

One that dies (killed, out of memory) costs nothing but time: its part is read again by another one, and what it had
sent counts once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.task import calm_garbage_collection
from opentelemetry_exporter_moesif.replay.worker import PartResult

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from opentelemetry_exporter_moesif.replay.parts import Part
    from opentelemetry_exporter_moesif.replay.task import Results, Show, Task, Tell

_MOST_TRIES = 3
_LAST_SECONDS = 3.0
_DONE, _TELL, _SHOW = range(3)


def side_by_side(parts: Iterable[Part], task: Task, count: int, tell: Tell, show: Show) -> Results:
    """Reads the parts in `count` processes of their own.

    Args:
        parts: What to read.
        task: What the workers need to know.
        count: How many processes to start at most.
        tell: Takes a line for whoever watches.
        show: Told how far each part is.

    Yields:
        Each part and what became of it, in the order in which they end.
    """
    crew = _Crew(parts, task, count, tell, show)
    try:
        yield from crew.results()
    except KeyboardInterrupt:
        yield from crew.last_results()
        raise
    finally:
        crew.end()


class _Crew:
    """The processes, and the parts that wait for one of them."""

    def __init__(self, parts: Iterable[Part], task: Task, count: int, tell: Tell, show: Show) -> None:
        self._task = task
        self._tell = tell
        self._show = show
        self._waiting = deque((part, 1) for part in parts)
        self._processes = [_Process(task) for _ in range(min(count, len(self._waiting)))]

    def results(self) -> Results:
        """Gives each process one part after the other."""
        for process in self._processes:
            process.give(*self._waiting.popleft())
        while self._busy():
            for process in self._ready():
                ended = process.listen(self._tell, self._show)
                if ended is None:
                    continue
                part, result = ended
                if result is None:
                    result = self._buried(process, part)
                elif self._waiting:
                    process.give(*self._waiting.popleft())
                if result is not None:
                    yield part, result

    def last_results(self) -> Results:
        """After Ctrl-C: what was sent of the parts that were being read, of the processes that say so soon."""
        for process in self._processes:
            process.interrupt()
        end = time.monotonic() + _LAST_SECONDS
        while self._busy() and (left := end - time.monotonic()) > 0:
            for process in self._ready(left):
                ended = process.listen(self._tell, self._show)
                if ended is not None and ended[1] is not None:
                    yield ended[0], ended[1]

    def end(self) -> None:
        """Ends all of them."""
        for process in self._processes:
            process.end()

    def _busy(self) -> list[_Process]:
        return [process for process in self._processes if process.part is not None]

    def _ready(self, seconds: float | None = None) -> list[_Process]:
        """The processes that have said something, or are gone."""
        busy: dict[Any, _Process] = {process.connection: process for process in self._busy()}
        return [busy[connection] for connection in wait(list(busy), seconds) if connection in busy]

    def _buried(self, process: _Process, part: Part) -> PartResult | None:
        """A process that died while it read a part: another one takes its place. The result of a part given up."""
        fate = process.fate
        self._processes.remove(process)
        process.end()
        if process.tries < _MOST_TRIES:
            self._tell(f"{part.name}: its worker died ({fate}), and it is read again")
            self._waiting.appendleft((part, process.tries + 1))
        if self._waiting:
            heir = _Process(self._task)
            self._processes.append(heir)
            heir.give(*self._waiting.popleft())
        if process.tries < _MOST_TRIES:
            return None
        result = PartResult()
        line = f"{part.name}: not read: its workers died {_MOST_TRIES} times ({fate})"
        result.report.unread.append(line)
        self._tell(line)
        return result


class _Process:
    """One process, and the part that it reads."""

    def __init__(self, task: Task) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.part: Part | None = None
        self.tries = 0
        self._process: SpawnProcess = context.Process(target=_work, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def fate(self) -> str:
        """How it ended."""
        self._process.join(5)
        code = self._process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def give(self, part: Part, tries: int) -> None:
        """Gives it a part to read."""
        self.part, self.tries = part, tries
        # Where it died before, listening tells.
        with contextlib.suppress(OSError):
            self.connection.send(part)

    def listen(self, tell: Tell, show: Show) -> tuple[Part, PartResult | None] | None:
        """Takes one message. Returns the part that is ended, with what became of it, or None where it died."""
        part = self.part
        if part is None:
            return None
        try:
            kind, *content = self.connection.recv()
        except (EOFError, OSError):
            self.part = None
            return part, None
        if kind == _TELL:
            tell(*content)
        elif kind == _SHOW:
            show(part, *content)
        else:
            self.part = None
            return part, content[0]
        return None

    def interrupt(self) -> None:
        """Asks it to stop where it is."""
        if self.part is not None and self._process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGINT)

    def end(self) -> None:
        """Ends it, whatever it does: each event that it has sent counts once."""
        with contextlib.suppress(OSError):
            self.connection.send(None)
        self.connection.close()
        if self.part is not None:
            self._process.terminate()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _work(connection: Connection[Any, Any], task: Task) -> None:
    """What such a process does: one part after the other, until there is none."""
    # Ctrl-C goes to all processes of a terminal. It must not be raised while a message is being sent to the first one.
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))

    def show(_part: Part, read: int, events: int) -> None:
        if came:
            raise KeyboardInterrupt
        connection.send((_SHOW, read, events))

    if task.prepare is not None:
        task.prepare()
    outlet = task.outlet()
    try:
        with calm_garbage_collection():
            worker = task.worker(outlet, lambda text: connection.send((_TELL, text)), show)
            while (part := connection.recv()) is not None:
                connection.send((_DONE, worker.replay(part)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the first process is gone
    finally:
        outlet.close()
