"""How instrumentations write a path or a query, and how each way is turned back into what was sent.

Each function takes an attribute's text and gives it as it stood in the request line. Only then is it percent-encoded,
once (`quoted_path`, `quoted_query`): what RFC 3986 does not allow there is encoded, valid escapes stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

Reading = Callable[[str], str]

# RFC 3986: pchar and "/" (3.3), the query's characters (3.4). A run of plain characters at a time: four times as fast
# as one alternative a character.
USUAL_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)*")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*)*")
USUAL_QUERY = re.compile(rf"(?!\?){_PLAIN_QUERY.pattern}")
USUAL_TARGET = re.compile(rf"/{_PLAIN_PATH.pattern}(?:\?(?=[^?]){_PLAIN_QUERY.pattern})?")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_QUERY_SAFE = _PATH_SAFE + "?"
_ASCII = "".join(map(chr, range(0x80)))
# What no request line holds before it is decoded (RFC 9112, section 3.2).
_ONLY_IN_DECODED_TEXT = re.compile(r"[^!-~]")

MAX_QUERY_PARAMETERS = 500
"""Moesif's limit; a longer query keeps its first parameters."""

# What contrib's `redact_url` leaves behind: it parses a query that holds one of these, and encodes all of it anew.
_ENCODED_ANEW = re.compile(r"(?:^|&)(?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=REDACTED(?:[&#]|$)")


def raw(text: str) -> str:
    """As it was sent."""
    return text


def raw_below_a_slash(text: str) -> str:
    """As it was sent, but that a URL's parser has put a slash before the "*" of OPTIONS for a whole server."""
    return "*" if text == "/*" else text


def raw_or_decoded(text: str) -> str:
    """As it was sent, unless it holds what only decoded text can hold."""
    return decoded(text) if _ONLY_IN_DECODED_TEXT.search(text) else text


def up_to_query(text: str) -> str:
    """As it was sent, with the query behind it."""
    return text.partition("?")[0]


def decoded(text: str) -> str:
    """Decoded: a "%" in it stands for itself."""
    return text.replace("%", "%25")


def latin_1(text: str) -> str:
    """As it was sent, each byte read as a Latin-1 character, as PEP 3333 has it."""
    if text.isascii():
        return text
    try:
        return quote(text, safe=_ASCII, encoding="latin-1", errors="strict")
    except UnicodeEncodeError:  # decoded text after all: some middleware repaired it
        return text


def raw_or_decoded_latin_1(text: str) -> str:
    """As `raw_or_decoded`, each byte read as a Latin-1 character."""
    return latin_1(raw_or_decoded(text))


def decoded_latin_1(text: str) -> str:
    """Decoded, each byte read as a Latin-1 character."""
    return latin_1(decoded(text))


def latin_1_escapes(text: str) -> str:
    """Decoded, then encoded again, with one Latin-1 byte for each character."""
    return decoded(unquote(text, encoding="latin-1"))


def decoded_query(text: str) -> str:
    """Decoded as a whole, so that no escape is left and a "&" may be a value's; contrib may have encoded it anew."""
    return text if _ENCODED_ANEW.search(text) else decoded(text)


def first_of_two(text: str) -> str:
    """A query with a question mark and the same once more, decoded, behind it; `?` may stand in the query itself."""
    parts = text.split("?")
    return "?".join(parts[: max(1, len(parts) // 2)])


def quoted_path(path: str) -> str:
    """A path as it was sent, as a URI may hold it."""
    if path in ("", "*"):  # "*" is the target of OPTIONS for a whole server (RFC 9110, section 9.3.7)
        return "/"
    path = path if path.startswith("/") else "/" + path
    return path if _PLAIN_PATH.fullmatch(path) else _percent_encoded(path, _PATH_SAFE)


def quoted_query(query: str) -> str:
    """A query as it was sent, as a URI may hold it, its first 500 parameters."""
    query = query.removeprefix("?")
    if query.count("&") >= MAX_QUERY_PARAMETERS:
        query = "&".join(query.split("&", MAX_QUERY_PARAMETERS)[:MAX_QUERY_PARAMETERS])
    return query if _PLAIN_QUERY.fullmatch(query) else _percent_encoded(query, _QUERY_SAFE)


def quoted_template(route: str) -> str:
    """A route with its parameters as they stand; what would end a path or a URI is encoded."""
    route = route if route.startswith("/") else "/" + route
    return quote(route, safe=_PATH_SAFE.replace("%", "") + "<>{}[]|\\^", errors="replace")


def _percent_encoded(text: str, safe: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", text), safe=safe, errors="replace")
