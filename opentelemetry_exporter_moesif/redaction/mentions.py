"""Texts that name a secret: `password`, `/data/attributes/password`, `Your OTP`, `Reset your password`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.spelling import undisguised, words_of

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

LONGEST = 64
"""How many letters such a text has at most."""

_LEAST = 3
_MOST_WORDS = 6
# A text that may name something: no assignment but a selector's, no markup.
_TITLE = expression(r"(?:[^={}<;\n]|(?<=\w)=(?=['\"]?[\w-]{1,64}['\"]?\]))+")
# "Your OTP | Example", and DynamoDB's "otp#bob".
_BETWEEN_PARTS = expression(r"\s[|&\u00b7\u2013\u2014-]\s|(?<=\w)#(?=\w)")
_ADDRESS = expression(r"(?<!\S)[^\s/]*://\S*")
# What goes on behind a name in a title that is still about the secret: "Password reset", "Your OTP for Example".
_GOES_ON = frozenset(
    "code codes value values field fields input reset set sent changed updated expired revoked required valid created"
    " issued generated rotated verification confirmation login request notification email mail sms message is was has"
    " will for from to at on in by with and or worker job mailer exception error".split()
)
_WORDS_OF_ALL = frozenset(("pass", "bearer", "sig"))  # listed ones that name something else as often
OF_DIGITS = expression(r"(?i:otp|code|cvv|cvc|\bpin)")
"""What a secret is called that may consist of digits alone."""


class Mention(NamedTuple):
    """What a text names.

    Args:
        is_path: It does so in a path, as of a field, a file or a page.
        is_listed: It is the name of a secret, and says nothing else.
        is_kind: It is that, or the plural of one.
        is_several: It is a plural, and a number is their count.
        of_digits: Such a secret may consist of digits alone.
    """

    is_path: bool
    is_listed: bool
    is_kind: bool
    is_several: bool
    of_digits: bool


def mention(text: str, names: SecretNames) -> Mention | None:
    """What a text names, if it, or a part of it, is the name of a secret or a short title about one."""
    text = _ADDRESS.sub("", undisguised(text))
    if not _LEAST <= len(text) <= LONGEST or not names.may_be_in(text) or not _TITLE.fullmatch(text):
        return None
    return next(filter(None, (_of_part(part, names) for part in _BETWEEN_PARTS.split(text))), None)


def _of_part(text: str, names: SecretNames) -> Mention | None:
    words = words_of(text)
    while words and words[-1].isdigit():
        words.pop()
    if not 0 < len(words) <= _MOST_WORDS or "".join(words) in _WORDS_OF_ALL:
        return None
    rest, is_several = names.rest_behind(words)
    if rest is None or (rest and rest[0] not in _GOES_ON):
        return None
    is_listed = names.is_listed(text)
    is_kind = is_listed or (is_several and names.is_listed(text[:-1]))
    return Mention("/" in text, is_listed, is_kind, is_several, OF_DIGITS.search(text) is not None)
