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
# What a text consists of that names something.
_TITLE = expression(r"(?!.*://)(?:[\w\s.,:!?'\"#/$>()\[\]\u2019-]|(?<=\w)=(?=['\"]?[\w-]{1,64}['\"]?\]))+")
# What goes on behind a name in a title that is still about the secret: "Password reset", "Your OTP for Example".
_GOES_ON = frozenset(
    "code codes value values field fields input reset set sent changed updated expired revoked required valid created"
    " issued generated rotated verification confirmation login request notification email mail sms message is was has"
    " will for from to at on in by with".split()
)
_WORDS_OF_ALL = frozenset(("pass", "bearer", "sig"))  # listed ones that name something else as often
_OF_DIGITS = expression(r"(?i:otp|code|cvv|cvc|\bpin)")


class Mention(NamedTuple):
    """What a text names.

    Args:
        is_listed: It is the name of a secret, and says nothing else.
        is_kind: It is that, or the plural of one.
        is_several: It is a plural, and a number is their count.
        of_digits: Such a secret may consist of digits alone.
    """

    is_listed: bool
    is_kind: bool
    is_several: bool
    of_digits: bool


def mention(text: str, names: SecretNames) -> Mention | None:
    """What a text names, if it is the name of a secret or a short title about one."""
    text = undisguised(text)
    if not _LEAST <= len(text) <= LONGEST or not names.may_be_in(text) or not _TITLE.fullmatch(text):
        return None
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
    return Mention(is_listed, is_kind, is_several, _OF_DIGITS.search(text) is not None)
