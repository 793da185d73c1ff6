"""Who made the call: the user, the company, the subscription and the session, from the best source that tells.

The order of the sources is that of the tables below. What a hook of the user says comes before all of them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.credentials import basic_name, claim_of, id_text
from opentelemetry_exporter_moesif.mapping.headers import Headers, header_name, unmasked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry_exporter_moesif.redaction import Redaction

    _HeaderReader = Callable[[Headers], str | None]
    HeaderReaders = tuple[tuple[str, tuple[_HeaderReader, ...]], ...]

# The field of an event, and the attributes that tell it, on the span itself and on its children.
ID_ATTRIBUTES = {
    "user_id": ("user.id", "enduser.id"),
    "company_id": ("company.id",),
    "subscription_id": ("subscription.id",),
    "session_token": ("session.id",),
}
"""The attributes of the server span that say an id, the better of two that say the same first."""

CHILD_ID_ATTRIBUTES = tuple(name for names in ID_ATTRIBUTES.values() for name in names if name != "subscription.id")
"""Those of them that are read from a span inside the call as well."""

_AUTHORIZATION = "Authorization"

_logger = logging.getLogger("opentelemetry_exporter_moesif")
_TELLS_NOBODY = (
    "Moesif exporter: the header %s holds credentials that tell no id: nobody's own text is sent as one. A JWT is read"
    " for its claim; whoever else it is, `identify()` says."
)

METADATA_PREFIX = "metadata "
"""What the names of `identify()`'s metadata start with among what was found for a call."""


@dataclass(frozen=True)
class IdentitySources:
    """Where else than in attributes ids are looked for.

    Args:
        user_id_headers: The request headers that may name the user.
        company_id_headers: The request headers that may name the company.
        user_id_claim: The claim of a JWT that names the user. Empty: no credentials are read, Basic ones neither.
        company_id_claim: The claim of a JWT that names the company.
    """

    user_id_headers: tuple[str, ...] = ()
    company_id_headers: tuple[str, ...] = ()
    user_id_claim: str | None = "sub"
    company_id_claim: str | None = None

    def readers(self, redaction: Redaction) -> HeaderReaders:
        """What reads each field from the captured headers, the best source first.

        Args:
            redaction: Tells which headers and values are credentials.
        """
        users = (
            *(_header_reader(name, self.user_id_claim, redaction, takes_basic=True) for name in self.user_id_headers),
            _credentials_reader(self.user_id_claim, takes_basic=True),
        )
        companies = (
            *(
                _header_reader(name, self.company_id_claim, redaction, takes_basic=False)
                for name in self.company_id_headers
            ),
            _credentials_reader(self.company_id_claim, takes_basic=False),
        )
        readers = {"user_id": tuple(filter(None, users)), "company_id": tuple(filter(None, companies))}
        return tuple((field, present) for field, present in readers.items() if present)


def identity(
    attributes: Mapping[str, Any],
    names: Iterable[tuple[str, tuple[str, ...]]],
    headers: Headers,
    left_ids: Mapping[str, Any],
    readers: HeaderReaders,
) -> dict[str, str]:
    """The ids of a call by the event's names; never an empty one.

    Args:
        attributes: The server span's attributes.
        names: Those of `ID_ATTRIBUTES` that are there.
        headers: The captured request headers, not redacted yet.
        left_ids: What child spans (by their attributes' names) and `identify()` (by the event's names) left.
        readers: What else tells: `IdentitySources.readers()`.
    """
    ids = {}
    for field, present in names:
        value = _first(attributes, present)
        if value:
            ids[field] = value
    if left_ids:
        _add_left_ids(ids, left_ids)
    for field, readers_of_field in readers:
        if field not in ids:
            value = _first_told(readers_of_field, headers)
            if value:
                ids[field] = value
    return ids


def _first_told(readers: Iterable[_HeaderReader], headers: Headers) -> str | None:
    return next(filter(None, (read(headers) for read in readers)), None)


def _add_left_ids(ids: dict[str, str], left_ids: Mapping[str, Any]) -> None:
    for field, names in ID_ATTRIBUTES.items():
        value = id_text(left_ids.get(field)) or ids.get(field) or _first(left_ids, names)
        if value:
            ids[field] = value


def identified_metadata(left_ids: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that `identify()` left for a call."""
    start = len(METADATA_PREFIX)
    return {name[start:]: value for name, value in left_ids.items() if name.startswith(METADATA_PREFIX)}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = values.get(name)
        # `_text` says it all, and is one call more.
        text = value.strip() if value.__class__ is str else id_text(value)  # pyright: ignore[reportOptionalMemberAccess]
        if text:
            return text
    return None


def _header_reader(name: str, claim: str | None, redaction: Redaction, *, takes_basic: bool) -> _HeaderReader:
    """Reads an id out of a header. Credentials are read for what they say, and are no id as they stand."""
    shown = header_name(name)
    is_secret = redaction.secret_headers[name]
    is_said = False

    def read(headers: Headers) -> str | None:
        nonlocal is_said
        value = unmasked(headers, shown)
        if value is None:
            return None
        if not is_secret and redaction.id(value) is not None:
            return value
        caller = _of_credentials(value, claim, takes_basic=takes_basic)
        if caller is None and not is_said:
            is_said = True
            _logger.warning(_TELLS_NOBODY, shown)
        return caller

    return read


def _credentials_reader(claim: str | None, *, takes_basic: bool) -> _HeaderReader | None:
    """Reads an id out of `Authorization`."""
    if not claim:
        return None

    def read(headers: Headers) -> str | None:
        value = unmasked(headers, _AUTHORIZATION)
        return None if value is None else _of_credentials(value, claim, takes_basic=takes_basic)

    return read


def _of_credentials(value: str, claim: str | None, *, takes_basic: bool) -> str | None:
    if not claim:
        return None
    return claim_of(value, claim) or (basic_name(value) if takes_basic else None)
