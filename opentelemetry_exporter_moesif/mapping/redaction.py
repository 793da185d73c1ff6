"""What must never leave, taken out last of all: header values, query parameters, user information in URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.mapping.headers import MASKED, Headers, header_name

_MASKED_PARAMETER = "REDACTED"

# The start and name of a parameter of a query or of a fragment, wherever a URL stands in a text; and a secret's value,
# which goes on beyond a ";" since not everybody takes that for a separator.
_PARAMETER = re.compile(r"[?&;#](?P<name>[^=&;#?\s]*)=")
_VALUE = re.compile(r"[^&#\s\"<>]*")
_USER_INFORMATION = re.compile(r"(?<=://)[^/?#\s\"<>]*@")

_URL_HEADERS = ("Referer", "Location", "Content-Location", "Link")


def redact_headers(headers: Headers, names: frozenset[str]) -> None:
    """Masks, in place, the values of the headers with these names (as `display_names` gives them)."""
    for name in names & headers.keys():
        headers[name] = MASKED


def display_names(names: Iterable[str]) -> frozenset[str]:
    """Header names as events show them."""
    return frozenset(header_name(name) for name in names)


def redact_url_headers(headers: Headers, redact_urls: Callable[[str], str]) -> None:
    """Takes the secrets out of the URLs that some headers hold, in place."""
    for name in _URL_HEADERS:
        if name in headers:
            headers[name] = redact_urls(headers[name])


def url_redaction(parameters: frozenset[str]) -> Callable[[str], str]:
    """Makes the function that takes these parameters' values, and all user information, out of the URLs in a text.

    Names are compared as an application would read them: percent-decoded, case ignored. The rest of a text is left as
    it is, to the letter.
    """

    def mask_parameters(text: str) -> str:
        pieces: list[str] = []
        end = 0
        for parameter in _PARAMETER.finditer(text):
            if parameter.start() >= end and unquote_plus(parameter["name"]).lower() in parameters:
                pieces += text[end : parameter.end()], _MASKED_PARAMETER
                end = _VALUE.match(text, parameter.end()).end()  # type: ignore[union-attr]  # it matches nothing, too
        return "".join((*pieces, text[end:]))

    def redact(text: str) -> str:
        if "=" in text:
            text = mask_parameters(text)
        return _USER_INFORMATION.sub("", text) if "@" in text else text

    return redact
