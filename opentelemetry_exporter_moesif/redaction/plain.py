"""Which texts hold no secret for certain, by their characters alone: what the renderer need not ask about.

It is a look that errs on one side only. A text with any character of `TELLING` may hold a secret. Every credential
that is known by its shape (`values.DEFAULT_SHAPES`) has a word of more than `LONGEST_WORD` letters that are not all of
`HARMLESS_IN_WORDS`, or one behind a doubled slash; names of secrets count only before a character of `TELLING`.
Patterns of the user's own may be anything: where there are some, no text is certain.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

Look = Callable[[str], "re.Match[str] | None"]
"""A look at a text: a match where it is plain."""

TELLING = ";?=:<>@%\"'`\\&(+;#{[|~^! \x7f"
"""What a text tells by: what it tells of follows, or surrounds it."""

WORD = string.ascii_letters + string.digits + "_-"
"""What the words of credentials consist of."""

HARMLESS_IN_WORDS = "0123456789abcdef-"
"""What the words of ids consist of that are hexadecimal: no credential does, all of it."""

DOUBLED = "/"
"""Behind two of these, a word of ids may be a credential (`1//0…`)."""

LONGEST_WORD = 10
"""A longer word may be a credential."""

_OTHERS = "".join(character for character in map(chr, range(0x21, 0x7F)) if character not in TELLING + WORD + DOUBLED)
# Either short or long, so that there is one way to read a text: no expression goes back over it.
_A_WORD = (
    rf"[{re.escape(WORD)}]{{1,{LONGEST_WORD}}}(?![{re.escape(WORD)}])"
    rf"|[{re.escape(HARMLESS_IN_WORDS)}]{{{LONGEST_WORD + 1},}}(?![{re.escape(WORD)}])"
)


def _piece(others: str) -> str:
    """The expression of a text that is plain and holds no slash."""
    return rf"(?:{_A_WORD}|[{re.escape(others)}])*"


_PIECE = _piece(_OTHERS)
_OF_QUERY = _piece(_OTHERS.replace("?", ""))
_VALUE = _piece(_OTHERS.replace("?", "") + "+") + f"(?:%[0-9A-Fa-f]{{2}}{_piece(_OTHERS.replace('?', '') + '+')})*"
_PARAMETER = f"{_OF_QUERY}(?:={_VALUE})?"

_ADDRESSES = r"[0-9.]+(?:, ?[0-9.]+)+"  # of IPv4, as in X-Forwarded-For: new ones come all the time

is_plain = re.compile(f"{_ADDRESSES}|{_PIECE}(?:{DOUBLED}(?!{DOUBLED}){_PIECE})*").fullmatch
"""Whether a text is plain: one look for Python, in place of the renderer's own."""

plain_query = re.compile(rf"{_PARAMETER}(?:&{_PARAMETER})*").fullmatch
"""A query with plain names and values.

Names may be those of secrets all the same, and values with an escape or a ``+`` in them are to be looked at.
"""

encoded_values = re.compile(r"=([^&=]*[+%][^&]*)").findall
"""The values of a plain query that are to be looked at."""

_KINDS = dict.fromkeys(_OTHERS, ".") | {letter: "0" if letter in HARMLESS_IN_WORDS else "x" for letter in WORD}
KINDS = bytes.maketrans("".join(_KINDS).encode(), "".join(_KINDS.values()).encode())
"""For `bytes.translate`, the kind of each letter: of texts that are alike by it, all are plain, or none is."""
