"""What must never leave, taken out last of all: header values, query parameters, user information in URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.mapping.headers import MASKED, Headers, header_name

_MASKED_PARAMETER = "REDACTED"
_USUAL_LENGTH = 32  # of a parameter's name
_MOST_NAMES = 1024

# The start and name of a parameter of a query or of a fragment, wherever a URL stands in a text; and a secret's value,
# which goes on beyond a ";" since not everybody takes that for a separator.
_PARAMETER = re.compile(r"[?&;#](?P<name>[^=&;#?\s]*)=")
_VALUE = re.compile(r"[^&#\s\"<>]*")
# The same of a URL that is itself a parameter's value, percent-encoded whole: `?next=https%3A%2F%2F…%3Ftoken%3D…`.
_ENCODED_PARAMETER = re.compile(
    r"(?P<start>%(?:3F|26|3B|23)(?P<name>(?:(?!%(?:3F|26|3B|23|3D))[^=&;#?\s])*)(?:=|%3D))"
    r"(?:(?!%26|%23)[^&#\s\"<>])*",
    re.IGNORECASE,
)
# After "//", too, where a reference without a scheme starts a text or a link.
_USER_INFORMATION = re.compile(r"(?:(?<=://)|(?<=^//)|(?<=<//))[^/?#\s\"<>]*@")

# The same where the URL is a parameter's value, percent-encoded whole.
_ENCODED_USER_INFORMATION = re.compile(r"(?<=%3A%2F%2F)(?:(?!%2F|%3F|%23|%26)[^/?#&\s\"<>])*%40", re.IGNORECASE)

# The parts of a nested name, as `user[password]` is one to PHP, Rails and qs.
_NAME_PARTS = re.compile(r"[\[\]]+")

# The last ones hold the original target of a request, as proxies and htmx tell it.
URL_HEADERS = tuple(
    "Referer Location Content-Location Link Refresh"
    " X-Original-Url X-Original-Uri X-Rewrite-Url X-Forwarded-Uri Hx-Current-Url".split()
)


def display_names(names: Iterable[str]) -> frozenset[str]:
    """Header names as events show them."""
    return frozenset(header_name(name) for name in names)


def redact_headers(
    headers: Headers, masked: Iterable[str], with_urls: Iterable[str], redact_urls: Callable[[str], str]
) -> None:
    """Takes the secrets out of headers, in place.

    Args:
        headers: The headers.
        masked: Names of headers (as `display_names` gives them) whose values must not leave.
        with_urls: Names of headers that hold URLs.
        redact_urls: Takes the secrets out of the URLs in a text.
    """
    for name in with_urls:
        if name in headers:
            headers[name] = redact_urls(headers[name])
    for name in masked:
        if name in headers:
            headers[name] = MASKED


def url_redaction(parameters: frozenset[str]) -> Callable[[str], str]:
    """Makes the function that takes these parameters' values, and all user information, out of the URLs in a text.

    Names are compared as an application would read them: percent-decoded, case ignored, and each part of a nested one
    (`user[password]`). A URL that is a parameter of another one counts as well. The rest of a text is left as it is,
    to the letter.
    """
    secrets = _Secrets(parameters)

    def mask_parameters(text: str) -> str:
        pieces: list[str] = []
        end = 0
        for parameter in _PARAMETER.finditer(text):
            if parameter.start() >= end and secrets[parameter["name"]]:
                pieces += text[end : parameter.end()], _MASKED_PARAMETER
                end = _VALUE.match(text, parameter.end()).end()  # type: ignore[union-attr]  # it matches nothing, too
        return "".join((*pieces, text[end:]))

    def mask_encoded(parameter: re.Match[str]) -> str:
        return parameter["start"] + _MASKED_PARAMETER if secrets[parameter["name"]] else parameter[0]

    def redact(text: str) -> str:
        if "=" in text and secrets.are_in(text):
            text = mask_parameters(text)
        if "%" in text and ("%3" in text or "%26" in text or "%23" in text):
            text = _ENCODED_PARAMETER.sub(mask_encoded, text)
            text = _ENCODED_USER_INFORMATION.sub("", text)
        return _USER_INFORMATION.sub("", text) if "@" in text else text

    return redact


class _Secrets(dict[str, bool]):
    """Whether a parameter is a secret, by its name: an application has a few dozen, and most URLs hold no secret.

    Args:
        parameters: The names of those that are.
    """

    def __init__(self, parameters: frozenset[str]) -> None:
        super().__init__()
        self._parameters = parameters

    def __missing__(self, name: str) -> bool:
        answer = self._is_one(name)
        if len(name) <= _USUAL_LENGTH:
            if len(self) >= _MOST_NAMES:
                self.clear()
            self[name] = answer
        return answer

    def are_in(self, text: str) -> bool:
        """Whether a text has a parameter that is one."""
        for name in _PARAMETER.findall(text):  # noqa: SIM110 - a generator for `any` takes twice the time
            if self[name]:
                return True
        return False

    def _is_one(self, name: str) -> bool:
        read = unquote_plus(name).lower()
        if read in self._parameters:
            return True
        if "%" in read:  # encoded twice, where a URL stands in another one, or was taken for a decoded path
            read = unquote_plus(read).lower()
        return read in self._parameters or ("[" in read and not self._parameters.isdisjoint(_NAME_PARTS.split(read)))
