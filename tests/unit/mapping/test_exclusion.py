"""Calls that make no event because the user said so: by URL, by path, by route."""

from __future__ import annotations

from typing import Any

import pytest
from support.spans import GET, event_of, http_span


def is_excluded(settings: dict[str, Any], url: str = "https://api.test/health?next=/ready", **attributes: Any) -> bool:
    named = {name.replace("_", "."): value for name, value in attributes.items()}
    return event_of(http_span({**GET, "url.full": url, **named}), **settings) is None


@pytest.mark.parametrize("pattern", ["/health", "^/health$", r"^https://api\.test/health$", "alt", "api.test"])
def test_a_pattern_is_tried_on_the_uri_and_on_the_path_alone(pattern: str) -> None:
    assert is_excluded({"excluded_urls": pattern})


@pytest.mark.parametrize("pattern", ["/ready", "next", r"\?", "^health", "/HEALTH"])
def test_a_query_excludes_nothing_for_it_is_whatever_a_caller_likes(pattern: str) -> None:
    assert not is_excluded({"excluded_urls": pattern})


def test_a_pattern_is_not_cut_at_the_comma_between_its_braces() -> None:
    settings = {"excluded_urls": r"^/v\d{1,2}/health$,^/ready$"}

    assert is_excluded(settings, "https://api.test/v12/health")
    assert is_excluded(settings, "https://api.test/ready")
    assert not is_excluded(settings, "https://api.test/v123/health")


@pytest.mark.parametrize("route", ["/orders/{id}", "orders/{id}", "/orders/{id}/"])
def test_a_route_is_excluded_as_the_framework_writes_it_whatever_slashes_are_around_it(route: str) -> None:
    settings = {"excluded_routes": f"/health,{route}"}

    assert is_excluded(settings, "https://api.test/orders/7", http_route="/orders/{id}")
    assert not is_excluded(settings, "https://api.test/orders/7", http_route="/orders/{other}")
    assert not is_excluded(settings, "https://api.test/health", http_route="/{page}")


def test_the_path_stands_for_a_route_that_the_span_does_not_tell() -> None:
    assert is_excluded({"excluded_routes": "/health"})
    assert is_excluded({"excluded_routes": "/"}, "https://api.test/")
    assert not is_excluded({"excluded_routes": "/healthy"})


def test_a_route_may_hold_a_comma_in_its_braces() -> None:
    assert is_excluded({"excluded_routes": "/x/{id:int(min=1,max=9)}"}, http_route="/x/{id:int(min=1,max=9)}")
