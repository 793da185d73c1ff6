"""Words that nobody says: what stands beside the mention of a secret in a page and looks like one."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.expressions import expression

_MARKS = ".,:;!?\u2026()[]\"'`\u201c\u201d"
# Letters and digits in one word: `hunter2`, `4f9a-11c3`.
_MIXED = expression(r"(?=[^\d]{0,64}\d)(?=[^A-Za-z]{0,64}[A-Za-z])[^\s<>]{4,}")
_LONG_MIXED = expression(r"(?<!\w)(?=[A-Za-z_]{0,64}\d)(?=[\d_]{0,64}[A-Za-z])\w{8,}")
# Prose and figures: `Documentation`, `two-factor`, `SSO/SAML`, `JavaScript`, `2026-11-26`, `1,200`; not `482913`.
_PIECE = r"(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,})*|[A-Z]{1,12}s?)"
_SAID = expression(
    rf"{_PIECE}(?:['\u2019/&-]{_PIECE})*|\d{{4}}-\d\d-\d\d(?:T[\d:.]{{4,16}}Z?)?|\d{{1,5}}|(?!\d+$)[\d.,:/%]{{1,10}}|&\w{{1,16}};"
)
_LONG = 8
_FEW_VOWELS = 5
_VOWELS = frozenset("aeiouyAEIOUY")


def is_opaque(text: str) -> bool:
    """Whether a text is one word, and none of a language's: letters and digits, or a long one like no other."""
    word = text.replace("&nbsp;", " ").strip().strip(_MARKS)
    if not word or len(word.split(None, 1)) > 1:
        return False
    if _SAID.fullmatch(word):
        return is_unspeakable(word)
    return len(word) >= _LONG or word.isdigit() or _MIXED.fullmatch(word) is not None


def is_unspeakable(word: str) -> bool:
    """Whether nobody could say a word: each fifth letter at least of one that can be said is a vowel."""
    return word.isalpha() and len(word) >= _LONG and len(word) > _FEW_VOWELS * sum(map(_VOWELS.__contains__, word))


def holds_opaque(text: str) -> bool:
    """Whether one of a text's words has letters and digits, and is as long as a secret."""
    return _LONG_MIXED.search(text) is not None
