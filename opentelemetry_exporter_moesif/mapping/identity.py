"""Who made the call: the user, the company, the subscription and the session, from the best source that tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.headers import Headers

_ATTRIBUTES = {
    "user_id": ("user.id", "enduser.id"),
    "company_id": ("company.id",),
    "subscription_id": ("subscription.id",),
    "session_token": ("session.id",),
}


def identity(
    attributes: Mapping[str, Any],
    headers: Headers,  # noqa: ARG001 - read as soon as credentials are
    found_ids: Mapping[str, str],
) -> dict[str, str]:
    """The ids of a call by the event's names; never an empty one.

    Args:
        attributes: The server span's attributes.
        headers: The captured request headers, not redacted yet.
        found_ids: What child spans and `identify()` left.
    """
    ids = dict(found_ids)
    for field, names in _ATTRIBUTES.items():
        for name in names:
            value = attributes.get(name)
            if field not in ids and isinstance(value, (str, int)) and value != "":
                ids[field] = str(value)
    return ids
