"""Users with their passwords, where a field or a parameter is called after what they are for: `auth=bob:…`."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.companions import ACCOUNTS
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.values import is_basic

_PAIR = 2
_OPAQUE = expression(r"(?!(?i:o?auth))(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[^\s:]{8,}")
_NO_ACCOUNTS = ("http:", "https:")


def is_account(name: str, text: str) -> bool:
    """Whether a text is a user and a password, in base64 or not, or a credential: "required" and "oauth2" are none.

    Args:
        name: What it is called.
        text: The text.
    """
    if not ACCOUNTS[name]:
        return False
    if ":" in text:
        return not text.startswith(_NO_ACCOUNTS)
    words = text.split()
    return len(words) in {1, _PAIR} and (_OPAQUE.fullmatch(words[-1]) is not None or is_basic(words[-1]))
