"""URIs: the values of secret parameters, user information, and whatever else of a secret hides in a part of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.accounts import is_account
from opentelemetry_exporter_moesif.redaction.companions import ACCOUNTS, IN_QUERIES
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, MASKED_PARAMETER
from opentelemetry_exporter_moesif.redaction.parameters import Parameters
from opentelemetry_exporter_moesif.redaction.plain import KINDS, encoded_values
from opentelemetry_exporter_moesif.redaction.statements import PARAMETERS, secret_parameters, without_parameters
from opentelemetry_exporter_moesif.remembered import Answers, Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.redaction.plain import Look
    from opentelemetry_exporter_moesif.redaction.texts import Texts
    from opentelemetry_exporter_moesif.redaction.urls import Urls
    from opentelemetry_exporter_moesif.redaction.values import Credentials

# What a part has where it may be more than words and numbers: an encoding, user information, a notation.
_RICH_PATH = r"[%@;#\"'{(\[<\\ +=]"
_RICH_QUERY = r"[%@;#\"'{(\[<\\ +|~^!]|^[^=]*:|=[^&]*[=:]"
_NAME = expression(r"(?:^|&)([^=&]*)=")
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]*\])(?::[0-9]{0,5})?").fullmatch
_LEAST = len("https://")
_KINDS_OF_SCHEMES = (b"xxxxx", b"xxxx")  # by `plain.KINDS`
_USUAL_LENGTH = 256
_ANY = "http://h/?"  # before a query that is looked at alone


def _usual_parts(is_usual: Callable[[str], bool]) -> Answers[str, bool]:
    """Whether a part of a URI holds no secret: a service has few origins, and is asked the same again."""
    return Answers(is_usual, most=2048, longest=_USUAL_LENGTH)


def _plain_places(is_plain: Look) -> Answers[bytes, bool]:
    """Whether what stands before a query is plain, by the kinds of its letters.

    A service has few, however many its items. A port is not plain: of what has one, the path is asked for alone.
    """

    def is_plain_place(kinds: bytes) -> bool:
        scheme, _, rest = kinds.partition(b"://")
        return is_plain((rest if scheme in _KINDS_OF_SCHEMES else kinds).decode("ascii", "replace")) is not None

    return Answers(is_plain_place, longest=_USUAL_LENGTH)


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
        is_plain: Says of a path that it holds no secret for certain.
        plain_query: Finds a query in which nothing but a name, or what is encoded, can tell of a secret.

    Attributes:
        parameters: Mask what one parameter names and another one holds.
    """

    def __init__(self, urls: Urls, texts: Texts, credentials: Credentials, is_plain: Look, plain_query: Look) -> None:
        look = credentials.look
        self._tells = re.compile(f"{_RICH_QUERY}|{look.pattern}").search
        self._plain_query = plain_query
        self._credentials = credentials
        self._urls = urls
        self.parameters = Parameters(urls.secret, IN_QUERIES)
        self._is_harmless = _HarmlessValues(texts)
        path_tells = re.compile(f"{_RICH_PATH}|{look.pattern}").search
        self._usual_origins = _usual_parts(lambda origin: _ORIGIN(origin) is not None and not look.search(origin))
        self._plain_places = _plain_places(is_plain)
        self._usual_paths = _usual_parts(lambda path: not path_tells(path))
        self._usual_queries = _usual_parts(self._is_usual_query)

    def masked(self, uri: str, *, lossy: bool) -> str:
        """The URI without its secrets. `lossy`: see `Redaction.uri`.

        A usual one, whatever ids are in its path, takes one look-up, and another one for its query.
        """
        place, _, query = uri.partition("?")
        try:
            if (
                uri.startswith("http")
                and (self._plain_places[place.encode().translate(KINDS)] or self._is_usual_place(place))
                and (not query or self._usual_queries[query])
            ):
                return uri
        except UnicodeEncodeError:  # half of a surrogate pair
            pass
        return self._masked(uri, lossy=lossy)

    def _is_usual_place(self, place: str) -> bool:
        start = place.find("/", _LEAST)
        path = place[start:]
        return (
            start > 0
            and self._usual_origins[place[:start]]
            and (self._plain_places[path.encode().translate(KINDS)] or self._usual_paths[path])
        )

    def _is_usual_query(self, query: str) -> bool:
        if self._plain_query(query):
            if not all(map(self._is_harmless.__getitem__, encoded_values(query))):
                return False
        elif self._tells(query):
            return self._masked(_ANY + query, lossy=False) == _ANY + query
        secret = self._urls.secret
        for name in _NAME.findall(query):  # a generator for `any` takes twice the time
            if secret[name] or ACCOUNTS[name] or name in PARAMETERS or secret.several[name]:
                return False
        return not self.parameters.name_one(query)

    def _masked(self, uri: str, *, lossy: bool) -> str:
        of_statement = secret_parameters(uri.partition("?")[2], self._urls.secret)
        uri = self._credentials.masked(uri)
        uri = self._urls.masked(uri, lossy=lossy, alone=True)
        path, mark, query = uri.partition("?")
        path = self._path(path)
        return f"{path}?{self._query(query, of_statement, lossy=lossy)}" if mark else path

    def _query(self, query: str, of_statement: set[str], *, lossy: bool) -> str:
        """A query without those of its values that hold a secret of their own: JSON, a form, a header."""
        parameters: list[str] = []
        for parameter in query.split("&"):
            parameters.append(self._parameter(parameter))
            if lossy and parameters[-1] != parameter:
                break
        parameters = self.parameters.masked(parameters, MASKED_PARAMETER)
        return "&".join(without_parameters(parameters, of_statement, MASKED_PARAMETER))

    def _path(self, path: str) -> str:
        """A path without those of its segments that hold a secret: `/why%3Ftoken=…` is one, too."""
        return "/".join(segment if self._is_harmless[segment] else MASKED_PARAMETER for segment in path.split("/"))

    def _parameter(self, parameter: str) -> str:
        name, equals, value = parameter.partition("=")
        if self._is_harmless[value if equals else name] and not is_account(name, unquote_plus(value)):
            return parameter
        return f"{name}={MASKED_PARAMETER}" if equals else MASKED_PARAMETER
