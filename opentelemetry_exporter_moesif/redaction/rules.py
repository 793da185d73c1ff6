"""The rules of one configuration, and the only ways in: for headers, URIs, texts, structures, and a whole event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction import foreign, protocols
from opentelemetry_exporter_moesif.redaction.attributes import Attributes
from opentelemetry_exporter_moesif.redaction.bodies import Bodies
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.names import (
    DEFAULT_HARMLESS_NAMES,
    DEFAULT_HEADERS,
    DEFAULT_NAMES,
    SecretNames,
)
from opentelemetry_exporter_moesif.redaction.plain import is_plain, plain_query
from opentelemetry_exporter_moesif.redaction.several import is_one
from opentelemetry_exporter_moesif.redaction.structures import Structures
from opentelemetry_exporter_moesif.redaction.texts import Texts
from opentelemetry_exporter_moesif.redaction.uris import Uris
from opentelemetry_exporter_moesif.redaction.urls import Urls
from opentelemetry_exporter_moesif.redaction.values import DEFAULT_SHAPES, Credentials
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config

_LETTER = re.compile(r"[^\W\d_a-fA-F]")
_LONGEST_ID = 64  # of one that is remembered
_TELLS = re.compile(r"[=:{\"%?]").search  # what stands between a name and its value, or before both


class Redaction:
    """What must never leave, by one configuration.

    A name that is added to one of the lists counts wherever it stands; one that is taken out of a list is harmless in
    that list's place alone.

    Args:
        headers: Names of headers, as `SecretNames` takes them.
        parameters: Names of parameters.
        fields: Names of fields of bodies, and of attributes.
        harmless: Names that are no secrets although one of those is in them.
        values: The shapes of credentials, and patterns of the user's own.

    Attributes:
        secret_headers: Whether a header is a secret, by its name.
        secret_fields: Whether a field or an attribute is one.
        texts: A text without its secrets, by the text: the usual ones are remembered.
        metadata: Takes the secrets out of an event's metadata, in place.
        tells_by_name: Whether an attribute has to be looked at for its name.
        tells_by_parameter: Whether a query's parameter is called like several secrets.
        tells_by_value: Whether a query's parameter, by its value, may say what another one holds.
        shapes: The names of the shapes of credentials that are looked for.
        has_patterns: Whether values are secrets of which `plain` does not know.
    """

    def __init__(
        self,
        headers: Iterable[str] = DEFAULT_HEADERS,
        parameters: Iterable[str] = DEFAULT_NAMES,
        fields: Iterable[str] = DEFAULT_NAMES,
        harmless: Iterable[str] = (),
        values: Sequence[str | re.Pattern[str]] = DEFAULT_SHAPES,
    ) -> None:
        lists = [frozenset(names) for names in (headers, parameters, fields)]
        listed = frozenset(name for names in lists for name in names if not name.startswith("-"))
        listed -= DEFAULT_HEADERS - DEFAULT_NAMES
        added = listed - DEFAULT_NAMES
        harmless = frozenset(harmless) | DEFAULT_HARMLESS_NAMES
        secret_names = cache(partial(SecretNames, harmless=harmless))  # lists that are the same are looked through once
        of_headers, of_parameters, of_fields = (secret_names(names | added) for names in lists)
        self.secret_headers = of_headers
        self.secret_fields = of_fields
        self.shapes = tuple(value for value in values if isinstance(value, str))
        credentials = Credentials(values)
        # Of names that are digits or hexadecimal, numbers and ids may tell: `plain` knows that of other letters only.
        self.has_patterns = not set(values) <= set(DEFAULT_SHAPES) or not all(map(_LETTER.search, listed))
        urls = Urls(of_parameters)
        of_texts = secret_names(listed)
        looks = (_never, _never) if self.has_patterns else (is_plain, plain_query)
        self.texts = Texts(of_texts, urls, credentials.masked, looks[0])
        self._uris = Uris(urls, self.texts, credentials, *looks)

        def is_id(text: str) -> bool:  # most are plain, which takes a fifth of looking for each shape of a credential
            return (
                looks[0](text) is not None or (self.texts[text] if _TELLS(text) else credentials.masked(text)) == text
            )

        self._is_id = Answers(is_id, most=4096, longest=_LONGEST_ID)
        self._structures = self.texts.structures = Structures(of_fields, self.texts)
        attributes = Attributes(of_fields, self.texts, self._structures)
        self.metadata = attributes.mask
        self.tells_by_name = attributes.tells_by_name
        self.tells_by_parameter = of_parameters.several.__getitem__
        self.tells_by_value = self._uris.parameters.may_name.__getitem__
        self.bodies = Bodies(of_fields, self.texts, self._structures)

    @classmethod
    def of(cls, config: Config) -> Redaction:
        """The rules that a configuration asks for."""
        return cls(
            config.redact_headers,
            config.redact_query_parameters,
            config.redact_body_fields,
            config.redact_except,
            config.redact_values,
        )

    def text(self, text: str) -> str:
        """A text that is no structure of its own, without its secrets."""
        return self.texts[text]

    def uri(self, uri: str, *, lossy: bool = False) -> str:
        """A URI without its secrets; the rest stays as it is, to the letter.

        Args:
            uri: The URI, percent-encoded.
            lossy: An instrumentation decoded the query, so that nobody knows where a value ends: the mask of the first
                secret goes on to the end of the query.
        """
        return self._uris.masked(uri, lossy=lossy)

    def structure(self, document: Any) -> Any:
        """A structure (dictionaries, lists, texts) without its secrets, changed in place where it can be.

        Raises:
            TooDeepError: It is nested deeper than 200 levels.
        """
        return self._structures.masked(document)

    def id(self, value: str) -> str | None:
        """An id, None where it is a credential by its shape."""
        return value if self._is_id[value] else None

    def foreign_event(self, event: dict[str, Any]) -> None:
        """Takes the secrets out of all of an event but its bodies, in place, whatever else than an event it may be.

        Raises:
            TooDeepError: It is nested deeper than 200 levels.
        """
        foreign.mask_event(event, self)

    def tells_by_header(self, name: str) -> bool:
        """Whether a header's value may be a secret by its name."""
        return self.secret_headers[name] or self.secret_headers.several[name]

    def is_secret_header(self, name: str, value: str) -> bool:
        """Whether a header's value is one: where it is called like several secrets, by what it is."""
        return self.secret_headers[name] or (self.secret_headers.several[name] and is_one(name, value))

    def envelope(self, event: Any, secret_headers: Iterable[str] | None = None) -> None:
        """Takes the secrets out of all of an event but its bodies, in place.

        Args:
            event: An event, a dictionary as `mapping.event.Event` describes it.
            secret_headers: Those of the names of its headers that are secrets', where that is known.
        """
        request = event["request"]
        request["uri"] = self._uris.masked(request["uri"], lossy=False)
        self._headers((request, event["response"]) if "response" in event else (request,), secret_headers)
        if "api_version" in request:
            request["api_version"] = self.texts[request["api_version"]]
        if "action_name" in event:
            event["action_name"] = self.texts[event["action_name"]]
        if "metadata" in event:
            self.metadata(event["metadata"])
        for field in foreign.IDS:
            if field in event and not self._is_id[event[field]]:
                del event[field]

    def _headers(self, sides: Iterable[dict[str, Any]], secret: Iterable[str] | None) -> None:
        """Takes the secrets out of headers. A number, such as a Content-Length, is a new one each time, and none."""
        texts, has_patterns = self.texts, self.has_patterns
        harmless = texts.harmless
        for side in sides:
            headers = side["headers"]
            if protocols.HEADER in headers:
                headers[protocols.HEADER] = protocols.masked(headers[protocols.HEADER], self.secret_headers)
            for name in filter(self.tells_by_header, headers) if secret is None else secret:
                if name in headers and self.is_secret_header(name, headers[name]):
                    headers[name] = MASKED
            if not harmless.issuperset(headers.values()):
                for name, value in headers.items():
                    if value not in harmless and (has_patterns or not value.isdecimal()):
                        headers[name] = texts[value]


def _never(_text: str) -> None:
    """Where values are secrets of which nothing is known, no text is plain."""


@cache
def _by_default() -> Redaction:
    return Redaction()


def scrub(text: str) -> str:
    """A text without its secrets, by the default lists: for log lines and messages, which know no configuration."""
    return _by_default().text(text)
