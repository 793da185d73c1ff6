"""Which calls a page shows and in which order: read from its URL, and turned into a part of the store's query."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_CLASSES = ("2xx", "3xx", "4xx", "5xx", "none")

RANGES = {"15m": 15 * 60, "1h": 3_600, "1d": 86_400}
"""The ranges of time that end now, each in seconds."""
CHOSEN = "chosen"
"""The range between `since` and `until`: what was dragged over on a chart."""

SORTS = {
    "arrival": "id",
    "time": "time",
    "duration": "duration",
    "status": "status",
    "verb": "verb",
    "path": "path",
    "user": "user_id",
    "company": "company_id",
    "service": "service",
}
"""What calls can be sorted by, and the column of the store that has it. With ``-`` in front: the greatest first."""
ROUTE_SORTS = ("calls", "4xx", "5xx", "p50", "p95", "p99", "route")
"""What routes can be sorted by."""

_NEWEST_FIRST = "-arrival"
_MAX_TEXT = 500
_MAX_NUMBER = 2**63 - 1
_DIGITS = len(str(_MAX_NUMBER))
# the field's name in a URL, where it is another one
_SHORT = {"text": "q", "since": "from", "until": "to"}


@dataclass(frozen=True, slots=True)
class Filter:
    """The filters of a page. Empty text filters nothing.

    Attributes:
        status: A class of answers, of STATUS_CLASSES; `none` is a call without an answer.
        verb: An HTTP method.
        route: A route, whole.
        service: The name of a service, whole.
        user: A part of a user id.
        company: A part of a company id.
        trace: A trace id, whole.
        text: A part of anything in the event, ASCII letters in either case.
        problems: Only events that Moesif would refuse or misread.
        range: One of RANGES, or CHOSEN; empty for all.
        since: Only calls from this time on, in milliseconds since 1970.
        until: Only calls before this time.
        sort: One of SORTS or ROUTE_SORTS, perhaps with ``-`` in front; empty for the last arrival first.
        before: Only calls that came before the one of this number.
        offset: How many calls of the list stand on the pages before; for orders other than that of arrival.
    """

    status: str = ""
    verb: str = ""
    route: str = ""
    service: str = ""
    user: str = ""
    company: str = ""
    trace: str = ""
    text: str = ""
    problems: bool = False
    range: str = ""
    since: int | None = None
    until: int | None = None
    sort: str = ""
    before: int | None = None
    offset: int = 0

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filter:
        """Reads the filters of a URL; what is no filter, or no value of one, filters nothing."""
        chosen = query.get("range") == CHOSEN
        return cls(
            status=_one_of(STATUS_CLASSES, query.get("status")),
            verb=query.get("verb", "")[:_MAX_TEXT],
            route=query.get("route", "")[:_MAX_TEXT],
            service=query.get("service", "")[:_MAX_TEXT],
            user=query.get("user", "").strip()[:_MAX_TEXT],
            company=query.get("company", "").strip()[:_MAX_TEXT],
            trace=query.get("trace", "").strip()[:_MAX_TEXT],
            text=query.get("q", "").strip()[:_MAX_TEXT],
            problems=query.get("problems") == "1",
            range=_one_of((*RANGES, CHOSEN), query.get("range")),
            since=_number(query.get("from", "")) if chosen else None,
            until=_number(query.get("to", "")) if chosen else None,
            sort=_sort(query.get("sort", "")),
            before=_number(query.get("before", "")),
            offset=_number(query.get("offset", "")) or 0,
        )

    def query(self, **changes: Any) -> str:
        """The filters as the query of a URL, with its question mark; changed as the arguments say."""
        changed = replace(self, **changes) if changes else self
        parameters = {}
        for each in fields(changed):
            value = getattr(changed, each.name)
            if value or (value == 0 and each.name in {"since", "until"}):
                parameters[_SHORT.get(each.name, each.name)] = "1" if value is True else value
        return f"?{urlencode(parameters)}" if parameters else ""

    def sorted_by(self, column: str) -> str:
        """The URL that a click on a column's head leads to: the greatest first, the least first, by arrival again."""
        following = {"": f"-{column}", f"-{column}": column, column: ""}
        return self.query(sort=following.get(self.sort, f"-{column}"), before=None, offset=0) or "?"

    @property
    def is_empty(self) -> bool:
        """Whether every call is shown."""
        return self == Filter(sort=self.sort, before=self.before, offset=self.offset)

    def at(self, now: int) -> Filter:
        """The same with its range as two points in time, given the time in milliseconds since 1970."""
        if self.range not in RANGES:
            return self
        until = (now // 1_000 + 1) * 1_000
        return replace(self, range="", since=until - RANGES[self.range] * 1_000, until=until)

    def condition(self) -> tuple[str, list[Any]]:
        """What follows WHERE in a query of `calls`, and its parameters."""
        clauses: list[tuple[object, str, list[Any]]] = [
            (self.status == "none", "status IS NULL", []),
            (self.status not in {"", "none"}, "status BETWEEN ? AND ?", _class_bounds(self.status)),
            (self.verb, "verb = ?", [self.verb]),
            (self.route, "route = ?", [self.route]),
            (self.service, "service = ?", [self.service]),
            (self.user, "user_id LIKE ? ESCAPE '\\'", [_containing(self.user)]),
            (self.company, "company_id LIKE ? ESCAPE '\\'", [_containing(self.company)]),
            (self.trace, "trace_id = ?", [self.trace]),
            (self.text, "(SELECT json FROM events WHERE id = calls.id) LIKE ? ESCAPE '\\'", [_containing(self.text)]),
            (self.problems, "level > 1", []),
            (self.since is not None, "time >= ?", [self.since]),
            (self.until is not None, "time < ?", [self.until]),
            (self.before is not None, "id < ?", [self.before]),
        ]
        applying = [(clause, parameters) for applies, clause, parameters in clauses if applies]
        where = " AND ".join(clause for clause, _ in applying) or "1"
        return where, [parameter for _, parameters in applying for parameter in parameters]

    @property
    def order(self) -> str:
        """What follows ORDER BY in a query of `calls`: what has no such value comes last."""
        sort = self.sort if self.sort.removeprefix("-") in SORTS else _NEWEST_FIRST
        direction = "DESC" if sort.startswith("-") else "ASC"
        return f"{SORTS[sort.removeprefix('-')]} {direction} NULLS LAST, id {direction}"


def _one_of(choices: tuple[str, ...], choice: str | None) -> str:
    return choice if choice in choices else ""


def _sort(order: str) -> str:
    return order if order.removeprefix("-") in {*SORTS, *ROUTE_SORTS} and order != _NEWEST_FIRST else ""


def _number(text: str) -> int | None:
    return min(int(text), _MAX_NUMBER) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _class_bounds(status: str) -> list[int]:
    first = int(status[0]) * 100 if status[:1].isdecimal() else 0
    return [first, first + 99]


def _containing(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
