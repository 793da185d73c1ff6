"""Encodings that hide what a text says: percent-encoding, escapes, base64, and what Unicode hides."""

from __future__ import annotations

import base64
import html
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.names import unescaped, without_disguises

_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def from_base64(encoded: str) -> str:
    """The text that letters of base64 stand for, in either alphabet; none where they stand for nothing."""
    letters = encoded.rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""


def decoded(text: str) -> str:
    """One level of encoding undone: percent-encoding, JSON's escapes, HTML's, and what Unicode hides."""
    if "%" in text:
        plain = unquote_plus(text)
        if plain != text and "%" in text:
            return plain
    if "\\" in text and (plain := unescaped(text)) != text:
        return plain
    if "&" in text and (plain := html.unescape(text)) != text:
        return plain
    return text if text.isascii() else without_disguises(text)
