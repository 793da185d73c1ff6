"""URIs: the values of secret parameters, user information, and whatever else of a secret hides in a part of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS, IN_QUERIES
from opentelemetry_exporter_moesif.redaction.masks import MASKED, MASKED_PARAMETER
from opentelemetry_exporter_moesif.redaction.plain import encoded_values
from opentelemetry_exporter_moesif.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.redaction.plain import Look
    from opentelemetry_exporter_moesif.redaction.texts import Texts
    from opentelemetry_exporter_moesif.redaction.urls import Urls
    from opentelemetry_exporter_moesif.redaction.values import Credentials

# What a URI has where a part of it may be more than words and numbers: an encoding, user information, a notation.
_RICH = r"[%@;#\"'{(\[<\\ +]|/[^?/=]*=|\?[^=]*:|=[^&]*[=:]"
_PARAMETER = re.compile(r"[?&]([^=&]*)=([^&]*)")
_ORIGIN = 8  # letters at least: "http://a"
_USUAL_LENGTH = 256


class _PlainOrigins(Remembered[str, bool]):
    """Whether scheme and host of a URI are plain: a service has few."""

    def __init__(self, look: Callable[[str, int], object]) -> None:
        super().__init__()
        self._look = look

    def find(self, origin: str) -> bool:
        return not self._look(origin, _ORIGIN)

    def is_worth(self, origin: str) -> bool:
        return len(origin) <= _USUAL_LENGTH


class _HarmlessValues(Remembered[str, bool]):
    """Whether the value of a parameter holds no secret of its own: people search for the same again."""

    most = 2048

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts

    def find(self, encoded: str) -> bool:
        decoded = unquote_plus(encoded)
        return self._texts[decoded].replace(MASKED, MASKED_PARAMETER) in {decoded, encoded}

    def is_worth(self, encoded: str) -> bool:
        return len(encoded) <= _USUAL_LENGTH


class Uris:
    """Takes what must never leave out of URIs.

    Args:
        urls: Masks parameters and user information.
        texts: Takes it out of the text that a parameter is.
        credentials: Finds what is a credential by its shape.
        plain_uri: Finds a URI in which nothing but a name can tell of a secret.
    """

    def __init__(self, urls: Urls, texts: Texts, credentials: Credentials, plain_uri: Look) -> None:
        self._look = re.compile(f"{_RICH}|{credentials.look.pattern}").search
        self._plain_uri = plain_uri
        self._origins = _PlainOrigins(self._look)
        self._credentials = credentials
        self._urls = urls
        self._is_harmless = _HarmlessValues(texts)

    def masked(self, uri: str, *, lossy: bool) -> str:
        """The URI without its secrets. `lossy`: see `Redaction.uri`."""
        plain = self._plain_uri(uri)
        if plain and self._origins[plain[1]]:
            has_encoded = "%" in uri or "+" in uri  # `plain` told where: in values alone
            is_usual = not has_encoded or all(map(self._is_harmless.__getitem__, encoded_values(uri)))
        else:
            is_usual = not self._look(uri, _ORIGIN)
        if is_usual:
            secret = self._urls.secret
            for name, value in _PARAMETER.findall(uri):  # a generator for `any` takes twice the time
                if secret[name] or (IN_QUERIES[name] and secret[value]):
                    break
            else:
                return uri
        uri = self._credentials.masked(uri)
        uri = self._urls.masked(uri, lossy=lossy, alone=True)
        path, mark, query = uri.partition("?")
        path = self._path(path)
        return f"{path}?{self._query(query, lossy=lossy)}" if mark else path

    def _query(self, query: str, *, lossy: bool) -> str:
        """A query without those of its values that hold a secret of their own: JSON, a form, a header."""
        parameters: list[str] = []
        for parameter in query.split("&"):
            parameters.append(self._parameter(parameter))
            if lossy and parameters[-1] != parameter:
                break
        if any(map(self._tells_a_name, parameters)):  # `name=password&value=…`
            parameters = [_without_value(parameter) for parameter in parameters]
        return "&".join(parameters)

    def _tells_a_name(self, parameter: str) -> bool:
        name, _, value = parameter.partition("=")
        return IN_QUERIES[name] and self._urls.secret[value]

    def _path(self, path: str) -> str:
        """A path without those of its segments that hold a secret: `/why%3Ftoken=…` is one, too."""
        return "/".join(segment if self._is_harmless[segment] else MASKED_PARAMETER for segment in path.split("/"))

    def _parameter(self, parameter: str) -> str:
        name, equals, value = parameter.partition("=")
        if self._is_harmless[value if equals else name]:
            return parameter
        return f"{name}={MASKED_PARAMETER}" if equals else MASKED_PARAMETER


def _without_value(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={MASKED_PARAMETER}" if equals and COMPANIONS[name] else parameter
