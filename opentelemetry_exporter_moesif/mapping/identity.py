"""Who made the call: the user, the company, the subscription and the session, from the best source that tells.

The order of the sources is that of the tables below. What a hook of the user says comes before all of them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads, text_of
from opentelemetry_exporter_moesif.mapping.headers import Headers, header_name, unmasked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    _HeaderReader = Callable[[Headers], str | None]
    HeaderReaders = tuple[tuple[str, tuple[_HeaderReader, ...]], ...]

# The field of an event, and the attributes that tell it, on the span itself and on its children.
ID_ATTRIBUTES = {
    "user_id": ("user.id", "enduser.id"),
    "company_id": ("company.id",),
    "subscription_id": ("subscription.id",),
    "session_token": ("session.id",),
}
_AUTHORIZATION = "Authorization"

METADATA_PREFIX = "metadata "
"""What the names of `identify()`'s metadata start with among what was found for a call."""


@dataclass(frozen=True)
class IdentitySources:
    """Where else than in attributes ids are looked for.

    Args:
        user_id_headers: The request headers that may name the user.
        company_id_headers: The request headers that may name the company.
        user_id_claim: The claim of a bearer token that names the user.
        company_id_claim: The claim of a bearer token that names the company.
    """

    user_id_headers: tuple[str, ...] = ()
    company_id_headers: tuple[str, ...] = ()
    user_id_claim: str | None = "sub"
    company_id_claim: str | None = None

    def readers(self) -> HeaderReaders:
        """What reads each field from the captured headers, the best source first."""
        users = (
            *map(_header_reader, self.user_id_headers),
            _claim_reader(self.user_id_claim),
            _basic_name,
        )
        companies = (*map(_header_reader, self.company_id_headers), _claim_reader(self.company_id_claim))
        readers = {"user_id": tuple(filter(None, users)), "company_id": tuple(filter(None, companies))}
        return tuple((field, present) for field, present in readers.items() if present)


def identity(
    attributes: Mapping[str, Any],
    names: Iterable[tuple[str, tuple[str, ...]]],
    headers: Headers,
    found: Mapping[str, Any],
    readers: HeaderReaders,
) -> dict[str, str]:
    """Return the ids of a call by the event's names; never an empty one.

    Args:
        attributes: The server span's attributes.
        names: Those of `ID_ATTRIBUTES` that are there.
        headers: The captured request headers, not redacted yet.
        found: What child spans (by their attributes' names) and `identify()` (by the event's names) left.
        readers: What else tells: `IdentitySources.readers()`.
    """
    ids = {}
    for field, present in names:
        value = _first(attributes, present)
        if value:
            ids[field] = value
    if found:
        _add_found(ids, found)
    for field, readers_of_field in readers:
        if field not in ids:
            value = _first_told(readers_of_field, headers)
            if value:
                ids[field] = value
    return ids


def _first_told(readers: Iterable[_HeaderReader], headers: Headers) -> str | None:
    return next(filter(None, (read(headers) for read in readers)), None)


def _add_found(ids: dict[str, str], found: Mapping[str, Any]) -> None:
    for field, names in ID_ATTRIBUTES.items():
        value = _text(found.get(field)) or ids.get(field) or _first(found, names)
        if value:
            ids[field] = value


def identified_metadata(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that `identify()` left for a call."""
    start = len(METADATA_PREFIX)
    return {name[start:]: value for name, value in found.items() if name.startswith(METADATA_PREFIX)}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = values.get(name)
        # `_text` says it all, and is one call more.
        text = value.strip() if value.__class__ is str else _text(value)  # pyright: ignore[reportOptionalMemberAccess]
        if text:
            return text
    return None


def _text(value: Any) -> str | None:
    """Return an id as text. Nothing but texts and integers are ids, and an empty one is none."""
    if isinstance(value, str):
        return value.strip() or None
    return text_of(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _header_reader(name: str) -> _HeaderReader:
    shown = header_name(name)
    return lambda headers: unmasked(headers, shown)


def _claim_reader(claim: str | None) -> _HeaderReader | None:
    return (lambda headers: _from_token(headers, claim)) if claim else None


def _from_token(headers: Headers, claim: str) -> str | None:
    """Return a claim of a bearer token that is a JWT (RFC 7519). It is not verified: the application did that."""
    token = _credentials(headers, "bearer")
    if not token:
        return None
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims and signature (RFC 7515, section 3.1)
        return None
    try:
        claims = loads(_base64url(parts[1]))
    except ValueError:
        return None
    return _text(claims.get(claim)) if isinstance(claims, dict) else None


def _basic_name(headers: Headers) -> str | None:
    """Return the user's name of basic authentication (RFC 7617)."""
    credentials = _credentials(headers, "basic")
    if not credentials:
        return None
    try:
        pair = _base64url(credentials)
    except ValueError:
        return None
    name, colon, _ = pair.partition(b":")
    if not colon:
        return None
    try:
        return _text(name.decode())
    except UnicodeDecodeError:
        return _text(name.decode("latin-1"))


def _credentials(headers: Headers, scheme: str) -> str | None:
    value = unmasked(headers, _AUTHORIZATION)
    if value is None:
        return None
    name, _, credentials = value.partition(" ")
    return credentials.strip() if name.lower() == scheme else None


def _base64url(text: str) -> bytes:
    """Decode either alphabet, padded or not. Raises `ValueError`."""
    unpadded = text.rstrip("=").translate(_URL_ALPHABET)
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


_URL_ALPHABET = str.maketrans("-_", "+/")
