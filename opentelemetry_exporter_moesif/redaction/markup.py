"""XML and HTML in a text: the content of an element that is named like a secret."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_ELEMENT = expression(r"<(?P<tag>[^\s<>/!?\"'=]{1,128})(?P<attributes>[^<>]*)>")
_LABEL = expression(
    r"(?:>|^(?=[^<\n]{2,64}<br))\s{0,64}(?P<name>[^<>:=\"']{2,64}?)\s{0,64}:?\s{0,64}(?:</?[^<>]{0,128}>\s{0,64}){1,4}(?P<value>[^<>]+)(?=<|$)"
)
_HEADING = expression(r"<th\b", re.IGNORECASE)
_NEXT_ROW = expression(r"</th>.*<tr\b", re.IGNORECASE | re.DOTALL)
_ROW = expression(r"<tr\b", re.IGNORECASE)
_CELL = expression(
    r"<t(?P<kind>[hd])\b[^<>]{0,512}>(?P<content>.{0,4096}?)(?=</?t[hdr]\b|</table|$)", re.IGNORECASE | re.DOTALL
)
_QUOTED = expression(r"[\"'](?P<value>[^\"'<>]{1,64})[\"']")


class Markup:
    """Masks the content of elements.

    Args:
        names: Which names are secrets'.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names

    def masked(self, text: str, steps: Steps) -> tuple[str, bool]:
        """The text without the content of those elements, and whether the end of each could be told.

        Raises:
            TooManyStepsError: There are more elements than in anything ordinary.
        """
        steps.take(text.count("<") // 2)
        text = self._without_cells(text) if _HEADING.search(text) else text
        text = _LABEL.sub(self._masked_value, text)
        elements = _ELEMENT.findall(text)
        quoted = _QUOTED.findall(">".join(attributes for _, attributes in elements))
        secret = self._names.among({*quoted, *(tag for tag, _ in elements)}, steps)
        return self._without_contents(text, secret) if secret else (text, True)

    def _without_contents(self, text: str, secret: set[str]) -> tuple[str, bool]:
        """The same for those elements whose tag, or an attribute of which, is one of the secrets' names."""
        pieces: list[str] = []
        certain = True
        end = position = 0
        open_to_the_end: set[str] = set()
        is_document = text.lstrip("\ufeff \t\r\n").startswith("<")
        while element := _ELEMENT.search(text, position):
            position = element.end()
            if element["attributes"].endswith("/") or not _is_one_of(secret, element):
                continue
            tag = element["tag"]
            closing = -1 if tag in open_to_the_end else text.find(f"</{tag}", position)
            if closing < 0 and not is_document:  # `<token>` stands for something, in a route or a usage
                open_to_the_end.add(tag)
                continue
            stop = len(text) if closing < 0 else closing
            certain = certain and closing >= 0
            if text[position:stop].strip() not in {"", MASKED}:
                pieces += text[end:position], MASKED
                end = stop
            position = stop
        return "".join((*pieces, text[end:])), certain

    def _without_cells(self, text: str) -> str:
        """A text without what stands below a secret's name in a table: `<th>Password</th>`."""
        pieces: list[str] = []
        places: list[int] = []
        end = 0
        starts = [row.start() for row in _ROW.finditer(text)]
        for start, stop in itertools.pairwise([*starts, len(text)]):
            cells = list(_CELL.finditer(text, start, stop))
            if any(cell["kind"] in "hH" for cell in cells):
                places = [place for place, cell in enumerate(cells) if self._names[cell["content"].strip()]]
                if len(cells) > 1 and cells[-1]["kind"] in "dD":  # a heading of a row
                    places = []
                continue
            for cell in (cells[place] for place in places if place < len(cells)):
                pieces += text[end : cell.start("content")], MASKED
                end = cell.end("content")
        return "".join((*pieces, text[end:]))

    def _masked_value(self, label: re.Match[str]) -> str:
        """What stands next to a name that is an element's whole content: `<td>Password</td><td>…</td>`."""
        name = label["name"].strip()
        if _NEXT_ROW.search(label[0]):  # a heading's, whose values stand below it
            return label[0]
        if not self._names[name] or label["value"].strip() in {"", MASKED}:
            return label[0]
        return label[0][: label.start("value") - label.start()] + MASKED


def _is_one_of(secret: set[str], element: re.Match[str]) -> bool:
    """Whether an element is one by its tag, or by an attribute that names it: `<parameter name="token">`."""
    return element["tag"] in secret or not secret.isdisjoint(_QUOTED.findall(element["attributes"]))
