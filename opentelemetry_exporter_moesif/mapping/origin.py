"""Scheme and authority of a URI: what stands before its path.

Each has an order of sources; the first that can be believed wins. What a proxy says comes first and is hostile input:
a scheme is ``http`` or ``https``, an authority is RFC 3986's ``host[:port]`` without user information, or the next
source is asked.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from operator import itemgetter
from typing import Any

from opentelemetry_exporter_moesif.http_syntax import DEFAULT_PORTS
from opentelemetry_exporter_moesif.mapping import forwarded
from opentelemetry_exporter_moesif.mapping.dialect import Dialect, Port
from opentelemetry_exporter_moesif.mapping.forwarded import UNTOLD, ForwardedOrigin, forwarded_origin
from opentelemetry_exporter_moesif.mapping.headers import header_value
from opentelemetry_exporter_moesif.mapping.numbers import whole_number
from opentelemetry_exporter_moesif.mapping.span_url import NO_URL, SpanUrl, text
from opentelemetry_exporter_moesif.remembered import Remembered

_PORTS = range(1, 65_536)

# RFC 3986: reg-name or IP-literal, then a port (3.2.2, 3.2.3).
_NAME = r"[A-Za-z0-9\-._~!$&'()*+,;=]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=]*)*"
_AUTHORITY = re.compile(rf"(?!:)(?:\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]|{_NAME})(?::[0-9]{{0,5}})?")
_PUBLIC_NAME = re.compile(r".+\.[^0-9.:\]]+\.?")

ORIGIN_HEADERS = (*forwarded.ORIGIN_HEADERS, "Host")
"""Headers that tell it."""
_ADDRESSES = (("server.address", "server.port"), ("http.host", ""), ("net.host.name", "net.host.port"))
ORIGIN_ATTRIBUTES = ("url.scheme", "http.scheme", *(name for pair in _ADDRESSES for name in pair if name))
"""Attributes that tell it, beside those that hold a URL."""

_UNKNOWN = "localhost"
_MOST_LETTERS = 256

Values = tuple[Any, ...]


class _Origins(Remembered[Values, str]):
    """Origins by what tells them. Callers choose the values of headers: with many letters they are not remembered."""

    most = 256

    def find(self, key: Values) -> str:
        raise KeyError(key)  # the caller finds it out, which takes the URL as well

    def is_worth(self, key: Values) -> bool:
        texts = itertools.chain.from_iterable(value if isinstance(value, tuple) else (value,) for value in key)
        return sum(len(each) for each in texts if isinstance(each, (str, bytes))) <= _MOST_LETTERS


class Origin:
    """Finds scheme and authority of spans of one shape, and remembers them by what tells them.

    A service has few, and finding one out takes 2 µs.

    Args:
        sources: The name of each header or attribute that tells them, and the attribute that holds its value.
        dialect: How such spans are to be read.
        trust_forwarded: Whether `X-Forwarded-Proto` and the like count.

    Attributes:
        sources: The attributes that tell them, beside a URL's.
        values: Takes what tells them out of a span's attributes.
        known: The origins that were found, by those values.
    """

    def __init__(self, sources: Mapping[str, str], dialect: Dialect, *, trust_forwarded: bool) -> None:
        self._names = tuple(sources)
        self._dialect = dialect
        self._trust_forwarded = trust_forwarded
        self.sources = tuple(sources.values())
        self.values = _values_of(self.sources)
        self.known = _Origins()

    def of(self, attributes: Mapping[str, Any], url: SpanUrl = NO_URL) -> str:
        """Scheme and authority of a span.

        Args:
            attributes: The span's attributes.
            url: The URL that one of them holds.
        """
        values = self.values(attributes)
        key = values if url is NO_URL else (*values, url.scheme, url.authority)
        try:
            return self.known[key]
        except KeyError:
            origin = self._find(values, url)
            self.known.remember(key, origin)
        except TypeError:  # a value that cannot be hashed, and so cannot be remembered
            origin = self._find(values, url)
        return origin

    def _find(self, values: Values, url: SpanUrl) -> str:
        attributes = dict(zip(self._names, values, strict=True))
        headers = {name: header_value(attributes[name]) for name in ORIGIN_HEADERS if name in attributes}
        proxy = forwarded_origin(headers) if self._trust_forwarded else UNTOLD
        return origin_of(attributes, headers, proxy, url, self._dialect)


def _values_of(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Values]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda attributes: tuple(attributes[name] for name in names)


def origin_of(
    attributes: Mapping[str, Any], headers: Mapping[str, str], proxy: ForwardedOrigin, url: SpanUrl, dialect: Dialect
) -> str:
    """Scheme and authority by these sources.

    Args:
        attributes: A span's attributes.
        headers: Captured headers of the request.
        proxy: What proxies tell.
        url: The URL that an attribute holds.
        dialect: How the span is to be read.
    """
    scheme = _scheme(attributes, proxy, url, dialect)
    authority = next(_authorities(attributes, headers, proxy, url, dialect, scheme), _UNKNOWN)
    return f"{scheme}://{authority}"


def _scheme(attributes: Mapping[str, Any], proxy: ForwardedOrigin, url: SpanUrl, dialect: Dialect) -> str:
    told_by_proxy = proxy.scheme.lower()
    if told_by_proxy in DEFAULT_PORTS:
        return told_by_proxy
    if _tells_tls(proxy.port) or (dialect.reads_port_apart and _tells_tls(attributes.get("server.port"))):
        return "https"
    for candidate in (text(attributes, "url.scheme"), text(attributes, "http.scheme"), url.scheme):
        scheme = candidate.lower().removesuffix(":")  # as JavaScript's `URL.protocol` has it
        if scheme in DEFAULT_PORTS:
            return scheme
    return "http"


def _tells_tls(port: Any) -> bool:
    return whole_number(port) == DEFAULT_PORTS["https"]


def _authorities(  # noqa: PLR0913, PLR0917 - one argument a source
    attributes: Mapping[str, Any],
    headers: Mapping[str, str],
    proxy: ForwardedOrigin,
    url: SpanUrl,
    dialect: Dialect,
    scheme: str,
) -> Iterator[str]:
    """Every authority that can be believed, the best first."""
    # Before `server.address`: an ASGI server's is the socket that it is bound to, while this has the Host header.
    of_url = "" if dialect.has_host_of_path else url.authority
    for candidate in (proxy.host, forwarded.first_part(headers.get("Host", "")), of_url):
        if authority := _authority(candidate):
            yield _with_port(authority, proxy.port, DEFAULT_PORTS.values()) if proxy.port else authority
    for address, port in _ADDRESSES:
        host = text(attributes, address)
        if host and not _is_none(host, dialect) and (authority := _authority(_bracketed(host))):
            number = None if _has_port_of_its_own(authority, dialect) else attributes.get(port)
            unsaid = DEFAULT_PORTS.values() if proxy.port or dialect.reads_port_apart else (DEFAULT_PORTS[scheme],)
            yield _with_port(authority, proxy.port or number, unsaid).removesuffix(f":{DEFAULT_PORTS[scheme]}")
    if authority := _authority(url.authority):
        yield authority


def _authority(candidate: str) -> str:
    return candidate if _AUTHORITY.fullmatch(candidate) else ""


def _is_none(host: str, dialect: Dialect) -> bool:
    return dialect.no_host is not None and dialect.no_host.fullmatch(host) is not None


def _bracketed(host: str) -> str:
    """An IPv6 address as a URI has it; its zone means nothing elsewhere."""
    return f"[{host.partition('%')[0]}]" if host.count(":") > 1 and not host.startswith("[") else host


def _with_port(authority: str, port: Any, unsaid: Collection[int]) -> str:
    """An authority with this port, unless it has one, or the port goes without saying."""
    number = whole_number(port)
    if number is None or number not in _PORTS or number in unsaid or ":" in authority.rpartition("]")[2]:
        return authority
    return f"{authority}:{number}"


def _has_port_of_its_own(authority: str, dialect: Dialect) -> bool:
    if dialect.port is Port.OF_THE_SOCKET_AND_HOST_HAS_NONE:
        # Taken for its own where no proxy is likely: for an IP address, and for a name without a dot.
        return _PUBLIC_NAME.fullmatch(authority) is not None
    return dialect.port is Port.OF_THE_SOCKET
