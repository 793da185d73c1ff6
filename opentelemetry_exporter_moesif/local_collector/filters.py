"""Which calls a page shows: read from its URL, and turned into a condition of the store's query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_CLASSES = ("2xx", "3xx", "4xx", "5xx", "none")
_MAX_TEXT = 500
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """The filters of a page. Empty text filters nothing.

    Attributes:
        status: A class of answers, of STATUS_CLASSES; `none` is a call without an answer.
        verb: An HTTP method.
        route: A route, whole.
        user: A part of a user id.
        text: A part of anything in the event, ASCII letters in either case.
        problems: Only events that Moesif would refuse or misread.
        before: Only calls that came before the one of this number.
    """

    status: str = ""
    verb: str = ""
    route: str = ""
    user: str = ""
    text: str = ""
    problems: bool = False
    before: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filter:
        """Read the filters of a URL; what is no filter, or no value of one, filters nothing."""
        before = query.get("before", "")
        return cls(
            status=query.get("status", "") if query.get("status") in STATUS_CLASSES else "",
            verb=query.get("verb", "")[:_MAX_TEXT],
            route=query.get("route", "")[:_MAX_TEXT],
            user=query.get("user", "").strip()[:_MAX_TEXT],
            text=query.get("q", "").strip()[:_MAX_TEXT],
            problems=query.get("problems") == "1",
            before=min(int(before), _MAX_ID) if before.isascii() and before.isdecimal() and len(before) < 20 else None,  # noqa: PLR2004 - digits of 2**63
        )

    def query(self, **changes: Any) -> str:
        """The filters as the query of a URL, with its question mark; changed as the arguments say."""
        changed = replace(self, **changes) if changes else self
        pairs = {
            "status": changed.status,
            "verb": changed.verb,
            "route": changed.route,
            "user": changed.user,
            "q": changed.text,
            "problems": "1" if changed.problems else "",
            "before": changed.before or "",
        }
        given = {name: value for name, value in pairs.items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def is_empty(self) -> bool:
        """Whether every call is shown."""
        return self == Filter(before=self.before)

    def condition(self) -> tuple[str, list[Any]]:
        """What follows WHERE in a query of `calls`, and its parameters."""
        clauses: list[tuple[object, str, list[Any]]] = [
            (self.status == "none", "status IS NULL", []),
            (self.status not in {"", "none"}, "status BETWEEN ? AND ?", _class_bounds(self.status)),
            (self.verb, "verb = ?", [self.verb]),
            (self.route, "route = ?", [self.route]),
            (self.user, "user_id LIKE ? ESCAPE '\\'", [_containing(self.user)]),
            (self.text, "(SELECT json FROM events WHERE id = calls.id) LIKE ? ESCAPE '\\'", [_containing(self.text)]),
            (self.problems, "level > 1", []),
            (self.before is not None, "id < ?", [self.before]),
        ]
        given = [(clause, parameters) for applies, clause, parameters in clauses if applies]
        where = " AND ".join(clause for clause, _ in given) or "1"
        return where, [parameter for _, parameters in given for parameter in parameters]


def _class_bounds(status: str) -> list[int]:
    first = int(status[0]) * 100 if status[:1].isdecimal() else 0
    return [first, first + 99]


def _containing(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
