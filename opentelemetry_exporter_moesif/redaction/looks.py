"""What looks like a secret beside the name of one: a word of letters and digits, a code, letters of chance.

It is none where its key, or the word before it, says what else it is: an id, a user, a host, a date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.spelling import words_of
from opentelemetry_exporter_moesif.redaction.things import NO_SECRET, OTHERS
from opentelemetry_exporter_moesif.redaction.titles import WORDS
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.mentions import Mention

_LONGEST_KEY = 64
_NO_LABELS = frozenset("exception warning result message key reason item entry for of as".split())
_LABELS = (OTHERS - _NO_LABELS) | frozenset(
    "uid gid pid sid urn href directory folder route hostname addr referer referrer cc bcc mobile"
    " tel recipient sender login author actor organization organisation company alias nickname target"
    " source destination created updated modified issued day month year ms sec interval elapsed revision sha"
    " digest etag md5 fingerprint thumbprint total amount bytes width height x y score weight quantity qty"
    " balance rank state category encoding language lang locale country currency unit zone city postal street"
    " timezone tz color colour icon avatar photo logo thumbnail css style theme font vendor brand carrier product"
    " case course serial mac reading verb action operation op mode permission tag channel browser os"
    " platform agent useragent ua namespace repository environment env stage transaction pattern regex"
    " regexp mime suffix symbol ticker chain network contract logger cursor iss sub aud azp jti kid exp"
    " iat nbf metadata meta context header traceparent tracestate documentation docs license licence priority"
    " variant chunk firmware feature rule parent hashes crc crc32c mpn"
    " isrc culprit runner engine advisory variation layer slot principal".split()
)
"""The last word of a key whose value is something else than a secret."""

# Those that say nothing where they are the whole key, as what they hold has a form of its own, if it is that: `link`.
_SAYING_NOTHING = frozenset("response state context meta header link file page step issued".split())

_BEHIND_LABELS = frozenset("code key number parameter".split())  # labels behind one: `country_code`, `storage_key`
_QUALIFYING = _LABELS | frozenset("status error area exit sort partition object storage idempotency".split())

_SECRET = expression(r"\d{6,8}|\d{3}[ -]\d{3}|(?=[^\d]{0,128}\d)(?=[^A-Za-z]{0,128}[A-Za-z])\S{6,}")
_END = r"\s\"'`<>()\[\]{},;|=\u201c\u201d\u2018\u2019"
_WORD = expression(rf"(?<![^{_END}])[^{_END}\d]{{0,128}}\d[^{_END}]*")
_MARKS = ".!?:*_~"
_QUOTES = "\"'([#:"
# A word is called something else by one of these before it: "user bob42", "for bob42".
_CALLING = (OTHERS | _LABELS) - frozenset("key message reason to as".split())
_BEFORE = 32
_LEAST_NUMBER, _LARGEST_NUMBER = 100_000, 99_999_999
_LEAST_OF_LETTERS = 10
# A constant, a licence, a region: `HMAC_SHA_256`, `Apache-2.0`, `us-east-1a`.
_CONSTANT = expression(r"[A-Z]+(?:_[A-Z\d]+)+|[A-Za-z]+(?:-[a-z]+)*-v?\d{1,2}(?:\.\d+)*[a-z]?")
_CODE_OF_ERROR = expression(r"[A-Z]{1,12}-?\d{1,8}:?")


class Look(NamedTuple):
    """How what stands beside a name looks if it is the secret.

    Args:
        of_digits: The name is one of codes.
        in_digits: Digits alone may be one, in a text.
        is_number: A number may be one, under a value's name.
    """

    of_digits: bool
    in_digits: bool
    is_number: bool

    @classmethod
    def of(cls, mentions: Iterable[Mention]) -> Look:
        """How it looks beside some names."""
        mentions = [*mentions]
        of_digits = any(each.of_digits for each in mentions)
        is_one = of_digits or any(not each.is_several for each in mentions)
        return cls(of_digits, is_one or any(each.is_kind for each in mentions), is_one)

    def without(self, text: str) -> str:
        """A text without the words that look like secrets, but those that it calls something else."""
        if self.is_secret(text.strip(_MARKS)):
            return MASKED
        if " " not in text:
            return text
        parts, last = [], 0
        for word in _WORD.finditer(text):
            bare = word[0].rstrip(_MARKS)
            is_one = self.is_secret(bare.lstrip(_MARKS))
            if is_one and not (self.is_code(word[0]) or _is_of_another(text, word.start())):
                parts += [text[last : word.start()], MASKED]
                last = word.start() + len(bare)
        return "".join([*parts, text[last:]])

    def is_secret(self, word: str) -> bool:
        """Whether a word looks like a secret."""
        if _SECRET.fullmatch(word):
            return not (NO_SECRET.match(word) or _CONSTANT.fullmatch(word)) and (self.in_digits or not word.isdigit())
        return _is_of_chance(word)

    def in_number(self, number: int, *, is_value: bool) -> bool:
        """Whether a number does, perhaps under a value's name."""
        may_be_one = self.of_digits or (is_value and self.is_number)
        return may_be_one and _LEAST_NUMBER <= number <= _LARGEST_NUMBER and self.is_secret(str(number))

    def is_code(self, word: str) -> bool:
        """Whether it is rather the code of an error, or a number of an article: `AUTH1001`."""
        return not self.of_digits and _CODE_OF_ERROR.fullmatch(word) is not None


def _is_labelled(key: str) -> bool:
    """Whether a key says of its value what else it is than a secret."""
    words = words_of(key)
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return False
    last, is_longer = words[-1], len(words) > 1
    if last in _BEHIND_LABELS:
        return is_longer and words[-2] in _QUALIFYING
    if not is_longer and last in _SAYING_NOTHING:
        return False
    if is_longer and (words[0] == "id" or last == "hash"):  # `idBoard`, `md5Hash`
        return True
    return last in _LABELS or last.removesuffix("s") in _LABELS or last.removesuffix("es") in _LABELS or WORDS[key]


LABELLED = Answers(_is_labelled, longest=_LONGEST_KEY)
"""Whether a key says of its value what else it is than a secret."""


def _is_of_another(text: str, start: int) -> bool:
    """Whether a text calls the word at a place something else: "user …", "0800 …"."""
    before = text[max(start - _BEFORE, 0) : start].split()[-1:]
    return bool(before) and (before[0].lower().strip(_QUOTES) in _CALLING or before[0].isdigit())


def _is_of_chance(word: str) -> bool:
    """Whether nobody would write letters like that: `vKdJWnRtqLmZ`."""
    is_long = word.isalpha() and len(word) >= _LEAST_OF_LETTERS
    return is_long and 2 * len(words_of(word)) >= len(word)
