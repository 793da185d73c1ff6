"""Path and query of a URI: the request's target.

Each has an order of sources, the most exact one first; the dialect tells how each is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.escapes import (
    MAX_QUERY_PARAMETERS,
    USUAL_PATH,
    USUAL_QUERY,
    USUAL_TARGET,
    quoted_path,
    quoted_query,
    quoted_template,
)
from opentelemetry_exporter_moesif.mapping.span_url import NO_URL, URL_ATTRIBUTES, SpanUrl, split_url, text

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.dialect import Dialect

TARGET_ATTRIBUTE = "http.target"
PATH_ATTRIBUTES = URL_ATTRIBUTES | {TARGET_ATTRIBUTE, "url.path"}
ROUTE_ATTRIBUTE = "http.route"

UsualTarget = Callable[[Mapping[str, Any]], str | None]

_NAME_WITH_PATH = re.compile(r"\S+ (?P<path>/.*)", re.DOTALL)


def usual_target(paths: AbstractSet[str], dialect: Dialect) -> UsualTarget | None:
    """What takes path and query out of most spans, where one attribute tells the path; None where it takes more.

    Args:
        paths: The names of the attributes that tell a path.
        dialect: How such spans are to be read.
    """
    if paths == {"url.path"} and dialect.has_usual_paths:
        return _usual_path_and_query
    if URL_ATTRIBUTES.isdisjoint(paths) and TARGET_ATTRIBUTE in paths and dialect.has_raw_target:
        return _usual_raw_target
    return None


def _usual_path_and_query(attributes: Mapping[str, Any]) -> str | None:
    """`url.path` and `url.query`, where neither needs any change."""
    path = attributes["url.path"]
    if path.__class__ is not str or not USUAL_PATH.fullmatch(path):
        return None
    query = attributes.get("url.query")
    if not query:
        return path
    if query.__class__ is not str or not USUAL_QUERY.fullmatch(query) or query.count("&") >= MAX_QUERY_PARAMETERS:
        return None
    return f"{path}?{query}"


def _usual_raw_target(attributes: Mapping[str, Any]) -> str | None:
    """`http.target`, where it needs no change."""
    target = attributes[TARGET_ATTRIBUTE]
    if target.__class__ is not str or not USUAL_TARGET.fullmatch(target) or target.count("&") >= MAX_QUERY_PARAMETERS:
        return None
    query = attributes.get("url.query")
    return target if not query or (query.__class__ is str and target.endswith(query)) else None


def target_of(attributes: Mapping[str, Any], dialect: Dialect, url: SpanUrl, span_name: str) -> str:
    """Path and query of a call that was answered.

    Args:
        attributes: The span's attributes.
        dialect: How the span is to be read.
        url: The URL that an attribute holds.
        span_name: The span's name, which is all that some servers leave of the path.
    """
    own = _own_target(attributes, dialect)
    query = dialect.query(text(attributes, "url.query")) or own.query or url.query
    if own.path.startswith("/") or own.path == "*":
        path = quoted_path(own.path)
    elif path := text(attributes, "url.path"):
        path = quoted_path(dialect.path(path))
    elif url.path:
        path = quoted_path(url.path)
    else:
        path = _path_of_name(attributes, dialect, span_name)
    return with_query(path, query)


def with_query(path: str, query: str) -> str:
    """A path that is encoded, and a query as it was sent."""
    query = quoted_query(query) if query else ""
    return f"{path}?{query}" if query else path


def _own_target(attributes: Mapping[str, Any], dialect: Dialect) -> SpanUrl:
    """The request's own text, with %2F and a mount prefix kept; clients of a proxy send a whole URL (absolute form)."""
    target = text(attributes, TARGET_ATTRIBUTE)
    if not target:
        return NO_URL
    sent = dialect.target(target)
    return split_url(sent) if dialect.has_raw_target else SpanUrl(path=sent.replace("?", "%3F"))


def _path_of_name(attributes: Mapping[str, Any], dialect: Dialect, span_name: str) -> str:
    if route := route_for_path(attributes, dialect, span_name):
        return quoted_template(route)
    named = _NAME_WITH_PATH.fullmatch(span_name)
    return quoted_path(dialect.name(named["path"])) if named else "/"


def route_for_path(attributes: Mapping[str, Any], dialect: Dialect, span_name: str) -> str:
    """The route of a call whose path nothing tells, but for a route without parameters that is the path; else ""."""
    route = text(attributes, ROUTE_ATTRIBUTE)
    if not route or not dialect.is_route(route):
        return ""
    named = _NAME_WITH_PATH.fullmatch(span_name)
    return route if named is None or named["path"].strip("/") == route.strip("/") else ""
