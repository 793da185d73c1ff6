"""Who made the call: the user, the company, the subscription and the session, from the best source that tells.

The order of the sources is that of the tables below. What a hook of the user says comes before all of them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.mapping.headers import Headers, header_name, unmasked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The field of an event, and the attributes that tell it, on the span itself and on its children.
_ATTRIBUTES = {
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
        user_id_header: A request header that names the user.
        company_id_header: A request header that names the company.
        user_id_claim: The claim of a bearer token that names the user.
        company_id_claim: The claim of a bearer token that names the company.
    """

    user_id_header: str | None = None
    company_id_header: str | None = None
    user_id_claim: str | None = "sub"
    company_id_claim: str | None = None


def identity(
    attributes: Mapping[str, Any],
    headers: Headers,
    found: Mapping[str, Any],
    sources: IdentitySources,
) -> dict[str, str]:
    """Return the ids of a call by the event's names; never an empty one.

    Args:
        attributes: The server span's attributes.
        headers: The captured request headers, not redacted yet.
        found: What child spans (by their attributes' names) and `identify()` (by the event's names) left.
        sources: Where else to look.
    """
    ids = {}
    for field, names in _ATTRIBUTES.items():
        value = (
            _text(found.get(field))
            or _first(attributes, names)
            or _first(found, names)
            or next(filter(None, _from_headers(field, headers, sources)), None)
        )
        if value:
            ids[field] = value
    return ids


def identified_metadata(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that `identify()` left for a call."""
    start = len(METADATA_PREFIX)
    return {name[start:]: value for name, value in found.items() if name.startswith(METADATA_PREFIX)}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next(filter(None, (_text(values.get(name)) for name in names)), None)


def _text(value: Any) -> str | None:
    """Return an id as text. Nothing but texts and integers are ids, and an empty one is none."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _from_headers(field: str, headers: Headers, sources: IdentitySources) -> Iterator[str | None]:
    if field == "user_id":
        yield _from_header(headers, sources.user_id_header)
        yield _from_token(headers, sources.user_id_claim)
        yield _basic_name(headers)
    elif field == "company_id":
        yield _from_header(headers, sources.company_id_header)
        yield _from_token(headers, sources.company_id_claim)


def _from_header(headers: Headers, name: str | None) -> str | None:
    return unmasked(headers, header_name(name)) if name else None


def _from_token(headers: Headers, claim: str | None) -> str | None:
    """Return a claim of a bearer token that is a JWT (RFC 7519). It is not verified: the application did that."""
    token = _credentials(headers, "bearer")
    if not (token and claim):
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
