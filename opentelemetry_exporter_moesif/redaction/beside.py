"""Which text of a page belongs to a name: behind what only parts the two, in several pieces, in each item of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque

if TYPE_CHECKING:
    import re

# What says nothing of its own: a sign, an entity, a remark in brackets.
_NOTHING = expression(
    r"(?:[\s:=\-\u2013\u2014\u2192|?\u00a0]|\b(?:is|are|was)\b|&(?:nbsp|[mn]dash|rarr|colon|equals|#\d{1,6});|\([^()<>]{0,64}\))+"
)
_SIGN = expression(r"[:=\-\u2013\u2014\u2192]|\b(?:is|are|was)\b|&(?:[mn]dash|rarr|colon|equals);")
_NEXT = expression(r"\s{0,64}(?P<between>(?:<[^<>]{0,128}>\s{0,64}){1,4})(?P<value>[^<]+)")
_NO_TEXT = expression(r"<(?P<tag>script|style|template)\b[^<>]{0,128}>\s{0,64}$")
_LAST_TAG = expression(r"<(?P<tag>[A-Za-z]{1,16})\b[^<>]{0,128}>\s{0,64}$")
_MOST_BETWEEN = 3
_LONGEST_SCRIPT = 4096
_MOST_PIECES = 16
_MOST_ITEMS = 64


class Value(NamedTuple):
    """What stands next to a name.

    Args:
        start: Where it starts in the text.
        end: Where it ends.
        between: The tags before it.
        is_parted: A sign stands between the name and it: `<b>OTP</b> - <b>482913</b>`.
    """

    start: int
    end: int
    between: str
    is_parted: bool = False


def value_of(label: re.Match[str]) -> Value:
    """The first text behind a name that says something."""
    text, value = label.string, Value(*label.span("value"), label["between"])
    is_parted = False
    for _ in range(_MOST_BETWEEN):
        at = value.end
        if no_text := _NO_TEXT.search(value.between):
            at = text.find(f"</{no_text['tag']}", value.start, value.start + _LONGEST_SCRIPT)
        elif not _NOTHING.fullmatch(text, value.start, value.end):
            break
        else:
            is_parted = is_parted or _SIGN.search(text, value.start, value.end) is not None
        following = _NEXT.match(text, at) if at >= 0 else None
        if following is None:
            break
        value = Value(*following.span("value"), following["between"], is_parted)
    return value


def parts_of(text: str, value: Value, *, are_several: bool) -> Iterator[Span]:
    """A value in each of its pieces: digits that stand in an element each, and what the next items hold of several."""
    yield value.start, value.end
    former = text[value.start : value.end].strip()
    is_piece = len(former) == 1 and former.isalnum()
    tag = _LAST_TAG.search(value.between)
    for _ in range(_MOST_PIECES if is_piece else _MOST_ITEMS if are_several and tag else 0):
        following = _NEXT.match(text, value.end)
        if following is None:
            return
        content = following["value"].strip()
        last = _LAST_TAG.search(following["between"])
        is_item = tag and last and last["tag"] == tag["tag"] and is_opaque(content)
        if content == MASKED or not (is_item or (is_piece and len(content) == 1 and content.isalnum())):
            return
        value = Value(*following.span("value"), following["between"])
        yield value.start, value.end
