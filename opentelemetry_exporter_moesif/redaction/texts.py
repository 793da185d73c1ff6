"""Free text: messages, header values, attributes, bodies that are no structure of their own.

What a name of the lists says of the value behind it is masked, in whatever notation the two are written; so is what a
URL tells, and what is a credential by its shape. Every pass is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction import commands, documents, json_texts, preceding, tables
from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS
from opentelemetry_exporter_moesif.redaction.encodings import from_base64
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.markup import Markup
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.pairs import Pairs
from opentelemetry_exporter_moesif.redaction.plain import Look, is_plain
from opentelemetry_exporter_moesif.redaction.spelling import decoded
from opentelemetry_exporter_moesif.redaction.urls import Urls
from opentelemetry_exporter_moesif.remembered import Remembered

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.structures import Structures

# A name that stands alone, in quotes or on a line of its own: what belongs to it stands elsewhere in the text.
_MENTION = expression(
    r"(?:[\"'`>=]|^|\b(?i:name|key|field|param|parameter|property|attribute|variable|setting|option|header):)[ \t]*"
    r"(?P<name>[^\s\"'`<>=:(){},;&]{2,64})[ \t]*(?=[\"'`<&,}]|\r?$)",
    re.MULTILINE,
)
_TAG = expression(r"<(?P<name>[^\s\"'`<>=/]{2,64})\s")
_WORD = expression(r"[^\s\"'`<>=:(){},;]{2,64}")
# Values by their place: behind these stand those of a statement's columns (SQLAlchemy, and SQL itself).
_BY_PLACE = expression(
    r"\bVALUES\s*\(|\[parameters: |\bparam(?:eter)?s\b\s*[=:]\s*[(\[]|\bDuplicate entry '|\bparameters: (?=\$1)"
    r"|\)\s{0,8}(?:=|IN)\s{0,8}\((?=[\s(]{0,8}['\"\d])|\)\s{0,8}SELECT\b|\bFROM\s{1,8}stdin;"
    r"|\bdup key: \{|\bbinding parameter ",
    re.IGNORECASE,
)
_PLACES = ("values", "param", "duplicate entry", ") = (", ")=(", ") in (", ") select", "from stdin", "dup key")
_FAILING_ROW = expression(r"(?<=Failing row contains \()[^\n]*")  # PostgreSQL, which names no column at all

# JSON in base64: what `{"`, `[{`, `{ "` and `{` before a new line begin with there.
_ENCODED_JSON = expression(r"[eW](?<=(?<![\w+/-])(?=(?:eyJ|W3si|eyAi|ewo|ew0K|Wwo|W3)[\w+/-]{12}).)[\w+/-]+={0,2}")

_NAMELESS = expression(rf"\bkty\b|Failing row|[iI](?i:dentified\s+(?:by|with|as))|{commands.MENTIONED}")
_WORDS_OF_NAMELESS = ("kty", "failing row", "identified", *commands.WORDS)

# What a text with a user and a password has in it beside its "@"; an address of mail has nothing of that.
_BESIDE_USER = expression(r"[:&\\%\x80-\U0010ffff]|//")

# What stands before a flag: `-u bob:…`, `'-u', 'bob:…'`.
_FLAGS = (" -", "'-", '"-')

_USUAL_LENGTH = 256
_DEEPEST = 4
_LEAST_REPEATED = 6
_MOST_REPEATED = 8
_TOKEN = expression(r"(\s+)")

Credentials = Callable[[str], str]


class Scrubbed(NamedTuple):
    """A text without its secrets.

    Args:
        text: What is left of it.
        certain: Whether the end of each secret could be told; where not, more was masked than may have been needed.
    """

    text: str
    certain: bool


class _RememberedTexts(Remembered[str, str]):
    most = 2048

    def is_worth(self, text: str) -> bool:
        return len(text) <= _USUAL_LENGTH


class Texts(_RememberedTexts):
    """Texts without their secrets: those that come again, such as most header values, are remembered.

    Args:
        names: Which names are secrets' in a text.
        urls: Masks what URLs tell.
        credentials: Masks what is a credential by its shape.
        is_plain: Says of a text that it holds no secret for certain.

    Attributes:
        structures: Walks through texts that are JSON.
        harmless: Those of the remembered texts that hold no secret: several of them take one look.
    """

    structures: Structures | None = None

    def __init__(self, names: SecretNames, urls: Urls, credentials: Credentials, is_plain: Look = is_plain) -> None:
        super().__init__()
        self.harmless: set[str] = set()
        self._is_plain = is_plain
        self._names = names
        self._urls = urls
        self._credentials = credentials
        self._pairs = Pairs(names)
        self._markup = Markup(names)
        self._companions = Pairs(COMPANIONS)
        self._companion_urls = Urls(COMPANIONS)
        self._companion_markup = Markup(COMPANIONS)

    def find(self, text: str) -> str:
        """The text without its secrets."""
        if self._is_plain(text):
            return text
        return self.scrubbed(text).text

    def remember(self, text: str, clean: str) -> None:
        """Keeps what was found, where the text is short."""
        super().remember(text, clean)
        if clean == text and self.is_worth(text):
            if len(self.harmless) >= self.most:
                self.harmless.clear()
            self.harmless.add(text)

    def scrubbed(self, text: str) -> Scrubbed:
        """The text without its secrets, and whether each one's end could be told."""
        if not self._may_hold_names(text):
            return Scrubbed(self._credentials(text), certain=True)
        of_json = json_texts.masked(text, self.structures) if self.structures else None
        if of_json is not None:
            return Scrubbed(of_json, certain=True)
        clean, certain = self._once(text)
        if not self._is_stable(clean):
            clean, certain = self._without_encoded(clean)
        return Scrubbed(clean, certain)

    def may_hold(self, text: str) -> bool:
        """Whether a text may hold a secret at all: one cheap look."""
        return self._may_hold_names(text) or self._credentials(text) != text

    def _may_hold_names(self, text: str) -> bool:
        """Whether a text may hold more than a credential by its shape."""
        if "@" in text and _BESIDE_USER.search(text):
            return True
        if ((":" in text or "=" in text) and any(map(text.__contains__, _FLAGS))) or self._names.may_be_in(text):
            return True
        return _ENCODED_JSON.search(text) is not None or _has_secrets_without_names(text)

    def _once(self, text: str) -> Scrubbed:
        text = self._credentials(text)
        text = self._without_encoded_json(text)
        text = self._urls.masked(text)
        text, certain, values = self._without_pairs(text, self._markup, self._pairs)
        if self._is_mentioned(_MENTION, text) or self._is_mentioned(_TAG, text):
            text = self._companion_urls.masked(text)
            text, sure, more = self._without_pairs(text, self._companion_markup, self._companions)
            certain, values = certain and sure, values + more
        text = documents.masked(commands.masked(preceding.masked(text, self._names)))
        text = _FAILING_ROW.sub(MASKED, text)
        text, sure = tables.masked(text, self._names)
        certain = certain and sure
        by_place = _BY_PLACE.search(text) if any(map(text.lower().__contains__, _PLACES)) else None
        if by_place and self._is_mentioned(_WORD, text):
            text, certain = text[: by_place.end()] + MASKED, False
        return Scrubbed(_without_repeated(text, values), certain)

    def _without_encoded_json(self, text: str) -> str:
        told = {encoded: from_base64(encoded) for encoded in set(_ENCODED_JSON.findall(text))}
        if not told or not self.may_hold("\n".join(told.values())):  # one look at all of them
            return text
        hiding = {
            encoded for encoded, inner in told.items() if self.may_hold(inner) and self._once(inner).text != inner
        }
        return _ENCODED_JSON.sub(lambda found: MASKED if found[0] in hiding else found[0], text)

    def _without_pairs(self, text: str, markup: Markup, pairs: Pairs) -> tuple[str, bool, list[str]]:
        text, sure = markup.masked(text) if "<" in text else (text, True)
        text, certain, values = pairs.masked(text)
        return text, certain and sure, values

    def _is_mentioned(self, pattern: re.Pattern[str], text: str) -> bool:
        return self._names.is_among(set(pattern.findall(text)))

    def _is_stable(self, text: str) -> bool:
        """Whether nothing is found in the text either when its encodings are undone, one after the other."""
        view = text
        for _ in range(_DEEPEST):
            inner = decoded(view)
            if inner == view:
                return True
            view = inner
            if self.may_hold(view) and self._once(view).text != view:
                return False
        return True

    def _without_encoded(self, text: str) -> Scrubbed:
        """The text without the words that hold a secret in some encoding; without all of it where no word does."""
        words = _TOKEN.split(text)
        clean = "".join(word if self._is_stable(word) else MASKED for word in words)
        return Scrubbed(clean, certain=False) if self._is_stable(clean) else Scrubbed(MASKED, certain=False)


class CutTexts(_RememberedTexts):
    """The same texts, each of a most of letters, so that a long one never costs what stands beside it.

    Args:
        texts: The texts without their secrets.
        most: The most letters of one.
    """

    def __init__(self, texts: Texts, most: int) -> None:
        super().__init__()
        self._texts = texts
        self._most = most

    def find(self, text: str) -> str:
        """The text without its secrets, cut."""
        # Twice as many are looked at, without a word that is cut off: it may be the start of a credential.
        looked_at = text if len(text) <= 2 * self._most else text[: 2 * self._most].rpartition(" ")[0]
        clean = self._texts[looked_at]
        if len(clean) > self._most:
            clean = clean[: self._most - 1] + "…"
        return clean


def _without_repeated(text: str, values: list[str]) -> str:
    """What was masked once is masked wherever it stands in the text: a message quotes the value before it names it."""
    for value in sorted(set(values), key=len, reverse=True)[:_MOST_REPEATED]:
        if len(value) >= _LEAST_REPEATED:
            text = text.replace(value, MASKED)
    return text


def _has_secrets_without_names(text: str) -> bool:
    if text.isascii():  # words are found at once, and all of them in their small letters
        lowered = text.lower()
        if not any(map(lowered.__contains__, _WORDS_OF_NAMELESS)):
            return False
    return _NAMELESS.search(text) is not None
