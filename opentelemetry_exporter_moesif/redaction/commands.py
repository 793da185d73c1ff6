"""Commands and calls whose arguments are secrets by their place: `AUTH …`, `sshpass -p …`, `auth=("bob", "…")`."""

from __future__ import annotations

import re

from opentelemetry_exporter_moesif.redaction.masks import MASKED

# What a text with one of them has in it: one cheap look.
MENTIONED = r"[aA](?:uth|UTH)(?=[ \t\"'\\]{0,4}[ \t=:(])|LOGIN[ \t]|[ \t]-[pPaw](?=[ \t\"']{0,2}\S)"

_WORD = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'`|<>]+)"
_QUOTED = r"(?P<quote>[\"'])(?P<quoted>(?:(?!(?P=quote))[^\n])*)"
_START = r"(?:^|(?<=[\"'`>$#]))[ \t]{0,8}"
_PROSE = r"(?!(?:fail|error|requir|success|ok\b|denied|expired|missing|timeout|header|method|token|flow|is\b|not\b))"
_PROGRAMS = r"sshpass|mysql\w*|mariadb\w*|mongo\w*|(?:docker|podman|az|oc|registry)[ \t]+login|ldap\w+|redis-cli"
_KINDS = (
    # SQL: MySQL, PostgreSQL, Oracle.
    r"(?i:\bidentified\s+(?:with\s+\S{1,64}\s+)?(?:by|as)\s+(?:password\s+)?)" + _QUOTED,
    r"(?i:\bset\s+password\s+for\s+[^=\n]{1,256}=\s*)" + _QUOTED,
    # Redis, and SMTP (RFC 4954); IMAP (RFC 9051, section 6.2.3).
    rf"(?m:{_START}AUTH[ \t]+(?P<auth>(?i:{_PROSE}){_WORD}(?:[ \t]+{_WORD})?)[ \t]*(?=$|[\"'`\r<]))",
    rf"(?m:{_START}(?:[A-Za-z]{{0,8}}\d{{1,8}}[ \t]+)?LOGIN[ \t]+{_WORD}[ \t]+(?P<login>{_WORD})[ \t]*(?=$|[\"'`\r<]))",
    r"(?i:\b(?:requirepass|masterauth)[ \t]+)(?P<redis>[^\s\"'`]+)",
    # Programs whose flag for a password is a letter.
    rf"(?i:\b(?:{_PROGRAMS}))\b[^\n|]{{0,256}}?[ \t]-[paw][ \t]*(?P<flag>{_WORD})",
    rf"\bsqlcmd\b[^\n|]{{0,256}}?[ \t]-P[ \t]*(?P<sqlcmd>{_WORD})",
    # Oracle's connection strings.
    r"(?i:\bjdbc:oracle:)\w{1,16}:[^/\s@]{0,64}/(?P<oracle>[^\s@]{1,256})(?=@)",
    # What HTTP clients take: two texts, or one with a colon.
    r"\b_?[aA](?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[(\[]\s{0,4}(?P<pair>[bu]?[\"'][^)\]\n]{1,256})",
    r"\b_?[aA](?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[\"'](?P<account>[^\s\"':/]{1,64}:[^\s\"'/]+)",
    r"(?:Basic|Digest|Proxy)Auth\w{0,16}\(\s{0,4}(?P<call>[bu]?[\"'][^)\n]{1,256})",
    r"(?<![A-Za-z0-9])_auth[ \t]*=[ \t]*(?P<npm>[^\s\"'`]+)",
)
_COMMAND = tuple(re.compile(kind) for kind in _KINDS)


def masked(text: str) -> str:
    """The text without those arguments."""
    for command in _COMMAND:
        text = command.sub(_without_argument, text)
    return text


def _without_argument(command: re.Match[str]) -> str:
    start, end = (place - command.start() for place in command.span(command.lastgroup or 0))
    return command[0][:start] + MASKED + command[0][end:]
