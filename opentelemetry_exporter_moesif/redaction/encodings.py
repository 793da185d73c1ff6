"""Encodings that hide what a text says: percent-encoding, escapes, base64, and what Unicode hides."""

from __future__ import annotations

import base64
import html
import re
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.spelling import unescaped, without_disguises

_ENTITY = re.compile(r"&(?:#|[A-Za-z]{2})")
_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def from_base64(encoded: str) -> str:
    """The text that letters of base64 stand for, in either alphabet; none where they stand for nothing."""
    letters = encoded.rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""


def decoded(text: str) -> str:
    """One level of each encoding undone: percent-encoding, JSON's escapes, HTML's, and what Unicode hides."""
    if "%" in text:
        text = unquote_plus(text)
    if "\\" in text:
        text = unescaped(text)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return text if text.isascii() else without_disguises(text)
