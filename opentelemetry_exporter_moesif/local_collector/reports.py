"""What the pages show of the store: lists, counts, percentiles, and series over time."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

from .figures import Latency, bucket_width, distribution_of, latency_of, share, shown_span
from .schema import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .filters import Filter
    from .store import Store

PAGE_SIZE = 100
_MAX_CHOICES = 200
_MAX_ROUTES = 500

_CACHED = 32
_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_CLASS_COUNTS = ", ".join(f"total(status / 100 = {name[0]})" for name in _CLASSES)


@dataclass(frozen=True, slots=True)
class RouteReport:
    """How one route fares: counts of calls, and the shares of 4xx and 5xx answers from 0 to 1.

    `distribution` counts the calls that took less than 1, 2, 5, 10, … 5,000 milliseconds, and longer.
    """

    verb: str
    route: str
    count: int
    client_errors: float
    server_errors: float
    latency: Latency
    distribution: tuple[int, ...]


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
        """The first calls that a filter lets through, in its order."""
        where, parameters = shown.condition()
        query = f"SELECT {_LINE} FROM calls WHERE {where} ORDER BY {shown.order} LIMIT ? OFFSET ?"  # noqa: S608 - of filters.py
        return [_listed(row) for row in self._store.read(query, [*parameters, limit, shown.offset])]

    def numbers(self, shown: Filter) -> list[int]:
        """The numbers of all calls that a filter lets through and that were taken, in its order."""
        where, parameters = shown.condition()
        query = f"SELECT id FROM calls WHERE level < 3 AND {where} ORDER BY {shown.order}"  # noqa: S608 - as above
        return [number for (number,) in self._store.read(query, parameters)]

    def events(self, numbers: Sequence[int]) -> list[str]:
        """The events of these numbers as JSON text, in the same order, without those that are not kept any more."""
        rows = self._store.read(
            "SELECT id, json FROM events WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(numbers))]
        )
        events = dict(rows)
        return [events[number] for number in numbers if number in events]

    def call(self, identifier: int) -> StoredCall | None:
        """One call by its number, None where it is not kept (any more)."""
        rows = self._store.read(
            f"SELECT route, json, {_LINE} FROM calls JOIN events USING (id) WHERE id = ?",  # noqa: S608 - names above
            [identifier],
        )
        return StoredCall(_listed(rows[0][2:]), rows[0][0], loads(rows[0][1])) if rows else None

    def summary(self, shown: Filter) -> Summary:
        """Counts and percentiles over all calls that a filter lets through."""
        return self._cached_summary(self._store.version, _unordered(shown))

    def series(self, shown: Filter) -> dict[str, Any]:
        """Calls by status class and latency over time, for the charts.

        Returns:
            `times` in seconds, the `width` of a bucket in seconds, a list for each status class and percentile.
        """
        return self._cached_series(self._store.version, _unordered(shown))

    def routes(self, shown: Filter) -> list[RouteReport]:
        """The routes with the most calls, in the filter's order."""
        routes = self._cached_routes(self._store.version, _unordered(shown))
        key = _ROUTE_KEYS.get(shown.sort.removeprefix("-"))
        return sorted(routes, key=key, reverse=shown.sort.startswith("-")) if key else routes

    def choices(self) -> tuple[list[str], list[str], list[str]]:
        """The verbs, the routes and the services to choose from, the most used first."""
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
        shares = share(client_errors, count), share(server_errors, count)
        return Summary(int(count), *shares, latency_of(durations), int(problems), first, last)

    def _work_out_routes(self, _version: int, shown: Filter) -> list[RouteReport]:
        where, parameters = shown.condition()
        rows = self._store.read(
            "SELECT verb, route, count(*), total(status / 100 = 4), total(status / 100 = 5), group_concat(duration) "  # noqa: S608
            f"FROM calls WHERE level < 3 AND {where} GROUP BY route, verb ORDER BY count(*) DESC LIMIT ?",
            [*parameters, _MAX_ROUTES],
        )
        return [
            RouteReport(
                verb,
                route,
                count,
                share(client_errors, count),
                share(server_errors, count),
                latency_of(durations),
                distribution_of(durations),
            )
            for verb, route, count, client_errors, server_errors, durations in rows
        ]

    def _work_out_series(self, version: int, shown: Filter) -> dict[str, Any]:
        summary = self._cached_summary(version, shown)
        if summary.first is None or summary.last is None:
            return {"width": 0, "times": []}
        first, last = shown_span(shown, summary.first, summary.last)
        where, parameters = shown.condition()
        width = bucket_width(last - first)
        start = first // (width * 1_000)
        rows = self._store.read(
            f"SELECT time / ? - ?, {_CLASS_COUNTS}, group_concat(duration) "  # noqa: S608 - clauses of filters.py
            f"FROM calls WHERE level < 3 AND {where} GROUP BY 1",
            [width * 1_000, start, *parameters],
        )
        buckets = last // (width * 1_000) - start + 1
        rows = [row for row in rows if 0 <= row[0] < buckets]  # a call may have come since the summary
        return {"width": width, "times": [(start + index) * width for index in range(buckets)], **_lists(rows, buckets)}

    def _work_out_choices(self, _version: int) -> tuple[list[str], list[str], list[str]]:
        verbs, routes, services = (
            [
                value
                for (value,) in self._store.read(
                    f"SELECT {column} FROM calls WHERE {column} != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT ?",  # noqa: S608 - names below
                    [_MAX_CHOICES],
                )
            ]
            for column in ("verb", "route", "service")
        )
        return verbs, routes, services


def _unordered(shown: Filter) -> Filter:
    """What is the same for every page and every order of a list."""
    return replace(shown, sort="", before=None, offset=0)


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
        latency = latency_of(durations)
        lists["p50"][bucket], lists["p95"][bucket], lists["p99"][bucket] = latency.p50, latency.p95, latency.p99
    return lists


_ROUTE_KEYS: dict[str, Callable[[RouteReport], Any]] = {
    "calls": lambda route: route.count,
    "4xx": lambda route: route.client_errors,
    "5xx": lambda route: route.server_errors,
    "p50": lambda route: route.latency.p50 or 0,
    "p95": lambda route: route.latency.p95 or 0,
    "p99": lambda route: route.latency.p99 or 0,
    "route": lambda route: (route.route, route.verb),
}
