"""Values that stand below their names in a text: tables, the parts of a multipart form, a name alone on its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import aligned, cells, framed, labels, separated
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.several import is_one
from opentelemetry_exporter_moesif.redaction.titles import is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_PART = expression(
    r"(?i:content-disposition)\s*:[^\n]{0,256}?\bname(?:\*=[\w-]{1,32}'[\w-]{0,16}'|\*?=[\"']?)"
    r"(?P<name>[^\"';\r\n]{1,256})[^\n]*"
)
_BLANK_LINE = expression(r"\n\r?\n")
# Lines around a name and its value, as trees and panels have them, and what a prompt or a numbered list says before.
_DRAWN = r"\u2500-\u257f"
_LINES = rf"[ \t{_DRAWN}]*"
_METHOD = r"(?:get|put|post|delete|options|head|patch|trace):\s"  # what OpenAPI says of a path
_ALONE = expression(
    rf"^{_LINES}(?:>>>[ ]|In[ ]\[\d{{1,4}}\]:[ ]|\(Pdb\)[ ]pp?[ ]|\d{{1,6}}\)[ ]\")?"
    rf"(?P<name>[^\s:=<>\"'{{}}(),;|{_DRAWN}]{{2,64}})(?:[ \t]*:)?\"?[\s{_DRAWN}]*\n(?:[ \t]*[-=]{{3,}}[ \t]*\r?\n)?"
    rf"(?={_LINES}(?:Out\[\d{{1,4}}\]:[ ]|\d{{1,6}}\)[ ])?(?!{_METHOD})(?P<value>[^\s{_DRAWN}]+){_LINES}\r?$)",
    re.MULTILINE,
)

_STEPS_OF_A_LIST = 4
_END = r"[ \t]{0,16}(?::[ \t]{0,16})?\r?\n"
_NEXT = r"[ \t]{0,64}(?P<value>[^\s=:]+)[ \t]{0,64}\r?$"  # a line with one word
# The same with a digit, or of letters alone: no name of a file and no statement.
_BELOW_A_COMMENT = r"[ \t]{0,64}(?=[^\s]*\d|[A-Za-z]+[ \t]{0,64}\r?$)(?P<value>[^\s=:,;|()]+)[ \t]{0,64}\r?$"
# A comment that names what stands below it; one with a separator is the heading of a table.
_COMMENT = expression(
    rf"^[ \t]{{0,64}}(?:#{{1,6}}|//|--|;|%)[ \t]{{0,16}}(?P<name>[^\s:=#,;|][^\n:=,;|\t]{{0,62}}[^\s:=,;|])"
    rf"{_END}(?:[ \t]{{0,64}}\r?\n)?{_BELOW_A_COMMENT}",
    re.MULTILINE,
)
# A heading of a few words above lines of one word each, perhaps as a list's items: "Recovery codes", "1. …".
_LIST = expression(
    r"^[ \t]{0,64}(?:#{1,6}[ \t])?(?P<name>[A-Za-z][\w -]{1,62}\w)[ \t]{0,16}:?[ \t]{0,16}\r?\n(?:[ \t]{0,64}\r?\n)?"
    r"(?P<items>(?:[ \t]{0,64}(?:(?:[-*+\u2022]|\d{1,2}[.)])[ \t]{1,16})?(?!\[)[^\s:=]{6,128}[ \t]{0,64}"
    r"(?:\r?\n|$)){1,64})",
    re.MULTILINE,
)
_OF_ITEM = expression(r"[^\s]{6,}")

# A sentence that ends with a name, above what it tells: "Your new password is:" in a mail, and an empty line.
_SENTENCE = expression(
    r"^(?:[A-Z][\w-]{1,16}:)?[ \t]{0,64}(?P<name>(?i:here|your|the|this)[ \t][^\n:=]{2,62}[^\s:=])"
    rf"{_END}(?:[ \t]{{0,64}}\r?\n){{0,2}}{_NEXT}",
    re.MULTILINE,
)


def masked(text: str, names: SecretNames, steps: Steps) -> tuple[str, bool]:
    """The text without them, and whether the end of each could be told.

    Raises:
        TooManyStepsError: More names stand alone in it than in anything ordinary.
    """
    if "\n" not in text:
        return text, True
    clean = _without_lines(text, names, steps)
    clean = without(clean, _commented(clean, names, steps))
    clean = without(clean, _listed(clean, names, steps))
    clean = without(clean, _parts(clean, names))
    end = separated.heading_end(clean, names, steps)
    return (clean, True) if end is None else (clean[:end] + MASKED, False)


def _without_lines(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without the lines below a name: each line may be a name, also one that stands below another."""
    secret = names.among({alone["name"] for alone in _ALONE.finditer(text)}, steps)
    if not secret:
        return text
    return without(text, (pair.span("value") for pair in _ALONE.finditer(text) if pair["name"] in secret))


def _commented(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    """What looks like a secret below a comment that is its name and nothing else."""
    comments = [each for kind in (_COMMENT, _SENTENCE) for each in kind.finditer(text) if is_opaque(each["value"])]
    secret = names.among({comment["name"] for comment in comments}, steps)
    told = {name for name in secret if is_name(labels.bare_name(name), names)}
    return iter(sorted({comment.span("value") for comment in comments if comment["name"] in told}))


def _listed(text: str, names: SecretNames, steps: Steps) -> Iterator[Span]:
    """What looks like a secret in the lines below a name."""
    for each in names.near(_LIST, text, steps):
        if is_name(labels.bare_name(each["name"]), names):
            steps.take(_STEPS_OF_A_LIST)
            items = _OF_ITEM.finditer(text, *each.span("items"))
            yield from (item.span() for item in items if is_opaque(item[0]) and any(map(str.isdigit, item[0])))


def without_cells(text: str, names: SecretNames, steps: Steps) -> str:
    """The text without the cells that stand beside or below a name in a table, as it was written.

    Raises:
        TooManyStepsError: It has more lines than anything ordinary.
    """
    text = cells.without_secrets(text, framed.tables(text, steps), names, steps)
    text = separated.without_labelled(text, names, steps)
    return aligned.without_secrets(text, names, steps)


def _parts(text: str, names: SecretNames) -> Iterator[Span]:
    """The values of secret fields of a multipart form, whatever it says that it is."""
    if "isposition" not in text:
        return
    end = value = 0
    for part in _PART.finditer(text):
        is_of_several = names.several[part["name"]]
        if part.start() >= end and (names[part["name"]] or is_of_several):
            # One blank line may be the next one of many parts: it is looked for once.
            if value <= part.end():
                blank = _BLANK_LINE.search(text, part.end())
                if blank is None:
                    break
                value = blank.end()
            closing = text.find("\n--", value - 1)
            end = len(text) if closing < 0 else closing
            if not is_of_several or is_one(part["name"], text[value:end]):
                yield value, end
