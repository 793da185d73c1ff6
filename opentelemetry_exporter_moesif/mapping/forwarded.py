"""What proxies tell of a call in its headers. Whoever calls can send them: each part is checked by who uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentelemetry_exporter_moesif.http_syntax import TOKEN, TOKEN_LETTER

# A pair of an element (RFC 7239, section 4); a quoted value may hold what separates pairs and elements. A name starts
# where a token does, and nowhere in it: a header without any costs no more than its length.
_PAIR = re.compile(
    rf"(?<!{TOKEN_LETTER})(?P<name>{TOKEN})\s*=\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|[^;,]*)\s*(?P<end>[;,]?)"
)
_MOST_PAIRS = 64

ORIGIN_HEADERS = ("X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded")
"""Headers that tell the scheme, host and port that were asked for."""

PREFIX_HEADER = "X-Forwarded-Prefix"
"""The header that tells what a proxy cut off before the path."""


@dataclass(frozen=True, slots=True)
class ForwardedOrigin:
    """Scheme, host and port as the first proxy saw them, each empty where nobody tells it; unchecked."""

    scheme: str = ""
    host: str = ""
    port: str = ""


UNTOLD = ForwardedOrigin()


def forwarded_origin(headers: Mapping[str, str]) -> ForwardedOrigin:
    """What these headers tell, by their names as events show them."""
    first = next(forwarded_elements(headers.get("Forwarded", "")), {})
    return ForwardedOrigin(
        scheme=first_part(headers.get("X-Forwarded-Proto", "")) or first.get("proto", ""),
        host=first_part(headers.get("X-Forwarded-Host", "")) or first.get("host", ""),
        port=first_part(headers.get("X-Forwarded-Port", "")),
    )


def first_part(value: str) -> str:
    """The first of several values that are joined by commas."""
    return value.partition(",")[0].strip()


def forwarded_elements(value: str) -> Iterator[dict[str, str]]:
    """The elements of a `Forwarded` header (RFC 7239), the nearest to the client first; names in lower case."""
    element: dict[str, str] = {}
    for pair, _ in zip(_PAIR.finditer(value), range(_MOST_PAIRS), strict=False):
        element.setdefault(pair["name"].lower(), _unquoted(pair["value"]))
        if pair["end"] != ";":
            yield element
            element = {}
    if element:
        yield element


def _unquoted(value: str) -> str:
    value = value.strip()
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
