"""What a page displays that looks like a secret and stands near the mention of one, whatever elements are between.

The nearest label wins: what is called something else by the cell before it, or by the words in its own line, stays.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction import hints
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.places import joined, matches
from opentelemetry_exporter_moesif.redaction.reading import INLINE, LONGEST, Block, before
from opentelemetry_exporter_moesif.redaction.sentences import Mention, Sentences
from opentelemetry_exporter_moesif.redaction.things import is_like_one
from opentelemetry_exporter_moesif.redaction.titles import is_action, is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

# Letters of a page, tags and all, between a mention and its value; letters that are read there, and blocks of them.
_FARTHEST = 4096
_MOST_BLOCKS = 12
_LONG = 8
_STEPS_OF_A_VALUE = 8
_STEPS_OF_A_BLOCK = 4

# A word of letters and digits, or the six to eight digits of a code, perhaps in two groups; right behind a mention also
# a shorter one, and one that nobody says.
_VALUE = expression(
    r"(?<=[\s>\"'(:])(?:\d{6,8}|\d{3}[ -]\d{3}(?=\s{0,64}<)"
    r"|(?=[^\s\d<>]{0,64}\d)(?=[^\sA-Za-z<>]{0,64}[A-Za-z])"
    r"(?:[^\s\"'`<>()\[\]{},;|]|(?<=&amp);|(?<=&lt);|(?<=&gt);|(?<=&quot);|(?<=&#39);){6,128}"
    r"|(?P<near>(?<=>)(?:[A-Za-z]{8,64}|(?=[A-Za-z]{0,4}\d)(?=\d{0,4}[A-Za-z])\w{4,5})(?=\s{0,64}<)))"
    r"(?=[\"')\],;.:!?]{0,3}(?:[\s<]|$))"
)
_INLINE = "|".join(sorted(INLINE - {"a"}))
# What may stand behind a value in its block: nothing, a link, or a remark.
_END = expression(
    rf"[\"'.!]{{0,2}}(?:\s{{0,64}}</?(?:{_INLINE})\b[^<>]{{0,512}}>){{0,8}}\s{{0,64}}(?:$|[(\u2013-]|</?(?!(?:{_INLINE})\b)[a-z])",
    re.IGNORECASE,
)
_END_OF_LINE = expression(r"[\"'.!]{0,2}(?:[ \t]{0,64}</?[^<>]{0,512}>){0,8}[ \t\r]{0,64}(?:\n|$)")
_APART = expression(r"</[a-z]{1,8}>\s{0,64}<", re.IGNORECASE)
_CELL = expression(
    r"<t[dh]\b[^<>]{0,512}>(?:\s{0,64}<[^<>/]{0,512}>){0,8}\s{0,64}[^<>\s&]|(?P<end></tr)", re.IGNORECASE
)
_IS_NAME = expression(
    r"(?:\s{0,64}</?[^<>]{0,256}>){1,8}\s{0,64}(?P<said>(?:is|as|use|enter|this)\b[^<>]{4,96})", re.IGNORECASE
)

_BETWEEN = expression(r"(?<=\d{3})[ -](?=\d{3}$)")

_TAG = expression(r"<[^<>]*>")

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())


class _Value(NamedTuple):
    """What looks like a secret.

    Args:
        start: Where it starts.
        end: Where it ends.
        is_number: It has no letters.
        is_near: It is one right behind a mention alone.
    """

    start: int
    end: int
    is_number: bool
    is_near: bool = False


class Page:
    """A page, with what was found out of what it says.

    Args:
        text: The page.
        names: Which names count.
        steps: Those that may be taken.
    """

    def __init__(self, text: str, names: SecretNames, steps: Steps) -> None:
        self._text = text
        self._names = names
        self._steps = steps
        self._known: dict[str, Mention | None] = {}
        self._told: set[str] = set()

    def values(self) -> Iterator[Span]:
        """Where those values stand.

        Raises:
            TooManyStepsError: There are more words that look like secrets than in anything ordinary.
        """
        text, places = self._text, self._names.needles.places_in(self._text)
        spans = ((max(start - LONGEST, 0), min(stop + _FARTHEST, len(text))) for start, stop in places)
        for found in matches(_VALUE, text, joined(spans)):
            self._steps.take(1)
            start, said = found.start(), found[0].rstrip(".!?:")
            least = max(start - _FARTHEST, 0)
            is_in_a_tag = text.rfind("<", least, start) > text.rfind(">", least, start)
            if is_in_a_tag or not is_like_one(_BETWEEN.sub("", unescape(said))):
                continue
            is_whole = text[start - 1] == ">" and text[found.end() : found.end() + 1] == "<"  # "Autumn2026!"
            end = found.end() if is_whole else start + len(said)
            value = _Value(start, end, _is_number(said), found["near"] is not None)
            if self._is_told(value) or self.is_named_behind(end, _IS_NAME):
                self._told.add(text[start:end])
                yield start, end

    def is_told(self, start: re.Match[str], said: str) -> bool:
        """Whether what an element shows in an attribute is a secret by what stands before the element.

        Args:
            start: The start tag.
            said: What it shows.
        """
        at = start.start()
        return is_like_one(said) and self._is_told(_Value(at, at, _is_number(said)), is_alone=True)

    def is_named_behind(self, at: int, kind: re.Pattern[str]) -> bool:
        """Whether what stands behind a place, but for tags, names a secret.

        Args:
            at: The place.
            kind: What it may be.
        """
        name = kind.match(self._text, at)
        return name is not None and self._mention(name["said"]) is not None

    def _is_told(self, value: _Value, *, is_alone: bool = False) -> bool:
        """Whether what stands before a value, block by block, says that it is a secret."""
        self._steps.take(_STEPS_OF_A_VALUE)
        blocks = before(self._text, value.start, max(value.start - _FARTHEST, 0))
        own = next(blocks, None)
        if own is None:
            return False
        said = own.said.rpartition("\n")[2] if own.tag == "pre" else own.said
        is_told = self._is_told_in_its_line(value, said)
        if is_told is not None:
            return is_told
        end = _END_OF_LINE if own.tag == "pre" else _END
        if not (is_alone or end.match(self._text, value.end)):
            if said.strip() or not (value.end - value.start >= _LONG or _APART.match(self._text, value.end)):
                return False
            value = value._replace(is_near=True)
        return self._is_told_above(value, self._of_row(blocks, value), is_code=hints.tells_of_a_code(said))

    def _is_told_in_its_line(self, value: _Value, said: str) -> bool | None:
        """Whether the line before a value tells that it is a secret, or another thing; None where it says nothing."""
        if said and self._told.issuperset(said.split()):  # one of several in a line
            return True
        if not hints.says_anything(said):
            return None
        if mention := self._mention(said):
            return self._is_said_of(value, said, mention)
        if not hints.leads_on(said):
            return False
        return True if hints.is_linked(said) and self._mention(_text_behind(self._text, value.end)) else None

    def _is_said_of(self, value: _Value, said: str, mention: Mention) -> bool:
        """Whether the line that a value stands in goes on to it behind a name."""
        is_apart = self._text[value.start - 1] == ">" and not value.is_number
        return (is_apart or hints.is_linked(said)) and not hints.is_of_another(said[mention.end :])

    def _of_row(self, blocks: Iterator[Block], value: _Value) -> Iterator[Block]:
        """The blocks before a value; where it stands in a row of several cells, those of that row."""
        for block in blocks:
            if block.said:
                yield block
            elif not (cell := _CELL.search(self._text, value.end, value.end + _FARTHEST)) or cell["end"]:
                yield from blocks
            else:
                return

    def _is_told_above(self, value: _Value, blocks: Iterator[Block], *, is_code: bool) -> bool:
        """Whether one of the blocks above a value tells it, and none that is nearer is its label."""
        is_first = True
        for block in itertools.islice(blocks, _MOST_BLOCKS):
            said = block.said
            if is_first and said in self._told and block.tag not in hints.LABELS:
                return True
            if not hints.says_anything(said) or said == MASKED or is_opaque(said):
                continue
            self._steps.take(_STEPS_OF_A_BLOCK)
            mention = None if block.is_asked else self._mention(said)
            is_code = is_code or hints.tells_of_a_code(said)
            if mention and self._is_telling(block, value, is_code=is_code, is_first=is_first):
                return not hints.goes_on_to_another(said[mention.end :])
            if value.is_near and not block.is_control:
                return False
            is_neutral = mention is not None or hints.greets(said)
            if not is_neutral and (
                block.tag in _HEADINGS
                or (is_first and not is_code and hints.is_label(block, is_number=value.is_number))
            ):
                return False
            is_first = is_first and block.is_control and block.tag not in hints.LABELS
        return False

    def _is_telling(self, block: Block, value: _Value, *, is_code: bool, is_first: bool) -> bool:
        """Whether a block that mentions a secret tells one, and does not ask for it."""
        said = block.said
        if block.is_control or is_action(said):
            is_told = hints.shows(said) or not (value.is_number or hints.asks(said) or not is_name(said, self._names))
            return is_first and is_told
        if is_code or hints.tells(said):
            return True
        return not hints.asks(said) and (not value.is_number or len(said.split()) <= hints.FEW_WORDS)

    def _mention(self, said: str) -> Mention | None:
        """The last name of a secret in a text."""
        if said not in self._known:
            found = Sentences(said, self._names, self._steps).mentions(0, len(said))
            self._known[said] = found[-1] if found else None
        return self._known[said]


def _text_behind(text: str, at: int) -> str:
    """What is said behind a place, without the tags in it."""
    return _TAG.sub(" ", text[at : at + LONGEST]).partition("<")[0]


def _is_number(said: str) -> bool:
    return not any(map(str.isalpha, said))
