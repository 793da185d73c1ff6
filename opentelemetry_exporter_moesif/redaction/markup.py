"""XML and HTML in a text: the content of an element that is named like a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_ELEMENT = re.compile(r"<(?P<tag>[^\s<>/!?\"'=]{1,128})(?P<attributes>[^<>]*)>")
_LABEL = re.compile(
    r">\s{0,64}(?P<name>[^<>:=\"']{2,64}?)\s{0,64}:?\s{0,64}(?:</?[^<>]{0,128}>\s{0,64}){1,4}(?P<value>[^<>]+)(?=<|$)"
)
_QUOTED = re.compile(r"[\"'](?P<value>[^\"'<>]{1,64})[\"']")


class Markup:
    """Masks the content of elements.

    Args:
        names: Which names are secrets'.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names

    def masked(self, text: str) -> tuple[str, bool]:
        """The text without the content of those elements, and whether the end of each could be told."""
        text = _LABEL.sub(self._masked_value, text)
        pieces: list[str] = []
        certain = True
        end = position = 0
        open_to_the_end: set[str] = set()
        is_document = text.lstrip("\ufeff \t\r\n").startswith("<")
        while element := _ELEMENT.search(text, position):
            position = element.end()
            if element["attributes"].endswith("/") or not self._is_secret(element):
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

    def _masked_value(self, label: re.Match[str]) -> str:
        """What stands next to a name that is an element's whole content: `<td>Password</td><td>…</td>`."""
        name = label["name"].strip()
        if not self._names[name] or label["value"].strip() in {"", MASKED}:
            return label[0]
        return label[0][: label.start("value") - label.start()] + MASKED

    def _is_secret(self, element: re.Match[str]) -> bool:
        """Whether an element is one by its tag, or by an attribute that names it: `<parameter name="token">`."""
        if self._names[element["tag"]]:
            return True
        attributes = element["attributes"]
        return bool(attributes) and any(map(self._names.__getitem__, _QUOTED.findall(attributes)))
