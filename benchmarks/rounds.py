"""Interleaved rounds: each peer does the same work in each round, in an order drawn anew, so that noise meets all alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)

    def scaled(self, factor: float) -> Spread:
        return Spread(self.median * factor, self.low * factor, self.high * factor)

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Timing:
    """Seconds of each round: on the wall and of this process's own processor time."""

    wall: list[float]
    processor: list[float]


def interleaved(
    actions: Mapping[str, Callable[[], object]],
    rounds: int,
    warm_up: int = 1,
    prepare: Callable[[], object] = gc.collect,
) -> dict[str, Timing]:
    """Times each action once a round.

    Args:
        actions: What is timed, by name.
        rounds: How often.
        warm_up: Rounds before, not counted.
        prepare: Called before each action, and not timed.
    """
    timings = {name: Timing([], []) for name in actions}
    order = list(actions)
    for number in range(-warm_up, rounds):
        random.shuffle(order)
        for name in order:
            prepare()
            wall, processor = _time(actions[name])
            if number >= 0:
                timings[name].wall.append(wall)
                timings[name].processor.append(processor)
    return timings


def ratio(timing: list[float], base: list[float]) -> Spread:
    """How many times as long as the base it took, round by round: what slows a whole round cancels out."""
    return Spread.of([mine / its for mine, its in zip(timing, base, strict=True)])


def _time(action: Callable[[], object]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - processor
