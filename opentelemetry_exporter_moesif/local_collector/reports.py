"""What the pages show of the store: lists, counts, percentiles, and series over time."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

from .schema import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .filters import Filter
    from .store import Store

PAGE_SIZE = 100
_MAX_CHOICES = 200
_MAX_ROUTES = 500
_MAX_BUCKETS = 60
_CACHED = 32
_DAY = 86_400
_BUCKET_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, _DAY)
_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_CLASS_COUNTS = ", ".join(f"total(status / 100 = {name[0]})" for name in _CLASSES)


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of durations in milliseconds, None where none is known."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class RouteReport:
    """How one route fares: counts of calls, and the shares of 4xx and 5xx answers from 0 to 1."""

    verb: str
    route: str
    count: int
    client_errors: float
    server_errors: float
    latency: Latency


@dataclass(frozen=True, slots=True)
class Summary:
    """All calls that a filter lets through: as RouteReport, how many were refused or misread, and the span of time."""

    count: int
    client_errors: float
    server_errors: float
    latency: Latency
    problems: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One line of the list of calls; times in milliseconds."""

    id: int
    time: int
    duration: float | None
    verb: str
    status: int | None
    uri: str
    path: str
    user_id: str | None
    company_id: str | None
    service: str | None
    problems: tuple[Problem, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call with its whole event."""

    line: ListedCall
    route: str
    event: Any


_LINE = "id, time, duration, verb, status, uri, path, user_id, company_id, service, problems, level"


class Reports:
    """Answers the pages' questions, each worked out once as long as the store does not change.

    Args:
        store: What is asked. Usable from any thread.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cached_summary = lru_cache(_CACHED)(self._work_out_summary)
        self._cached_series = lru_cache(_CACHED)(self._work_out_series)
        self._cached_routes = lru_cache(_CACHED)(self._work_out_routes)
        self._cached_choices = lru_cache(_CACHED)(self._work_out_choices)

    def calls(self, shown: Filter, limit: int = PAGE_SIZE) -> list[ListedCall]:
        """The newest calls that a filter lets through."""
        where, parameters = shown.condition()
        query = f"SELECT {_LINE} FROM calls WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - clauses of filters.py
        return [_listed(row) for row in self._store.read(query, [*parameters, limit])]

    def call(self, identifier: int) -> StoredCall | None:
        """One call by its number, None where it is not kept (any more)."""
        rows = self._store.read(
            f"SELECT route, json, {_LINE} FROM calls JOIN events USING (id) WHERE id = ?",  # noqa: S608 - names above
            [identifier],
        )
        return StoredCall(_listed(rows[0][2:]), rows[0][0], loads(rows[0][1])) if rows else None

    def summary(self, shown: Filter) -> Summary:
        """Counts and percentiles over all calls that a filter lets through."""
        return self._cached_summary(self._store.version, replace(shown, before=None))

    def series(self, shown: Filter) -> dict[str, Any]:
        """Calls by status class and latency over time, for the charts.

        Returns:
            `times` in seconds, the `width` of a bucket in seconds, a list for each status class and percentile.
        """
        return self._cached_series(self._store.version, replace(shown, before=None))

    def routes(self, shown: Filter) -> list[RouteReport]:
        """The routes with the most calls."""
        return self._cached_routes(self._store.version, replace(shown, before=None))

    def choices(self) -> tuple[list[str], list[str]]:
        """The verbs and the routes to choose from, the most used first."""
        return self._cached_choices(self._store.version)

    def _work_out_summary(self, _version: int, shown: Filter) -> Summary:
        where, parameters = shown.condition()
        ((count, client_errors, server_errors, durations, problems, first, last),) = self._store.read(
            "SELECT total(level < 3), total(level < 3 AND status / 100 = 4), "  # noqa: S608 - clauses of filters.py
            "total(level < 3 AND status / 100 = 5), group_concat(CASE WHEN level < 3 THEN duration END), "
            "total(level > 1), min(CASE WHEN level < 3 THEN time END), max(CASE WHEN level < 3 THEN time END) "
            f"FROM calls WHERE {where}",
            parameters,
        )
        shares = _share(client_errors, count), _share(server_errors, count)
        return Summary(int(count), *shares, _latency(durations), int(problems), first, last)

    def _work_out_routes(self, _version: int, shown: Filter) -> list[RouteReport]:
        where, parameters = shown.condition()
        rows = self._store.read(
            "SELECT verb, route, count(*), total(status / 100 = 4), total(status / 100 = 5), group_concat(duration) "  # noqa: S608
            f"FROM calls WHERE level < 3 AND {where} GROUP BY route, verb ORDER BY count(*) DESC LIMIT ?",
            [*parameters, _MAX_ROUTES],
        )
        return [
            RouteReport(
                verb, route, count, _share(client_errors, count), _share(server_errors, count), _latency(durations)
            )
            for verb, route, count, client_errors, server_errors, durations in rows
        ]

    def _work_out_series(self, version: int, shown: Filter) -> dict[str, Any]:
        summary = self._cached_summary(version, shown)
        first, last = summary.first, summary.last
        if first is None or last is None:
            return {"width": 0, "times": []}
        where, parameters = shown.condition()
        width = _bucket_width(last - first)
        start = first // (width * 1_000)
        rows = self._store.read(
            f"SELECT time / ? - ?, {_CLASS_COUNTS}, group_concat(duration) "  # noqa: S608 - clauses of filters.py
            f"FROM calls WHERE level < 3 AND {where} GROUP BY 1",
            [width * 1_000, start, *parameters],
        )
        buckets = last // (width * 1_000) - start + 1
        rows = [row for row in rows if 0 <= row[0] < buckets]  # a call may have come since the summary
        return {"width": width, "times": [(start + index) * width for index in range(buckets)], **_lists(rows, buckets)}

    def _work_out_choices(self, _version: int) -> tuple[list[str], list[str]]:
        verbs = self._store.read("SELECT verb FROM calls WHERE verb != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 30")
        routes = self._store.read(
            "SELECT route FROM calls WHERE route != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT ?", [_MAX_CHOICES]
        )
        return [verb for (verb,) in verbs], [route for (route,) in routes]


def _listed(row: Sequence[Any]) -> ListedCall:
    *line, problems, level = row
    return ListedCall(*line, problems=_problems(problems), level=Level(level))  # type: ignore[misc]


def _problems(text: str | None) -> tuple[Problem, ...]:
    return tuple(Problem(Level(level), words) for level, words in json.loads(text or "[]"))


def _lists(rows: list[tuple[Any, ...]], buckets: int) -> dict[str, list[Any]]:
    lists: dict[str, list[Any]] = {name: [0] * buckets for name in _CLASSES}
    lists |= {name: [None] * buckets for name in ("p50", "p95", "p99")}
    for bucket, *counts, durations in rows:
        for name, count in zip(_CLASSES, counts, strict=True):
            lists[name][bucket] = int(count)
        latency = _latency(durations)
        lists["p50"][bucket], lists["p95"][bucket], lists["p99"][bucket] = latency.p50, latency.p95, latency.p99
    return lists


def _bucket_width(milliseconds: int) -> int:
    """The width of a bucket in seconds that shows a span of time in sixty of them at most."""
    least = milliseconds / 1_000 / _MAX_BUCKETS
    fitting = next((width for width in _BUCKET_SECONDS if width >= least), None)
    return fitting or (int(least) // _DAY + 1) * _DAY


def _latency(durations: str | None) -> Latency:
    """Percentiles by nearest rank, of what SQLite's group_concat joined: a tenth of the time of as many rows."""
    ordered = sorted(map(float, durations.split(","))) if durations else []
    if not ordered:
        return Latency(None, None, None)
    return Latency(*(ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 95, 99)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
