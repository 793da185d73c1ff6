"""Whether a text may hold a secret that no listed name tells: cheap looks, before any notation is tried."""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry_exporter_moesif.redaction import commands
from opentelemetry_exporter_moesif.redaction.expressions import expression, one_of
from opentelemetry_exporter_moesif.redaction.spelling import levels, may_be_disguised, without_disguises

ENCODED_JSON = expression(
    r"[eW](?=[yw3])(?<=(?<![\w+/-])(?=(?:eyJ|W3si|eyAi|ewo|ew0K|Wwo|W3)[\w+/-]{12}).)[\w+/-]+={0,2}"
)
"""JSON in base64: what `{"`, `[{`, `{ "` and `{` before a new line begin with there."""

_NAMELESS = expression(rf"\bkty\b|Failing row|[iI](?i:dentified\s+(?:by|with|as))|{commands.MENTIONED}")
_WORD_OF_NAMELESS = expression(one_of(("kty", "failing row", "identified", *commands.WORDS)))

# What a text with a user and a password has in it beside its "@"; an address of mail has nothing of that.
_BESIDE_USER = expression(r"[:&\\%\x80-\U0010ffff]|//")

# A flag: `-u bob:…`, `'-u', 'bob:…'`; in JSON, it may stand behind an escape.
_FLAG = expression(r"-(?:(?<![^\s'\"]-)|(?<=\\[tnr]-)|(?<=#39;-)|(?<=quot;-))")


def may_tell_without_names(text: str) -> bool:
    """Whether it may: a user of a URL, a flag, JSON in base64, a command, a statement."""
    return (
        ("@" in text and _BESIDE_USER.search(text) is not None)
        or ((":" in text or "=" in text) and _FLAG.search(text) is not None)
        or ENCODED_JSON.search(text) is not None
        or (_WORD_OF_NAMELESS.search(text.lower()) is not None and _NAMELESS.search(text) is not None)
    )


def views_of(text: str) -> Iterator[str]:
    """The text as it is behind each of its encodings; as a reader sees its letters, where it has none."""
    if may_be_disguised(text):
        return levels(text)
    return iter(()) if text.isascii() else iter((without_disguises(text),))
