"""What stands next to a name in a page: `<td>Password</td><td>…</td>`, `<label>API key</label> <input value="…">`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import beside, shown
from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.places import matches
from opentelemetry_exporter_moesif.redaction.reading import is_of_page
from opentelemetry_exporter_moesif.redaction.things import is_like_one
from opentelemetry_exporter_moesif.redaction.titles import is_action, is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.displayed import Page
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.places import Mentions
    from opentelemetry_exporter_moesif.redaction.steps import Steps

# A name that is all of an element, and what the next element holds. No two parts of it take the same white space:
# each place is tried a few times, whatever follows there.
_NAME = r"\s{0,64}[\"']?(?P<name>[^\s<>:=\"'][^<>:=\"']{0,62}[^\s<>:=\"'])[\"']?(?P<colon>\s{0,64}:)?\s{0,64}"
_LABEL = expression(
    rf"(?:>|(?:^|(?<=\n))(?=[^<\n]{{2,64}}<(?:br|b|strong|code|kbd|samp|tt|em|i|mark|span)\b)){_NAME}(?=(?P<between>(?:<[^<>]{{0,128}}>\s{{0,64}}(?P<behind>:\s{{0,64}})?){{1,8}})"
    r"(?P<value>[^<]+))"
)
# The same where a field follows, which may hold the value.
_FIELD = expression(
    rf">{_NAME}(?=(?:<(?!input\b)[^<>]{{0,128}}>\s{{0,64}}){{0,3}}<input\b(?P<attributes>[^<>]{{1,512}})>)",
    re.IGNORECASE,
)
_VALUE = expression(rf"(?<!\S)(?:value|content){shown.GIVEN}", re.IGNORECASE)
# Between a name and what is none of its: a heading's values stand below it, and what labels a field is in none.
_NOT_NEXT = expression(
    r"</th(?:ead)?>.*<t[rh]\b|</caption>.*<th\b|<(?:input|button|label|form|guid|id|link|pubdate|updated|published)\b",
    re.IGNORECASE | re.DOTALL,
)
# What says nothing of a name before it: the next of several links, a heading.
_SELDOM_NEXT = expression(r"</(?P<kind>a|option)>.*<(?P=kind)\b|<h[1-6]\b", re.IGNORECASE | re.DOTALL)
# What an element of these holds is a sentence more often than a name: without a colon it has to be the listed name.
_OF_SENTENCES = expression(
    r"</(?:p|li|a|button|h[1-6]|legend|caption|summary|div|option|pre|blockquote)\b", re.IGNORECASE
)
_LAST_TAG = expression(r"</?([^\s<>/]{0,64})")
_NAME_OF_ANOTHER = expression(r"\s*[A-Za-z][A-Za-z ]{1,64}:\s*")
_VERB = expression(r"\s{1,64}(?i:is|was|are|were)$")
# Before a name, where a page shows a secret that was just made: "Here is your new API key".
_SHOWN = expression(
    r"(?:here(?:['\u2019]s| is| are)\s+)?"
    r"(?:(?:your|the|a|my|new|temporary|temp|one-time|one\s+time|initial|current|generated)\s+)+",
    re.IGNORECASE,
)
_WHOSE = expression(r"\s(?:of|for)\s")  # behind it: "The password of your account"
_YOURS = expression(r"(?i:your|here)\b")
# What a sentence stresses behind the mention of a secret: "Reset your password <b>now</b>".
_REMARKS = frozenset(
    "again always and cannot changed expired here incorrect invalid is must never not now only or required was will"
    " wrong string integer number boolean object array optional missing".split()
)
_WORDS_OF_A_SENTENCE = 4
_ENDS = frozenset(".!?:")

# A start tag, and what of it tells that its value is its own: a name of its own, or that it is a button or a choice.
_START = expression(r"<(?P<tag>[A-Za-z][A-Za-z-]{0,31})\s(?P<attributes>[^<>]{1,1024})>")
_OWN_NAME = expression(r"(?<!\S)name\s?=\s?\\{0,8}[\"']?(?P<name>[^\s\"'<>\\]{1,64})", re.IGNORECASE)
_ATTRIBUTE = expression(rf"(?<!\S)(?P<name>[^\s=<>\"']{{1,64}}){shown.GIVEN}")
_LOOKS = frozenset("class href src action for style rel value".split())  # what names nothing
_LOOK = expression(
    r"\s(?:class|href|src|action|for|id|style|rel|alt|aria-(?!label=)[a-z]{1,16})=(?:\"[^\"<>]*\"|'[^'<>]*')",
    re.IGNORECASE,
)
_OF_PAGES = ("<html", "<!doctype html", "<!DOCTYPE html", "</head>", "</body>", "</div>", "</form>")
_FIELD_TAGS = frozenset(("input", "meta"))
_LONGEST_TAG = 256
_CHOICES = frozenset("option progress meter".split())
_BUTTON = expression(r"(?<!\S)type\s?=\s?[\"']?(?:submit|button|reset|checkbox|radio)\b", re.IGNORECASE)
_NO_FIELD = expression(r"(?<!\S)type\s?=\s?[\"']?(?:submit|button|reset|checkbox|radio|hidden)\b", re.IGNORECASE)
_LONGEST_LABEL = 512
_MOST_TAGS = 4  # between a name and a value that may be anything


def values(text: str, names: SecretNames, steps: Steps, mentions: Mentions | None = None) -> Iterator[Span]:
    """What stands next to a name that is all of an element.

    Args:
        text: The text.
        names: Which names count.
        steps: Those that may be taken.
        mentions: Those of the names beside which they, as names of companions, are looked for.
    """
    end = 0
    found = names.near(_LABEL, text, steps) if mentions is None else matches(_LABEL, text, mentions.around(text))
    labels = list(steps.watched(found))
    secret = names.among({label["name"] for label in labels})
    for label in steps.watched(labels if secret else ()):
        if label.start("name") < end or label["name"] not in secret or _is_of_heading(label):
            continue
        value = beside.value_of(label)
        if _NOT_NEXT.search(value.between):
            continue
        is_one = _is_label(label, value, names) if mentions is None else _is_cell(label["between"])
        if is_one and _says(text[value.start : value.end]):
            for span in beside.parts_of(text, value, are_several=label["name"][-1] in "sS"):
                end = span[1]
                yield span


def _is_of_heading(label: re.Match[str]) -> bool:
    """Whether it stands in the heading of a column, with more beside it: `<th>Token <a>sort</a></th>`."""
    at = label.string.rfind("<", max(0, label.start() - _LONGEST_TAG), label.start())
    return label.string[at : at + 3].lower() == "<th" and not label["between"].startswith("</")


def fields(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    """What is in a field that a name labels."""
    if "<input" not in text.lower():
        return
    end = 0
    for label in names.near(_FIELD, text, steps):
        if not is_name(bare_name(label["name"]), names) or _NO_FIELD.search(label["attributes"]):
            continue
        value = _VALUE.search(text, *label.span("attributes"))
        if value and value.start() >= end:
            end = value.end()
            yield value.span(value.lastgroup or 0)


def shown_in_fields(cell: str) -> Iterator[Span]:
    """What fields without a name show in a table's cell, and what looks like a secret of others and of buttons."""
    for start in _START.finditer(cell):
        is_named = _OWN_NAME.search(start["attributes"]) or _BUTTON.search(start["attributes"])
        for value in shown.SHOWN_VALUE.finditer(cell, *start.span("attributes")):
            is_field = start["tag"].lower() == "input" and not is_named
            if is_field or is_opaque(value[value.lastgroup or 0]):
                yield value.span(value.lastgroup or 0)


def told(text: str, names: SecretNames, steps: Steps, page: Page) -> Iterator[Span]:
    """What is in an element that says itself what it is for: `<input placeholder="API key" value="…">`."""
    end = 0
    for start in names.near(_START, text, steps):
        is_field = start["tag"].lower() in _FIELD_TAGS and not _BUTTON.search(start["attributes"])
        span = (is_field and _in_a_field(start, names)) or shown.in_attributes(start, names, page)
        span = span or (None if is_field else shown.of_a_class(start, names))
        if span and span[0] >= end:
            end = span[1]
            yield span


def _in_a_field(start: re.Match[str], names: SecretNames) -> Span | None:
    if not _tells_a_name(start["attributes"], names):
        return None
    value = _VALUE.search(start.string, *start.span("attributes"))
    return value.span(value.lastgroup or 0) if value else None


def without_names(text: str, secret: set[str]) -> str:
    """A page with blanks in the place of secrets' names that name nothing: classes, links, and fields that were masked.

    An element that has a value keeps its class: `<clipboard-copy class="token" value="…">`.
    """
    if not any(map(text.__contains__, _OF_PAGES)):
        return text
    return _START.sub(lambda start: _without_name(start) if any(map(start[0].__contains__, secret)) else start[0], text)


def _without_name(start: re.Match[str]) -> str:
    for attribute in _ATTRIBUTE.finditer(start["attributes"]):
        if COMPANIONS[attribute["name"]] and attribute[attribute.lastgroup or 0] != MASKED:
            return start[0]
    return _blank(start) if start["tag"].lower() in _FIELD_TAGS else _LOOK.sub(_blank, start[0])


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def of_their_own(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    """The start tags in a text whose values belong to no name elsewhere: `<input name="user" value="bob">`."""
    former = 0
    for start in steps.watched(_START.finditer(text)):
        name = _OWN_NAME.search(start["attributes"])
        if name or start["tag"].lower() in _CHOICES or _BUTTON.search(start["attributes"]):
            # What labels a field stands before it and behind the former one, and what labels a choice in it.
            label = text[max(former, start.start() - _LONGEST_LABEL) : start.start()]
            choice = text[start.end() : start.end() + _LONGEST_LABEL].partition("<")[0]
            is_told = names.may_be_in(f"{start['tag']}\n{label}\n{choice}") or (name and names[name["name"]])
            value = _VALUE.search(start["attributes"])
            is_secret = value is not None and is_opaque(value[value.lastgroup or 0])
            if not (is_told or _tells_a_name(start["attributes"], names, by_looks=is_secret)):
                yield start.span()
            former = start.end()


def _tells_a_name(attributes: str, names: SecretNames, *, by_looks: bool = False) -> bool:
    """Whether one of an element's attributes holds a secret's name: `type="password"`, `placeholder="API key"`."""
    return names.may_be_in(attributes) and any(
        is_name(attribute[attribute.lastgroup or 0], names)
        for attribute in _ATTRIBUTE.finditer(attributes)
        if by_looks or attribute["name"].lower() not in _LOOKS
    )


def _is_label(label: re.Match[str], value: beside.Value, names: SecretNames) -> bool:
    """Whether what stands next to a text belongs to it: to "Password of bob:", but not to "Forgot your password?"."""
    name, between, said = label["name"], label["between"], label.string[value.start : value.end]
    if value.between.count("<") > _MOST_TAGS or _SELDOM_NEXT.search(between):
        return False
    if (
        label["colon"] is not None
        or label["behind"] is not None
        or (value.is_parted and is_name(name, names, alone=True))
    ):
        return True
    bare = bare_name(name)
    if not between.startswith("</"):  # the element of the value stands in that of its name
        return is_name(bare, names) and said.strip().lower() not in _REMARKS
    if _NAME_OF_ANOTHER.fullmatch(said):
        return False
    is_sentence = name[-1] == "?" or _OF_SENTENCES.match(between) is not None
    if is_sentence or name[-1] == ".":
        is_one = is_name(bare, names, alone=is_sentence) and not _is_sentence(said)
    else:
        is_one = not is_action(name)
    return is_one or (is_like_one(said.strip()) and not is_of_page(_LAST_TAG.findall(between)[-1].lower()))


def bare_name(name: str) -> str:
    """A name without what a page that shows a secret says around it: "Your new password for bob is"."""
    said = _VERB.sub("", name)
    bare = _SHOWN.sub("", said, count=1)
    return _WHOSE.split(bare, maxsplit=1)[0] if said != name or _YOURS.match(name) else bare


def _is_cell(between: str) -> bool:
    """Whether an element ends behind a name, and none that holds sentences."""
    return between.startswith("</") and _OF_SENTENCES.search(between) is None


def _says(text: str) -> bool:
    """Whether a text says anything, and not the mask alone."""
    return text.strip() != MASKED and any(map(str.isalnum, text))


def _is_sentence(text: str) -> bool:
    words = text.split(None, _WORDS_OF_A_SENTENCE)
    return len(words) >= _WORDS_OF_A_SENTENCE and text.rstrip()[-1] in _ENDS
