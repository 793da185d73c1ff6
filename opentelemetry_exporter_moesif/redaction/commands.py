"""Commands and calls whose arguments are secrets by their place: `AUTH …`, `sshpass -p …`, `auth=("bob", "…")`."""

from __future__ import annotations

import re

from opentelemetry_exporter_moesif.redaction.masks import MASKED

# What a text with one of them has in it: one cheap look.
MENTIONED = (
    r"[aA](?:uth|UTH)(?=[ \t\"'\\]{0,4}[ \t=:(])|LOGIN[ \t]|[ \t]-[pPaw](?=[ \t\"']{0,2}\S)"
    r"|vault login[ \t]|[lL]ogin\(|authenticate\(|crypt\("
)
WORDS = ("auth", "login", "-p", "-a", "-w", "crypt(")
"""Of which each ASCII text with one of them has one in it, in whatever case."""

_WORD = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'`|<>]+)"
_QUOTED = r"(?P<quote>[\"'])(?P<quoted>(?:(?!(?P=quote))[^\n])*)"
_START = r"(?:^|(?<=[\"'`>$#]))[ \t]{0,8}"
_PROSE = r"(?!(?:fail|error|requir|success|ok\b|denied|expired|missing|timeout|header|method|token|flow|is\b|not\b))"
_PROGRAM = (
    r"(?P<program>\b(?i:sshpass|mysql\w*|mariadb\w*|mongo\w*|(?:docker|podman|az|oc|registry)[ \t]+login"
    r"|ldap\w+|redis-cli)\b)"
)
# Each with the words of which a text with one has one.
_KINDS = (
    # SQL: MySQL, PostgreSQL, Oracle.
    (("identified",), r"(?i:\bidentified\s+(?:with\s+\S{1,64}\s+)?(?:by|as)\s+(?:password\s+)?)" + _QUOTED),
    (("password",), r"(?i:\bset\s+password\s+for\s+[^=\n]{1,256}=\s*)" + _QUOTED),
    # Redis, and SMTP (RFC 4954); IMAP (RFC 9051, section 6.2.3).
    (("auth",), rf"(?m:{_START}AUTH[ \t]+(?P<auth>(?i:{_PROSE}){_WORD}(?:[ \t]+{_WORD})?)[ \t]*(?=$|[\"'`\r<]))"),
    (
        ("login",),
        (
            rf"(?m:{_START}(?:[A-Za-z]{{0,8}}\d{{1,8}}[ \t]+)?LOGIN[ \t]+{_WORD}[ \t]+(?P<login>{_WORD})[ \t]*"
            r"(?=$|[\"'`\r<]))"
        ),
    ),
    (("requirepass", "masterauth"), r"(?i:\b(?:requirepass|masterauth)[ \t]+)(?P<redis>[^\s\"'`]+)"),
    # Oracle's connection strings.
    (("jdbc:oracle:",), r"(?i:\bjdbc:oracle:)\w{1,16}:[^/\s@]{0,64}/(?P<oracle>[^\s@]{1,256})(?=@)"),
    # What HTTP clients take: two texts, or one with a colon.
    (("auth",), r"[aA](?<![^\W_].)(?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[(\[]\s{0,4}(?P<pair>[bu]?[\"'][^)\]\n]{1,256})"),
    (("auth",), r"[aA](?<![^\W_].)(?:uth|UTH)[\"']?\s{0,4}[=:]\s{0,4}[\"'](?P<account>[^\s\"':/]{1,64}:[^\s\"'/]+)"),
    (("auth",), r"(?:Basic|Digest|Proxy)Auth\w{0,16}\(\s{0,4}(?P<call>[bu]?[\"'][^)\n]{1,256})"),
    (("auth",), r"_auth(?<![A-Za-z0-9]_auth)[\"']?[ \t]*[=:][ \t]*[\"']?(?P<npm>[^\s\"'`]+)"),
    (("auth=",), r"--auth=(?P<flagged>[^\s\"':/]{1,64}:[^\s\"'/]+)"),
    (("auth=",), r"GoogleLogin[ \t]+auth=(?P<google>[^\s\"'`]+)"),
    (
        ("login", "authenticate"),
        r"(?i:log_?in|authenticate)\(\s{0,4}(?P<login>[\"'][^\"'\n]{1,64}[\"']\s{0,4},\s{0,4}[\"'][^)\n]{1,256})",
    ),
    (("crypt(",), r"crypt\(\s{0,4}(?P<crypt>[\"'][^\"'\n]{1,256})"),
    (("credentials",), r"[cC]redentials?[ \t]+(?:for[ \t]+)?(?P<credentials>[\w.+-]{1,64}:[^\s\"'/]{3,256})"),
    (("vault login",), rf"vault login[ \t]+(?P<vault>(?!-){_WORD})"),
    (("htpasswd",), rf"htpasswd[ \t]+-\w{{0,8}}b\w{{0,8}}(?:[ \t]+\S{{1,256}}){{2}}[ \t]+(?P<htpasswd>{_WORD})"),
    (("@//",), r"/(?<=[\w$#.]/)(?P<sqlplus>[^\s@/]{1,128})(?=@//)"),
)
_COMMANDS = tuple((words, re.compile(kind)) for words, kind in _KINDS)
# Programs whose flag for a password is a letter: from the program's name to the end of its command.
_PROGRAMS = ("sshpass", "mysql", "mariadb", "mongo", "login", "ldap", "redis-cli", "sqlcmd")
_FLAGS = re.compile(
    rf"{_PROGRAM}|(?P<sqlcmd>\bsqlcmd\b)|(?P<end>[\n|])"
    rf"|[ \t]-(?P<letter>[pawPAW])[ \t]*(?P<value>{_WORD})"
)
_LETTERS: dict[str | None, tuple[str, ...]] = {"program": ("p", "a", "w"), "sqlcmd": ("P",)}
_LONGEST_COMMAND = 256


def masked(text: str) -> str:
    """The text without those arguments."""
    lower = text.lower()
    for words, command in _COMMANDS:
        if any(map(lower.__contains__, words)):
            text = command.sub(_without_argument, text)
    return _without_flags(text) if " -" in text and any(map(lower.__contains__, _PROGRAMS)) else text


def _without_flags(text: str) -> str:
    """The text without the passwords that programs are given behind a flag."""
    pieces: list[str] = []
    end = start = 0
    letters: tuple[str, ...] = ()
    for found in _FLAGS.finditer(text):
        kind = found.lastgroup
        if kind == "value":
            if found["letter"] in letters and found.start() - start <= _LONGEST_COMMAND:
                pieces += text[end : found.start("value")], MASKED
                end = found.end("value")
                letters = ()
        else:
            letters, start = _LETTERS.get(kind, ()), found.end()
    return "".join((*pieces, text[end:]))


def _without_argument(command: re.Match[str]) -> str:
    start, end = (place - command.start() for place in command.span(command.lastgroup or 0))
    return command[0][:start] + MASKED + command[0][end:]
