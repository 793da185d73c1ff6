"""Captured headers: from span attributes to the names and values that HTTP had.

Attributes are named `http.request.header.<name>` with hyphens kept (the semantic conventions) or turned into
underscores (Python's instrumentations). Values are sequences of strings; several values of one name are joined by a
comma (RFC 9110, section 5.3).
"""

from __future__ import annotations

from typing import Any

from opentelemetry_exporter_moesif.json_codec import text_of
from opentelemetry_exporter_moesif.redaction import MASKED

REQUEST_PREFIX = "http.request.header."
RESPONSE_PREFIX = "http.response.header."

TAGS = "X-Moesif-Tags"

Headers = dict[str, str]


def header_name(name: str) -> str:
    """The name as it is commonly written: ``x_forwarded_for`` and ``x-forwarded-for`` are both ``X-Forwarded-For``."""
    return "-".join(word.capitalize() for word in name.replace("_", "-").split("-"))


def header_value(value: Any) -> str:
    """The value of a header attribute as one text."""
    if isinstance(value, (tuple, list)):
        return value[0] if len(value) == 1 and isinstance(value[0], str) else ",".join(map(text_of, value))
    return "" if value is None else text_of(value)


def user_agent(value: Any) -> str:
    """A User-Agent that an attribute of its own tells; "" where it is none, as Envoy's "-"."""
    text = text_of(value) if isinstance(value, (str, int)) else ""
    return "" if text == "-" else text


def reread(headers: Headers) -> None:
    """Reads values as UTF-8, in place, in which each byte was taken for a Latin-1 character, where they are that."""
    for name, value in headers.items():
        headers[name] = _as_utf_8(value)


def _as_utf_8(text: str) -> str:
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def unmasked(headers: Headers, name: str) -> str | None:
    """A header's value where it was captured and the instrumentation did not mask it."""
    value = headers.get(name)
    return None if value is None or value == MASKED else value.strip() or None
