"""Base64, which hides what a text says."""

from __future__ import annotations

import base64

_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def from_base64(encoded: str) -> str:
    """The text that letters of base64 stand for, in either alphabet; none where they stand for nothing."""
    letters = encoded.rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""
