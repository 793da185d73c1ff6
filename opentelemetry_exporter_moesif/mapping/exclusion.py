"""Which calls make no event because the user said so: by URL, by path, by route."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The calls that make no event.

    Args:
        patterns: Tried on the URI without its query, and on its path alone: a query is whatever a caller likes.
        routes: Routes without the slashes around them.
    """

    patterns: tuple[re.Pattern[str], ...]
    routes: frozenset[str]

    def __call__(self, uri: str, route: Any) -> bool:
        """Whether a call is excluded.

        Args:
            uri: Its URI.
            route: The route that its span tells; where it tells none, the path stands for it.
        """
        called = uri.partition("?")[0]
        path = "/" + called.partition("://")[2].partition("/")[2]
        if self.routes and (route if route and isinstance(route, str) else path).strip("/") in self.routes:
            return True
        return any(pattern.search(called) or pattern.search(path) for pattern in self.patterns)


def exclusions(patterns: Iterable[re.Pattern[str]], routes: Iterable[str]) -> Exclusions | None:
    """The exclusions that these settings ask for, or None."""
    wanted = Exclusions(tuple(patterns), frozenset(route.strip("/") for route in routes))
    return wanted if wanted.patterns or wanted.routes else None
