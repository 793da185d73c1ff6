"""Which texts hold no secret for certain, by their characters alone: what the renderer need not ask about.

It is a look that errs on one side only. A text with any character of `TELLING` may hold a secret. Every credential
that is known by its shape (`values.DEFAULT_SHAPES`) has a word of more than `LONGEST_WORD` letters that are not all of
`HARMLESS_IN_WORDS`, or one behind a doubled slash; names of secrets count only before a character of `TELLING`.
Patterns of the user's own may be anything: where there are some, no text is certain.
"""

from __future__ import annotations

import string

TELLING = ";?=:<>@%\"'`\\&(+;#{[ \x7f"
"""What a text tells by: what it tells of follows, or surrounds it."""

WORD = string.ascii_letters + string.digits + "_-"
"""What the words of credentials consist of."""

HARMLESS_IN_WORDS = "0123456789abcdef-"
"""What the words of ids consist of that are hexadecimal: no credential does, all of it."""

DOUBLED = "/"
"""Behind two of these, a word of ids may be a credential (`1//0…`)."""

LONGEST_WORD = 10
"""A longer word may be a credential."""
