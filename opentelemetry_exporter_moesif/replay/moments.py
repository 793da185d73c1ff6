"""Moments as logs write them, to nanoseconds since the epoch, to the last digit."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

_NANOSECONDS = 1_000_000_000
_ISO = re.compile(
    r"(?P<date>\d{4}[-/]\d{2}[-/]\d{2})[Tt ](?P<time>\d{2}:\d{2}:\d{2})(?:[.,](?P<fraction>\d{1,12}))?"
    r" ?(?P<zone>[Zz]|(?:UTC)|[+-]\d{2}:?\d{2})?"
)
# Apache's and nginx's own (`%t`, `$time_local`), with brackets or without.
_COMMON = re.compile(
    r"\[?(?P<day>\d{1,2})/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4})[: ](?P<time>\d{2}:\d{2}:\d{2})"
    r"(?:\.(?P<fraction>\d{1,9}))?(?: (?P<zone>[+-]\d{4}))?\]?"
)
_NUMBER = re.compile(r"(?P<whole>\d{1,20})(?:\.(?P<fraction>\d{1,20}))?")
# RFC 9110's date.
_HTTP = re.compile(
    r"[A-Z][a-z]{2}, (?P<day>\d{2}) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4}) (?P<time>\d{2}:\d{2}:\d{2}) (?P<zone>GMT)"
)
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>ns|us|\u00b5s|\u03bcs|ms|s)")
_SPAN_UNITS = {"ns": 1.0, "us": 1e3, "\u00b5s": 1e3, "\u03bcs": 1e3, "ms": 1e6, "s": 1e9}
_MOST_HOURS, _MOST_MINUTES = 23, 59
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
# The smallest number that is taken for one of this unit since the epoch: seconds reach it in the year 5138.
_UNITS = ((10**17, 1), (10**14, 1_000), (10**11, 1_000_000), (0, _NANOSECONDS))


def moment(value: Any) -> int | None:
    """The moment that a value tells, in nanoseconds since the epoch; None where it tells none.

    Args:
        value: A number or text of seconds, milliseconds, microseconds or nanoseconds since the epoch; ISO 8601;
            the Common Log Format's ``25/Nov/2026:09:46:40 +0000``; or HTTP's own. Without a zone it is UTC.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        value = format(value, ".9f") if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    number = _NUMBER.fullmatch(text)
    if number:
        whole = int(number["whole"])
        unit = next(unit for least, unit in _UNITS if whole >= least)
        return whole * unit + _fraction(number["fraction"]) * unit // _NANOSECONDS
    return _calendar(text)


def duration(value: Any, unit: float) -> int | None:
    """The nanoseconds that a number of units of so many nanoseconds is; or those of `1.5ms`; None where it is none."""
    span = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if span:
        value, unit = span["number"], _SPAN_UNITS[span["unit"]]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    # A duration of more than a century is none.
    return round(number * unit) if 0 <= number * unit < 10**18 * 4 else None


def _calendar(text: str) -> int | None:
    iso = _ISO.fullmatch(text)
    if iso:
        return _seconds(iso["date"].replace("/", "-"), iso["time"], iso["zone"] or "", iso["fraction"])
    common = _COMMON.fullmatch(text) or _HTTP.fullmatch(text)
    if common and common["month"] in _MONTHS:
        date = f"{common['year']}-{_MONTHS[common['month']]:02}-{int(common['day']):02}"
        return _seconds(date, common["time"], common["zone"] or "", common.groupdict().get("fraction"))
    return None


def _seconds(date: str, time: str, zone: str, fraction: str | None) -> int | None:
    second = _second(date, time, zone)
    return None if second is None else second * _NANOSECONDS + _fraction(fraction)


@lru_cache(maxsize=4096)
def _second(date: str, time: str, zone: str) -> int | None:
    """Many calls are of one second."""
    try:
        moment_ = datetime.fromisoformat(f"{date}T{time}+00:00") - _offset(zone)
    except (ValueError, OverflowError):
        return None
    second = int((moment_ - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
    return second if second > 0 else None


def _offset(zone: str) -> timedelta:
    if not zone.startswith(("+", "-")):
        return timedelta()
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > _MOST_HOURS or minutes > _MOST_MINUTES:
        raise ValueError
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone.startswith("-") else offset


def _fraction(digits: str | None) -> int:
    return int(digits[:9].ljust(9, "0")) if digits else 0
