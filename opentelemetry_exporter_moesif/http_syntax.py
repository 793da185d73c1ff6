"""What HTTP itself says, where more than one room needs it."""

TOKEN_LETTER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"  # noqa: S105 - no secret
"""A regular expression of a letter that may stand in a token."""

TOKEN = f"{TOKEN_LETTER}+"
"""A regular expression of a token: a method, the name of a header or of a parameter (RFC 9110, section 5.6.2)."""

DEFAULT_PORTS = {"http": 80, "https": 443}
"""The port that goes without saying, by scheme (RFC 9110, sections 4.2.1 and 4.2.2)."""
