"""XML and HTML in a text: the content of an element that is named like a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import cells, displayed, html_tables, labels
from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS_IN_TEXTS, NAMING
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.extents import IN_DOCUMENT, is_markup
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without
from opentelemetry_exporter_moesif.redaction.places import matches
from opentelemetry_exporter_moesif.redaction.several import is_one

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.places import Mentions
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_ELEMENT = expression(r"<(?P<tag>[^\s<>/!?\"'=]+)(?P<attributes>(?![^\s<>/!?\"'=])[^<>]*)>")
_ARRAY = expression(r"<key>\s{0,64}(?P<name>[^\s<>]{1,64})\s{0,64}</key>\s{0,64}<array>")
_ATTRIBUTE = expression(
    r"(?<![^\s\"'/])(?P<name>[^\s=<>\"'/]{1,64})\s{0,8}=\s{0,8}"
    r"(?:\\{0,8}[\"'](?P<quoted>[^\"'<>]{1,64})[\"']|(?P<bare>[^\s\"'<>=\\]{1,64}))"
)
# Attributes that tell what an element is about and seldom name it: there, only the listed name itself makes it a
# secret's. Those of `NAMING` that are none of these take any name that is one; URLs and code name nothing.
_LOOSE = frozenset("id title label type input_type path loc location headers question".split())
_NO_NAMES = frozenset("href src action formaction style rel xmlns lang placeholder alt autocomplete".split())
# An attribute without quotes: it ends with the first blank.
_BARE = expression(r"(?<![^\s\"'/])(?P<name>[^\s=<>\"'/]{1,64})\s{0,8}=\s{0,8}(?P<value>[^\s\"'<>=\\][^\s\"'<>]*)")
# Tags of forums and chats.
_OF_BBCODE = (
    r"(?P<tag>/?(?:b|i|u|s|code|quote|color|size|font|center|url|tt|kbd|pre|li|td|tr|th|table)\b[^<>\[\]]{0,64})"
)
_BBCODE, _HTML = expression(rf"\[{_OF_BBCODE}\]"), expression(rf"<{_OF_BBCODE}>")
_TEXT = expression(r"(?<=>)[^<>]+")
# HTML's elements without contents: what follows their start is none of theirs, unless XML ends it.
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Markup:
    """Masks the content of elements.

    Args:
        names: Which names are secrets'.
        of_companions: They are those of what stands beside a secret's name: only a tag or a name tells them.
    """

    def __init__(self, names: SecretNames, *, of_companions: bool = False) -> None:
        self._names = names
        self._of_companions = of_companions

    def masked(self, text: str, steps: Steps, mentions: Mentions | None = None) -> tuple[str, bool]:
        """The text without the content of those elements, and whether the end of each could be told.

        Args:
            text: The text.
            steps: Those that may be taken.
            mentions: Those of the names beside which companions are looked for.

        Raises:
            TooManyStepsError: There are more elements than in anything ordinary.
        """
        if "<" not in text:
            clean, certain = self.masked(_BBCODE.sub(r"<\g<tag>>", text) + "<>", steps, mentions)
            return _HTML.sub(r"[\g<tag>]", clean.removesuffix("<>")), certain
        steps.take(text.count("<") // 2)
        text = without(text, self._arrays(text)) if "<array" in text else text
        if not self._of_companions:
            text = cells.without_secrets(text, html_tables.tables(text, self._names, steps), self._names, steps)
        text = without(text, labels.values(text, self._names, steps, mentions))
        if not self._of_companions:
            text = without(text, labels.fields(text, self._names, steps))
            page = displayed.Page(text, self._names, steps)
            text = without(text, sorted((*labels.told(text, self._names, steps, page), *page.values())))
        elements = [element.groups() for element in self._elements(text, steps, mentions)]
        attributes = _ATTRIBUTE.findall(">".join(attributes for _, attributes in elements))
        values = {quoted or bare for _, quoted, bare in attributes}
        tags = {tag for tag, _ in elements}
        if not self._of_companions and (several := set(filter(self._names.several.__getitem__, tags))):
            text = without(text, self._of_several(text, several, steps))
        secret = self._names.among(values | tags, steps)
        return self._without_contents(text, secret, steps, mentions) if secret else (text, True)

    def _elements(self, text: str, steps: Steps, mentions: Mentions | None) -> Iterator[re.Match[str]]:
        """The elements of a text that may be named like one of the secrets."""
        if mentions is None:
            return self._names.near(_ELEMENT, text, steps)
        return steps.watched(matches(_ELEMENT, text, mentions.around(text)))

    def _without_contents(
        self, text: str, secret: set[str], steps: Steps, mentions: Mentions | None
    ) -> tuple[str, bool]:
        """The same for those elements whose tag, or an attribute of which, is one of the secrets' names."""
        pieces: list[str] = []
        certain = True
        end = position = 0
        open_to_the_end: set[str] = set()
        is_document = is_markup(text) and not text.startswith(IN_DOCUMENT)
        for element in self._elements(text, steps, mentions):
            if element.start() < position or not self._is_one_of(secret, element):
                continue
            position = element.end()
            if not self._of_companions:
                pieces += text[end : element.start("attributes")], _BARE.sub(_without_bare, element["attributes"])
                end = element.end("attributes")
            if element["attributes"].endswith("/"):
                continue
            tag = element["tag"]
            closing = -1 if tag in open_to_the_end else text.find(f"</{tag}", position)
            # `<token>` stands for something, in a route or a usage.
            if closing < 0 and (not is_document or tag.lower() in _VOID):
                open_to_the_end.add(tag)
                continue
            stop = len(text) if closing < 0 else closing
            certain = certain and closing >= 0
            if text[position:stop].strip() not in {"", MASKED}:
                pieces += text[end:position], MASKED
                end = stop
            position = stop
        return "".join((*pieces, text[end:])), certain

    def _is_one_of(self, secret: set[str], element: re.Match[str]) -> bool:
        """Whether an element is one by its tag, or by an attribute that names it: `<parameter name="token">`."""
        tag = element["tag"]
        return tag in secret or any(
            (value := attribute["quoted"] or attribute["bare"]) in secret and self._names_it(tag, attribute, value)
            for attribute in _ATTRIBUTE.finditer(element["attributes"])
        )

    def _names_it(self, tag: str, attribute: re.Match[str], value: str) -> bool:
        """Whether an attribute's value, the name of a secret, is that of the element."""
        name = attribute["name"].lower().rpartition(":")[2].removeprefix("data-")
        if NAMING[name] and name not in _LOOSE:
            return True
        if self._of_companions or name in _NO_NAMES or COMPANIONS_IN_TEXTS[name] or not value[0].isalnum():
            return False
        # What labels a field holds its name, and never what is in the field.
        return (tag.lower(), name) != ("label", "for") and self._names.is_listed(value)

    def _of_several(self, text: str, tags: set[str], steps: Steps) -> Iterator[Span]:
        """What looks like a secret in elements of plural names: `<tokens><item>…</item></tokens>`."""
        end = 0
        for element in self._elements(text, steps, None):
            tag = element["tag"]
            if element.start() >= end and tag in tags and not element["attributes"].endswith("/"):
                closing = text.find(f"</{tag}", element.end())
                end = len(text) if closing < 0 else closing
                inner = steps.watched(_TEXT.finditer(text, element.end(), end))
                yield from (each.span() for each in inner if is_one(tag, each[0]))

    def _arrays(self, text: str) -> Iterator[Span]:
        """The lists of a property list (Apple's) that hold several secrets: `<key>tokens</key><array>…</array>`."""
        end = 0
        for array in _ARRAY.finditer(text):
            if array.start() >= end and self._names.of_several(array["name"]):
                closing = text.find("</array", array.end())
                end = len(text) if closing < 0 else closing
                yield array.end(), end


def _without_bare(attribute: re.Match[str]) -> str:
    """An attribute of a secret's element, without the value if it holds one: `<input name=token value=…>`."""
    if not COMPANIONS_IN_TEXTS[attribute["name"]]:
        return attribute[0]
    return attribute[0][: attribute.start("value") - attribute.start()] + f'"{MASKED}"'
