"""The pairs of a text, one after the other: names and what may part them from their values."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.places import LETTER, LONGEST_NAME, Spans

if TYPE_CHECKING:
    import re

    from opentelemetry_exporter_moesif.redaction.steps import Steps

_OPAQUE = (
    r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])(?=[\w.~+-]{6}[\w.~+-]*(?![\w.~+=&;,/?-]))"  # letters and digits, at least six
)
OPAQUE_IN_QUOTES = expression(r"[\"'](?=[^\s\"']{0,64}\d)(?=[^\s\"']{0,64}[A-Za-z])[^\s\"']{6}")
# What follows a word that anything belongs to: one look at the next word, before each separator is tried.
_FOLLOWED = (
    r"(?=\s*(?!\s)(?:[^\sA-Za-z0-9]|[A-Za-z]+[^\sA-Za-z]*\d|(?i:is|was|equals|in|or)[ \t(]|[bu][\"'`\\]"
    r"|\d(?:[^\s\"'`()]{5}|\d{0,5}[ \t]+[^\s\"'`()]{6})))"
)
_PAIR = expression(
    rf"(?P<word>{LETTER}(?<!{LETTER}.){LETTER}*)(?!{LETTER}){_FOLLOWED}"
    r"(?P<index>(?<=\[)[\"'][\w .$-]{1,64}[\"']\])?"
    r"(?:(?=(?P<close>[\"'`\])}]{0,8}(?:(?<=\")>>(?=,))?))(?P=close)(?![\"'`\])}])|(?<=\.\.\.)(?=[\"']))"
    r"(?:(?<=\))s(?=[=:])|\(\)(?=[ \t]{0,4}[=!]=))?"  # `%(name)s=`, `name.encode() ==`
    r"(?:[ \t]{0,8}[(\[](?!(?=[A-Za-z]{0,32}\d{1,32}[A-Za-z])[^\s\"'`()\[\]<>]{8})"
    r"[^()\[\]\n:=\"']{1,32}[)\]](?=[ \t]{0,8}[:=]))?"
    r"(?:\s*(?P<sep>=>|:=|->|<-|<<<|;s:\d{1,9}:(?=\")|\|s:\d{1,9}:(?=\")|(?::\"[\w\\]{1,128}\")?:pr(?:ivate|otected)\]=>"
    r"|(?=<<[-~]?[\"']?[A-Z_]{2,32}[\"']?[ \t]*\r?\n)"
    r"|\?{1,2}=|\|\|=|!={1,2}|[|~.](?=[ \t]{1,64}\S)|={1,3}|<>|[<>]=?(?=[ \t]*[\"'])"
    r"|:(?!:[A-Z]|//)|[\uff1a\uff1d\u2192])(?:[*_]{1,3}(?=\s)|\[/[a-z]{1,8}\])?\s*"  # also where both are set bold
    r"|[ \t]+(?=[bu]?\\*[\"'`\u201c\u201e\u2018\u201a\u00ab\u2039\u300c\u300e\u3010])"
    r"|\s*\{\s*(?=[\"'][^\"'\n]{0,256}[\"']\s*\})|(?<=\.\.\.)(?=[\"'])"
    r"|[ \t]+(?i:is|was|equals)[ \t]+(?=[^\s]*\d)(?![A-Za-z]+[.]?</)"  # "is missing.</p>"
    r"|[ \t]+(?i:in)[ \t]*(?=\()"
    r"|(?<=[\"'])[ \t]+(?i:to|with)[ \t]+(?=[\"'])"
    rf"|[ \t]+or[ \t]+(?={OPAQUE_IN_QUOTES.pattern})"
    r"|(?=\([^()\n]{0,256}[\"'])|\((?=[^\s()]*\d)"
    r"|(?P<blank>[ \t]+(?:\d{1,6}[ \t]+)?)(?!(?i:values)\b)"
    r"(?:(?=[A-Za-z]*[^\sA-Za-z]*\d)(?=[^\s]*[A-Za-z])(?=[^\s\"'`()]{6})|(?=\d{6,19}[.,;:!?)\"'`]{0,2}(?:\s|$)))"
    r"|(?P<bracket>[ \t]+[(\[<])(?=[A-Za-z]{0,32}\d{1,32}[A-Za-z])(?=[^\s\"'`()\[\]<>]{8})"
    rf"|(?P<odd>[ \t]{{0,8}}[;?&|^!>~]{{1,2}}:?[ \t]{{0,8}}|[ \t]{{1,8}}/[ \t]{{1,8}}|,[ \t]{{0,8}}){_OPAQUE}"
    r"|(?P<comma>(?<=[\"'`\])}>])\s*,\s*|\s*,\s*(?=[\"'])"
    rf"|(?<=[\"'])[ \t]{{0,4}}[;|/][ \t]{{0,4}}(?={OPAQUE_IN_QUOTES.pattern})))"
)
# Up to four words before that one, read backwards.
# Also a name whose letters stand apart: `t o k e n`.
_WORDS_BEFORE = expression(rf"(?:[ \t]{LETTER}(?!{LETTER})){{4,40}}|(?:(?<!\[)[ \t]{LETTER}+){{0,4}}")


# Each of them starts with a word: they are tried there alone, and so never behind the span that is looked at.
_WORD = expression(rf"(?<!{LETTER}){LETTER}+")


class Scan:
    """The pairs of a text that start in some spans of it; the rest is not even tried.

    Args:
        text: The text.
        spans: Where each one starts and ends, in their order: none starts within a word.
        steps: Those that may be taken.
    """

    def __init__(self, text: str, spans: Spans, steps: Steps) -> None:
        self._text = text
        self._words = steps.watched(chain.from_iterable(_WORD.finditer(text, *span) for span in spans))

    def next(self, position: int) -> re.Match[str] | None:
        """The first pair that starts at a place or behind it; each place is behind the former one.

        Raises:
            TooManyStepsError: It costs more than anything ordinary does.
        """
        for word in self._words:
            start = word.start()
            if start >= position and (pair := _PAIR.match(self._text, start)):
                return pair
        return None


def name_of(text: str, pair: re.Match[str], position: int) -> str:
    """The name before a separator, of up to four words that stand behind a position."""
    start = pair.start()
    before = text[max(position, start - LONGEST_NAME) : start + 1][::-1]
    words = _WORDS_BEFORE.match(before, 1)
    return (before[1 : words.end()][::-1] if words else "") + pair["word"]
