"""The URL that an attribute holds whole, in its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.dialect import Dialect

URL_ATTRIBUTES = frozenset(("url.full", "http.url"))

_ABSOLUTE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SpanUrl:
    """The parts of a URL, each empty where it has none; path and query as they were sent."""

    scheme: str = ""
    authority: str = ""
    path: str = ""
    query: str = ""


NO_URL = SpanUrl()


def text(attributes: Mapping[str, Any], name: str) -> str:
    """An attribute's value where it is a text, else ""."""
    value = attributes.get(name)
    return value if isinstance(value, str) else ""


def url_of(attributes: Mapping[str, Any], dialect: Dialect) -> SpanUrl:
    """The URL in `url.full`, or in the legacy `http.url`."""
    full = text(attributes, "url.full")
    legacy = text(attributes, "http.url")
    url = split_url(full) if full else NO_URL
    # In `http/dup` both are there, and either may be a bare path.
    if url.authority or not legacy:
        return url
    known_path = "" if dialect.has_raw_target else text(attributes, "http.target")
    return _read(split_url(legacy, known_path), dialect)


def split_url(url: str, known_path: str = "") -> SpanUrl:
    """A URL, or a bare path and query, in its parts.

    Args:
        url: The text.
        known_path: Its path, where something else tells it: in a decoded URL, "?" may be part of the path.
    """
    absolute = _ABSOLUTE.fullmatch(url)
    scheme, authority, rest = absolute.groups() if absolute else ("", "", url)
    if known_path and rest.removeprefix(known_path)[:1] in {"", "?"}:
        path, query = known_path, rest[len(known_path) + 1 :]
    else:
        path, _, query = rest.partition("?")
    return SpanUrl(scheme.lower(), authority.rpartition("@")[2], path, query)


def without_fragment(url: SpanUrl) -> SpanUrl:
    """The URL of a call that was made: its fragment was never sent. A server never gets one: there "#" is data."""
    path, fragment, _ = url.path.partition("#")
    return SpanUrl(url.scheme, url.authority, path, "" if fragment else url.query.partition("#")[0])


def _read(url: SpanUrl, dialect: Dialect) -> SpanUrl:
    return SpanUrl(url.scheme, url.authority, dialect.url_path(url.path), dialect.url_query(url.query))
