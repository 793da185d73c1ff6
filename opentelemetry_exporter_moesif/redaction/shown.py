"""What a page shows in the attributes of an element that tells a secret's name, or beside which one stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.displayed import Page
    from opentelemetry_exporter_moesif.redaction.masks import Span
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

# Also within a text in quotes, where a backslash stands before each quote.
GIVEN = r"\s?=\s?\\{0,8}(?:\"(?P<double>[^\"]+)|'(?P<single>[^']+)|(?P<bare>[^\s\"'<>]+))"
"""An attribute's value, as an expression has it."""

SHOWN_VALUE = expression(
    rf"(?<!\S)(?:value|text|data-(?:value|text|clipboard-text|clipboard|copy|content|reveal|code|secret|token|key|password))"
    rf"{GIVEN}",
    re.IGNORECASE,
)
"""An attribute with what an element shows, or a button copies."""

# What a button's program copies.
_COPIED = expression(r"(?i:copy\w{0,16}|writeText|clipboard)\([\"'](?P<value>[^\"']{4,256})[\"']")
# What tells in words what an element is for, or says so beside it.
_SAID = expression(r"(?<!\S)(?:aria-label|label|title|data-(?:title|label|original-title)|alt)" + GIVEN, re.IGNORECASE)
_CLASS = expression(r"(?<!\S)class\s?=\s?\\{0,8}[\"']?(?P<classes>[^\"'<>]{1,256})", re.IGNORECASE)
# What an element says itself, within up to two others, and what a button says behind it.
_CONTENT = expression(r"\s{0,64}(?:<(?!/)[^<>]{0,128}>\s{0,64}){0,2}(?P<said>[^<>]{1,256})")
_BUTTON_BEHIND = expression(
    r"\s{0,64}(?:<[^<>]{0,128}>\s{0,64}){0,2}<(?:button|a)\b[^<>]{0,256}>\s{0,64}(?P<said>[^<>]{2,64})", re.IGNORECASE
)
_LONGEST_SAID = 64
_HIDDEN = expression(r"(?<!\S)type\s?=\s?[\"']?hidden\b", re.IGNORECASE)
# A field that nobody fills in: it has no name of its own, or says so.
_FILLED_IN = expression(r"(?!.*(?<!\S)(?:readonly|disabled)\b).*(?<!\S)name\s?=", re.IGNORECASE | re.DOTALL)
_IS_VALUE = expression(r"\svalue\s?=\s?\\{0,8}[\"']?$", re.IGNORECASE)
_CHOSEN = frozenset("option button li progress meter param data".split())


def in_attributes(start: re.Match[str], names: SecretNames, page: Page) -> Span | None:
    """Where an element shows in an attribute what looks like a secret, and says or stands by the name of one.

    Args:
        start: Its start tag.
        names: Which names count.
        page: What is said around it.
    """
    shown = None if _HIDDEN.search(start["attributes"]) else _shown(start)
    if shown is None:
        return None
    is_field = start["tag"].lower() == "input"
    classes = _CLASS.search(start["attributes"])
    said = [each[each.lastgroup or 0] for each in _SAID.finditer(start["attributes"])]
    said += classes["classes"].split() if classes and not is_field else []
    is_named = any(_mentions(each, names) for each in said)
    if is_named or page.is_named_behind(start.end(), _BUTTON_BEHIND if is_field else _CONTENT):
        return shown
    return shown if _is_only_shown(start, shown[0]) and page.is_told(start, start.string[slice(*shown)]) else None


def _is_only_shown(start: re.Match[str], at: int) -> bool:
    """Whether a value is there to be seen or copied, and not what is filled in or chosen."""
    tag = start["tag"].lower()
    if tag == "input":
        return _FILLED_IN.match(start["attributes"]) is None
    return tag not in _CHOSEN or _IS_VALUE.search(start.string, start.start(), at) is None


def of_a_class(start: re.Match[str], names: SecretNames) -> Span | None:
    """Where the text of an element stands whose class names a secret, if it looks like one: `<p class="otp-code">`."""
    found = _CLASS.search(start["attributes"])
    classes = found["classes"].split() if found and names.may_be_in(found["classes"]) else []
    if not any(map(names.__getitem__, classes)):
        return None
    content = _CONTENT.match(start.string, start.end())
    return content.span("said") if content and is_opaque(content["said"]) else None


def _shown(start: re.Match[str]) -> Span | None:
    """Where an element's attribute looks like a secret that it shows."""
    for value in SHOWN_VALUE.finditer(start.string, *start.span("attributes")):
        if is_opaque(value[value.lastgroup or 0]):
            return value.span(value.lastgroup or 0)
    copied = _COPIED.search(start.string, *start.span("attributes"))
    return copied.span("value") if copied and is_opaque(copied["value"]) else None


def _mentions(text: str, names: SecretNames) -> bool:
    return len(text) <= _LONGEST_SAID and names.may_be_in(text) and names[text]
