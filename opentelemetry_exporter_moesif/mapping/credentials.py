"""What credentials say of who made a call: a claim of a JWT (RFC 7519), or the name of Basic ones (RFC 7617).

They are decoded and not verified: the application did that.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from opentelemetry_exporter_moesif.json_codec import loads, text_of

# In front of a JWT; many send none at all.
_TOKEN_SCHEMES = frozenset(("", "bearer", "jwt", "token"))
_URL_ALPHABET = str.maketrans("-_", "+/")


def claim_of(credentials: str, claim: str) -> str | None:
    """A claim of the JWT that a header's value is, with `Bearer`, `JWT`, `Token` or no scheme; its name in any case."""
    scheme, token = _split(credentials)
    parts = token.split(".")
    if scheme not in _TOKEN_SCHEMES or len(parts) != 3:  # noqa: PLR2004 - header, claims, signature (RFC 7515, 3.1)
        return None
    try:
        claims = loads(_base64url(parts[1]))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    if claim in claims:
        return id_text(claims[claim])
    folded = claim.lower()
    return next((id_text(value) for name, value in claims.items() if name.lower() == folded), None)


def basic_name(credentials: str) -> str | None:
    """The name of Basic credentials. Without a password it is no user's: APIs take a key so (`sk_live_…:`)."""
    scheme, encoded = _split(credentials)
    if scheme != "basic":
        return None
    try:
        pair = _base64url(encoded)
    except ValueError:
        return None
    name, _, password = pair.partition(b":")
    if not password:
        return None
    try:
        return id_text(name.decode())
    except UnicodeDecodeError:
        return id_text(name.decode("latin-1"))


def id_text(value: Any) -> str | None:
    """An id as text. Nothing but texts and integers are ids, and an empty one is none."""
    if isinstance(value, str):
        return value.strip() or None
    return text_of(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _split(credentials: str) -> tuple[str, str]:
    """The scheme in lower case, and the rest."""
    scheme, _, rest = credentials.strip().partition(" ")
    return (scheme.lower(), rest.strip()) if rest else ("", scheme)


def _base64url(text: str) -> bytes:
    """Decodes either alphabet, padded or not. Raises `ValueError`."""
    unpadded = text.rstrip("=").translate(_URL_ALPHABET)
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
