"""The templates, with every value escaped."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from .figures import LATENCY_STEPS
from .schema import Level

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = {
    Level.REFUSED: "Refused: Moesif would not take this event",
    Level.MISREAD: "Misread: Moesif would show something else than was meant",
    Level.NOTE: "Notes: Moesif takes this without a word; the API as first published says otherwise",
}
_SECOND = 1_000
_FAST = 10


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__name__.rpartition(".")[0]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["LEVELS"] = _LEVELS
    filters: dict[str, Callable[..., Any]] = {
        "compact": lambda value: json.dumps(value, separators=(",", ":")),
        "distribution_words": distribution_words,
        "duration": duration,
        "iso": iso,
        "moment": moment,
        "share": share,
        "status_class": status_class,
    }
    environment.filters |= filters
    return environment


def duration(milliseconds: float | None) -> str:
    """A duration in the unit that reads best: `0.4 ms`, `43 ms`, `1.25 s`."""
    if milliseconds is None:
        return "\N{EN DASH}"
    if milliseconds >= _SECOND:
        return f"{milliseconds / _SECOND:.2f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= _FAST else f"{milliseconds:.3g} ms"


def distribution_words(counts: tuple[int, ...]) -> str:
    """What a small chart of durations shows: `12 below 5 ms, 3 below 10 ms, 1 of 5.00 s and more`."""
    ends = [f"below {duration(step)}" for step in LATENCY_STEPS]
    ends.append(f"of {duration(LATENCY_STEPS[-1])} and more")
    return ", ".join(f"{count:,} {end}" for count, end in zip(counts, ends, strict=True) if count)


def iso(milliseconds: int) -> str:
    """A time in ISO 8601, UTC; a time beyond the calendar is the empty text."""
    try:
        at = datetime.fromtimestamp(milliseconds // _SECOND, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % _SECOND:03d}Z"


def moment(milliseconds: int) -> str:
    """A time in UTC as people read it; the page's script turns it into their own zone."""
    return iso(milliseconds).replace("T", " ").removesuffix("Z")


def share(part: float) -> str:
    """A share from 0 to 1 as a percentage, never rounded down to nothing."""
    if part == 0:
        return "0 %"
    return f"{part * 100:.1f} %" if part >= 0.001 else "< 0.1 %"  # noqa: PLR2004 - a tenth of a percent


def status_class(status: int | None) -> str:
    """The CSS class of an answer."""
    return f"s{status // 100}" if status and status // 100 in range(1, 6) else "s0"
