"""The same parts as tasks of a Ray cluster: the one room that imports Ray (extra `cluster`).

Ray gives a task to another worker when its own dies. That is safe: an event that is sent twice counts once.
"""

from __future__ import annotations

import contextlib
import logging
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.streams import MissingExtraError
from opentelemetry_exporter_moesif.replay.task import calm_garbage_collection
from opentelemetry_exporter_moesif.replay.worker import PartResult

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.parts import Part
    from opentelemetry_exporter_moesif.replay.task import Results, Show, Task, Tell

_MOST_RETRIES = 10


class ClusterError(Exception):
    """No cluster can be reached; its text says why."""


@dataclass
class _Told:
    """What a task brings back."""

    result: PartResult
    lines: list[str] = field(default_factory=list)


def on_cluster(parts: Sequence[Part], task: Task, address: str, tell: Tell, show: Show) -> Results:
    """Reads the parts on a cluster.

    Args:
        parts: What to read: each machine has to find it under the same address.
        task: What the workers need to know.
        address: ``ray://HOST:10001``, ``auto`` for the cluster that this machine is part of, ``local`` for one here.
        tell: Takes a line for whoever watches.
        show: Told of each part when it ends.

    Yields:
        Each part and what became of it, in the order in which they end.

    Raises:
        ClusterError: The cluster cannot be reached.
        MissingExtraError: Ray is not installed.
    """
    try:
        import ray  # noqa: PLC0415 - the extra `cluster`  # pyright: ignore[reportMissingImports]
    except ImportError:
        what = "--cluster"
        raise MissingExtraError(what, "cluster") from None
    try:
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:
        message = f"no Ray cluster at {address}: {error}"
        raise ClusterError(message) from error
    # Ray writes of dead workers to standard output, which the summary has for itself.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            yield from _results(ray, parts, task, tell, show)
        finally:
            ray.shutdown()


def _results(ray: Any, parts: Sequence[Part], task: Task, tell: Tell, show: Show) -> Results:
    cores = max(1, math.floor(ray.cluster_resources().get("CPU", 1)))
    shared = _for_one_of(task, min(cores, len(parts)))
    run = ray.remote(max_retries=_MOST_RETRIES, num_cpus=1)(_run)
    running = {run.remote(part, shared): part for part in parts}
    while running:
        [done], _ = ray.wait(list(running), num_returns=1)
        part = running.pop(done)
        try:
            outcome = ray.get(done)
        except ray.exceptions.RayError as error:
            outcome = _given_up(part, error)
        for line in outcome.lines:
            tell(line)
        show(part, part.size, outcome.result.report.events)
        yield part, outcome.result


def _for_one_of(task: Task, workers: int) -> Task:
    """The task of one worker. What a worker prints nobody sees."""
    rate = task.options.rate
    options = task.options if rate is None else replace(task.options, rate=rate / workers)
    return replace(task, options=options, is_quiet=True, prepare=None)


def _run(part: Part, task: Task) -> _Told:
    lines: list[str] = []
    outlet = task.outlet()
    try:
        with calm_garbage_collection():
            return _Told(task.worker(outlet, lines.append, lambda _part, _bytes, _events: None).replay(part), lines)
    finally:
        outlet.close()


def _given_up(part: Part, error: Exception) -> _Told:
    line = f"{part.name}: not read: {type(error).__name__}"
    result = PartResult()
    result.report.unread.append(line)
    return _Told(result, [line])
