"""Misbehaviour on demand, so that a set-up can be tried against an outage."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

HANG = "hang"
_PART = re.compile(r"(?P<kind>[3-5]\d\d|hang)(?::(?P<rate>\d*\.?\d+))?")
_DELAY = re.compile(r"(?P<least>\d*\.?\d+)(?:-(?P<most>\d*\.?\d+))?")


@dataclass
class Faults:
    """Which answers go wrong, and how often.

    Attributes:
        rates: The probability of each fault: a status from 300 to 599, or `hang` (no answer at all).
        delay: The shortest and the longest wait before an answer, in seconds.
    """

    rates: dict[str, float] = field(default_factory=dict)
    delay: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def parse(cls, fail: str | None = None, delay: str | float | None = None) -> Faults:
        """Reads `503:0.1,hang:0.01` and `0.2` or `0.1-2`.

        Args:
            fail: Faults, each with its probability; without one, it always happens.
            delay: Seconds, or two of them with a hyphen between.

        Raises:
            ValueError: Neither form, or probabilities that sum up to more than 1.
        """
        return cls(_rates(fail or ""), _delay(str(delay or "0")))

    def draw(self) -> str | None:
        """The fault of the next answer, or None."""
        draw = random.random()  # noqa: S311 - nobody gains by guessing it
        for kind, rate in self.rates.items():
            draw -= rate
            if draw < 0:
                return kind
        return None

    def wait(self) -> float:
        """How long the next answer waits, in seconds."""
        return random.uniform(*self.delay)  # noqa: S311 - nobody gains by guessing it

    def fail_text(self) -> str:
        """The faults as `parse` reads them."""
        return ",".join(f"{kind}:{rate:g}" for kind, rate in self.rates.items())

    def delay_text(self) -> str:
        """The delay as `parse` reads it; empty for none."""
        least, most = self.delay
        return "" if most == 0 else f"{least:g}" if least == most else f"{least:g}-{most:g}"


def _rates(text: str) -> dict[str, float]:
    rates: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        fault = _PART.fullmatch(part)
        if fault is None:
            message = f"{part!r} is no fault: write a status or hang, and how often, like 503:0.1,hang:0.01"
            raise ValueError(message)
        rates[fault["kind"]] = float(fault["rate"] or 1)
    if sum(rates.values()) > 1 + 1e-9:
        message = f"the faults of {text!r} sum up to more than 1"
        raise ValueError(message)
    return rates


def _delay(text: str) -> tuple[float, float]:
    delay = _DELAY.fullmatch(text.strip())
    least, most = (float(delay["least"]), float(delay["most"] or delay["least"])) if delay else (0.0, -1.0)
    if most < least:
        message = f"{text!r} is no delay: write seconds, like 0.2 or 0.1-2"
        raise ValueError(message)
    return least, most
