"""The absolute URI that a client asked for, put together again from what the instrumentations kept of it.

Each part has an order of sources; the first that can be believed wins. What a proxy says (`X-Forwarded-Host`,
`X-Forwarded-Proto`) comes first and is hostile input: a scheme is ``http`` or ``https``, an authority is RFC 3986's
``host[:port]`` without user information, or the next source is asked.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from opentelemetry_exporter_moesif.mapping.headers import header_value

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.headers import Headers
    from opentelemetry_exporter_moesif.mapping.shape import Shape

_CONTRIB = "opentelemetry.instrumentation."

# Their `server.address` is the Host header, and their `server.port` the port the server is bound to: behind a proxy
# the two do not belong together, and an address without a port means the scheme's own.
_HOST_HEADER_SCOPES = frozenset(_CONTRIB + name for name in ("wsgi", "flask", "django", "falcon", "pyramid.callbacks"))

# Their path and query are a WSGI environment's, whose bytes PEP 3333 reads as Latin-1 (Django decodes its path).
_LATIN_1_SCOPES = _HOST_HEADER_SCOPES - {_CONTRIB + "django"}

# The same in Starlette's own instrumentation, but for the port of a Host header, which it drops. So the port is taken
# to be the address's own where no proxy is likely: for an IP address, and for a name without a dot.
_HOST_WITHOUT_PORT_SCOPES = frozenset(("starlette",))
_PUBLIC_NAME = re.compile(r".+\.[^0-9.:\]]+\.?")

# Their `http.target` is ASGI's path: decoded text without the query, in which each "%" stands for itself.
_DECODED_TARGET_SCOPES = frozenset((_CONTRIB + "asgi", _CONTRIB + "fastapi", _CONTRIB + "starlette"))

# So is the `url.path` of these, and any that holds what no path holds before it is decoded (RFC 9112, section 3.2).
_DECODED_PATH_SCOPES = _DECODED_TARGET_SCOPES | {_CONTRIB + "aiohttp_server", "fastapi", "starlette"}
_ONLY_IN_DECODED_TEXT = re.compile(r"[^!-~]")

_SCHEMES = frozenset(("http", "https"))
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORTS = range(1, 65_536)

# RFC 3986: reg-name or IP-literal, then a port (3.2.2, 3.2.3); pchar and "/" (3.3); the query's characters (3.4).
_NAME = r"[A-Za-z0-9\-._~!$&'()*+,;=]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=]*)*"
_AUTHORITY = re.compile(rf"(?!:)(?:\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]|{_NAME})(?::[0-9]{{0,5}})?")
_USUAL_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")
# A run of plain characters at a time: four times as fast as one alternative a character.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)*")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*)*")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_QUERY_SAFE = _PATH_SAFE + "?"
_ABSOLUTE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_NAME_WITH_PATH = re.compile(r"\S+ (?P<path>/.*)", re.DOTALL)

# What tells scheme and authority.
ORIGIN_HEADERS = ("X-Forwarded-Proto", "X-Forwarded-Host", "Host")
_ADDRESSES = (("server.address", "server.port"), ("http.host", ""), ("net.host.name", "net.host.port"))
ORIGIN_ATTRIBUTES = ("url.scheme", "http.scheme", *(name for pair in _ADDRESSES for name in pair if name))
URL_ATTRIBUTES = frozenset(("url.full", "http.url"))
TARGET_ATTRIBUTE = "http.target"

_MOST_ORIGINS = 32
_MOST_LETTERS = 256

MAX_QUERY_PARAMETERS = 500
"""Moesif's limit; a longer query keeps its first parameters."""


@dataclass(slots=True)
class _Url:
    """The parts of a `url.full` or `http.url`, each empty where it has none."""

    scheme: str = ""
    authority: str = ""
    path: str = ""
    query: str = ""


_NO_URL = _Url()


def request_uri(attributes: Mapping[str, Any], shape: Shape, span_name: str) -> str:
    """The URI of a call that was answered (a SERVER span).

    Args:
        attributes: The span's attributes.
        shape: What is known of spans with such attributes.
        span_name: The span's name, which is all that some servers leave of the path.
    """
    url = _url(attributes) if shape.has_url else _NO_URL
    told = shape.origin_values(attributes)
    try:
        origin = shape.origins.of(told, url) if shape.has_url else shape.origins[told]
    except TypeError:  # a value that cannot be hashed, and so cannot be remembered
        origin = shape.origins.of(told, url)
    target = _target(attributes, shape.scope) if shape.has_target else _NO_URL
    path = attributes.get("url.path")
    # The usual case is tried first, here and below: the rest would take as long as all of this function.
    if path.__class__ is not str or target.path or not _USUAL_PATH.fullmatch(path):  # pyright: ignore[reportCallIssue, reportArgumentType]
        path = _path(attributes, target, url, shape.scope, span_name)
    if not (target.query or url.query or attributes.get("url.query")):
        return f"{origin}{path}"
    query = _query(attributes, target, url, shape.scope)
    return f"{origin}{path}?{query}" if query else f"{origin}{path}"


class Origins(dict[tuple[Any, ...], str]):
    """Scheme and authority as they stand before a path, by what tells them: a service has few, and one takes 2 µs.

    Args:
        names: What tells them: headers, and attributes.
        scope: The name of the instrumentation scope.
        trust_forwarded: Whether `X-Forwarded-Proto` and `X-Forwarded-Host` count.
    """

    def __init__(self, names: tuple[str, ...], scope: str, *, trust_forwarded: bool) -> None:
        super().__init__()
        self._names = names
        self._scope = scope
        self._trust_forwarded = trust_forwarded

    def __missing__(self, told: tuple[Any, ...]) -> str:
        origin = self.of(told, _NO_URL)
        if _letters(told) <= _MOST_LETTERS:
            if len(self) >= _MOST_ORIGINS:
                self.clear()
            self[told] = origin
        return origin

    def of(self, told: tuple[Any, ...], url: _Url) -> str:
        """Finds them out.

        Args:
            told: The values of `names`.
            url: The parts of the URL that an attribute holds.
        """
        attributes = dict(zip(self._names, told, strict=True))
        headers = {name: header_value(attributes[name]) for name in ORIGIN_HEADERS if name in attributes}
        forwarded = headers if self._trust_forwarded else {}
        scheme = _scheme(attributes, forwarded, url)
        authority = next(_authorities(attributes, headers, forwarded, url, self._scope, scheme), "localhost")
        return f"{scheme}://{authority}"


def _letters(told: tuple[Any, ...]) -> int:
    """How many letters all the texts of these values have: callers choose the values of headers."""
    texts = itertools.chain.from_iterable(value if isinstance(value, tuple) else (value,) for value in told)
    return sum(len(text) for text in texts if isinstance(text, (str, bytes)))


def outgoing_uri(attributes: Mapping[str, Any], headers: Headers, *, span_name: str) -> str:
    """The URI of a call that was made (a CLIENT span): `url.full`, or the legacy `http.url`, says it whole."""
    url = _url(attributes)
    scheme = url.scheme if url.scheme in _SCHEMES else _scheme(attributes, {}, url)
    authority = url.authority or next(_authorities(attributes, headers, {}, url, "", scheme), "localhost")
    target = _target(attributes, "")
    path = _quoted_path(url.path, "") if url.path else _path(attributes, target, url, "", span_name)
    query = _quoted_query(url.query, "") if url.query else _query(attributes, target, url, "")
    return _assemble(scheme, authority, path, query)


def _assemble(scheme: str, authority: str, path: str, query: str) -> str:
    uri = f"{scheme}://{authority}{path}"
    return f"{uri}?{query}" if query else uri


def _text(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    return value if isinstance(value, str) else ""


def _url(attributes: Mapping[str, Any]) -> _Url:
    full = _text(attributes, "url.full")
    legacy = _text(attributes, "http.url")
    if not full and not legacy:
        return _NO_URL
    url = _split(full) if full else _NO_URL
    # In `http/dup` both are there, and either may be a bare path.
    return url if url.authority or not legacy else _split(legacy)


def _split(text: str) -> _Url:
    absolute = _ABSOLUTE.fullmatch(text)
    scheme, authority, rest = absolute.groups() if absolute else ("", "", text)
    path, _, query = rest.partition("#")[0].partition("?")
    return _Url(scheme.lower(), _authority(authority.rpartition("@")[2]), path, query)


def _scheme(attributes: Mapping[str, Any], forwarded: Headers, url: _Url) -> str:
    candidates = (
        forwarded.get("X-Forwarded-Proto", "").partition(",")[0].strip(),
        _text(attributes, "url.scheme"),
        _text(attributes, "http.scheme"),
        url.scheme,
    )
    for candidate in candidates:
        scheme = candidate.lower()
        if scheme in _SCHEMES:
            return scheme
    return "http"


def _authorities(  # noqa: PLR0913, PLR0917 - one argument a source
    attributes: Mapping[str, Any], headers: Headers, forwarded: Headers, url: _Url, scope: str, scheme: str
) -> Iterator[str]:
    """Every authority that can be believed, the best first."""
    for candidate in (forwarded.get("X-Forwarded-Host"), headers.get("Host")):
        if candidate and (authority := _authority(candidate.partition(",")[0].strip())):
            yield authority
    # Before `server.address`: an ASGI server's is the socket that it is bound to, while this has the Host header.
    if url.authority:
        yield url.authority
    for address, port in _ADDRESSES:
        host = _text(attributes, address)
        if host and (authority := _with_port(host, attributes.get(port), scope, scheme)):
            yield authority


def _authority(text: str) -> str:
    return text if _AUTHORITY.fullmatch(text) else ""


def _with_port(host: str, port: Any, scope: str, scheme: str) -> str:
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host.partition('%')[0]}]"  # an IPv6 address; its zone means nothing elsewhere
    authority = _authority(host)
    default = _DEFAULT_PORTS[scheme]
    if authority and _is_port(port) and port != default and not _has_port_of_its_own(authority, scope):
        return f"{authority}:{port}"
    return authority.removesuffix(f":{default}")


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and value in _PORTS and value is not True


def _has_port_of_its_own(authority: str, scope: str) -> bool:
    return (
        ":" in authority.rpartition("]")[2]
        or scope in _HOST_HEADER_SCOPES
        or (scope in _HOST_WITHOUT_PORT_SCOPES and _PUBLIC_NAME.fullmatch(authority) is not None)
    )


def _target(attributes: Mapping[str, Any], scope: str) -> _Url:
    """The request's own text, with %2F and a mount prefix kept; clients of a proxy send a whole URL (absolute form)."""
    text = _text(attributes, TARGET_ATTRIBUTE)
    return _Url(path=_escaped(text)) if scope in _DECODED_TARGET_SCOPES else _split(text)


def _path(attributes: Mapping[str, Any], target: _Url, url: _Url, scope: str, span_name: str) -> str:
    if target.path.startswith("/"):
        return _quoted_path(target.path, scope)
    path = _text(attributes, "url.path")
    if not path and url.path:
        return _quoted_path(url.path, scope)
    if not path and (named := _NAME_WITH_PATH.fullmatch(span_name)):
        path = named["path"]
    if scope in _DECODED_PATH_SCOPES or _ONLY_IN_DECODED_TEXT.search(path):
        path = _escaped(path)
    return _quoted_path(path, scope)


def _escaped(decoded: str) -> str:
    return decoded.replace("%", "%25")


def _quoted_path(path: str, scope: str) -> str:
    if path in ("", "*"):  # "*" is the target of OPTIONS for a whole server (RFC 9110, section 9.3.7)
        return "/"
    path = path if path.startswith("/") else "/" + path
    return path if _PLAIN_PATH.fullmatch(path) else _percent_encoded(path, _PATH_SAFE, scope)


def _query(attributes: Mapping[str, Any], target: _Url, url: _Url, scope: str) -> str:
    return _quoted_query(_text(attributes, "url.query") or target.query or url.query, scope)


def _quoted_query(query: str, scope: str) -> str:
    if not query:
        return ""
    query = query.removeprefix("?")
    if query.count("&") >= MAX_QUERY_PARAMETERS:
        query = "&".join(query.split("&", MAX_QUERY_PARAMETERS)[:MAX_QUERY_PARAMETERS])
    return query if _PLAIN_QUERY.fullmatch(query) else _percent_encoded(query, _QUERY_SAFE, scope)


def _percent_encoded(text: str, safe: str, scope: str) -> str:
    """The text percent-encoded once: escapes that are there already stay."""
    text = _BARE_PERCENT.sub("%25", text)
    if scope in _LATIN_1_SCOPES:
        try:
            return quote(text, safe=safe, encoding="latin-1", errors="strict")
        except UnicodeEncodeError:
            pass  # decoded text after all: some middleware mended it
    return quote(text, safe=safe, errors="replace")
