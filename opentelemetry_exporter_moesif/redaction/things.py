"""What stands beside the names of secrets and is none: by its form, or by the word before it."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque, is_unspeakable

# What is no part of a word: the start of a URL, an address of mail, a pair of its own.
_URL, _MAIL, _PAIR = r"[^\s/]*://", r"[^\s@]+@[\w-]+\.", r"[\w.$-]+[:=](?![=:]|$)|[^\n]*:$"
_DATE = r"(?:19|20)\d\d(?:-\d\d\b|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
_ADDRESS = (
    rf"[/~.\\#@]|{_URL}|{_MAIL}"
    r"|[\w-]+(?:\.[\w-]+)*(?:\.[a-z]{2,24}(?::\d+)?|:\d+)/?[.]?$"
    r"|[a-z0-9._-]+(?:/[a-z0-9._-]+)+/?$|[\w./-]+#\d"
)
_MEASURE = (
    r"[\d.,:+-]+-?(?:[smhdwxkb]|ms|ns|us|px|em|pt|hz|am|pm|[kKMGT]i?[bB]|bits?|bytes?|chars?|characters|letters?|digits?|days?|hours?|min|sec|times"
    r"|steps?|st|nd|rd|th)(?![\w-])|v?\d+(?:[.:]\d+)+|\d{1,3}-[a-z]{2,12}$|v\d{1,3}(?:alpha|beta|rc)?\d{0,2}$"
)
# `%05d`, `user_id=…`, `com.acme.Parser2`, `table_of_ids_2`, `__x_1`, `Ed448PrivateKey`, `openIdConnect`.
_OF_PROGRAM = (
    rf"[^\s%]*%\d{{0,2}}[dsx](?!\w)|0x|{_PAIR}"
    r"|[a-z]+(?:\.[a-z]\w*)+\.[A-Z]\w*$|__|(?:[A-Za-z0-9]-[A-Za-z0-9]){2,}$|[A-Za-z]{2,32}(?:_[A-Za-z]{2,32})+_?v?\d{1,2}$|[A-Z]{2,32}_\d{1,3}$"
    r"|[A-Z]\w*(?:Key|Info|Type|Error|Exception|Handler|Service|Client|Impl|Factory|Lexer)$"
    r"|[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,}|Id|[A-Z]{2,5}(?![a-z]))+$"
)
_TECHNICAL = (
    r"[\w-]*(?i:sha|md)-?\d{1,3}$|[A-Z]{2,10}-\d{1,4}$|[A-Z]\d{3,7}$|CVE-\d{4}-\d|(?i:(?:latin|cp|windows|gb)-?\d{1,4}|base\d\d(?:url)?"
    r"|sha-?\d{1,3}|utf-?\d{1,2}(?:mb4|le|be)?|https?\d?|oauth-?\d|[hrep]s\d{3}|md[45]|x\.?509(?:v3)?|aes-?\d{0,3}(?:-?[a-z]{3})?"
    r"|ed25519|argon2(?:id?)?|ipv\d|pkcs\d{0,2}|tlsv?\d?|sslv?\d?|rfc-?\d{1,5}|python\d?|py\d{1,3}|\w{1,16}sha\d{1,3}|iso-?\d+"
    r"|u?int\d{1,2}|float\d\d|win\d\d|x86|amd64|arm64|p12|s3|ec2|k8s)(?![A-Za-z0-9])"
)
NEVER = expression(f"{_DATE}|{_URL}|{_MAIL}|{_MEASURE}|{_PAIR}")
"""What is none even directly behind a name: a date, an address, a measure, a pair of its own."""

NO_SECRET = expression(f"{_DATE}|{_ADDRESS}|{_MEASURE}|{_OF_PROGRAM}|{_TECHNICAL}")
"""A date, a host, a path, a measure, a name of a program's, or a word of a technical language."""

SAID = frozenset(
    "changed updated expired expires revoked reset set sent valid required match mismatch error errors enabled".split()
)
"""What a sentence says of a secret: in a name, it would make that one of something else."""

OTHERS = (HARMLESS_ENDINGS - SAID) | frozenset(
    "user users username account accounts id host url uri link path file page line column server"
    " service endpoint address ip port client provider job task batch request response trace span time at by from on in"
    " since until after before email mail phone build commit branch region cluster pod node container image"
    " instance device model checksum size position offset number order ticket invoice reference reason message key"
    " caller app application process thread cache queue topic bucket item entry event step tenant org project repo"
    " took ago table database schema role group team owner customer member subject domain realm origin"
    " for of to as with via run expires"
    " uuid guid sku zip postcode section chapter module package library function".split()
)
"""What stands behind one of these is called by it, and is no value of the secret that was named before."""

ANYTHING = frozenset(
    "value values val data text content body plain plaintext raw key code string default input output result it is was"
    " are be to now below following equals got expected received given param params args arg".split()
)
"""What a value may be called, or what is said before one, and says nothing of it."""

COUNTED = expression(
    r"\d{6,}[\"'`)\]]{0,2}[ \t](?:ms|milliseconds|s|secs?|seconds?|min|minutes?|hours?|days?|years?|bytes?|[kKMG]i?[bB]"
    r"|bits?|tokens?|times|attempts|requests|users|rows|items|records|entries|iterations|rounds|char(?:s|acters)?|letters|digits)\b"
)
"""A number that counts or measures something."""

# Nor is what is escaped, a place in a template, an option, a part of a program or a file.
_IN_NO_SECRET = expression(r"^[&<]|[{}]|^--|::|\w=\w|\.(?:[a-z]{1,4}\d?|\d{1,3})$")


def is_like_one(word: str) -> bool:
    """Whether a word of a page looks like a secret, and like nothing else: `GET_METADATA` is a name."""
    is_one = is_unspeakable(word) or (is_opaque(word) and any(map(str.isdigit, word)))
    return is_one and NO_SECRET.match(word) is None and _IN_NO_SECRET.search(word) is None
