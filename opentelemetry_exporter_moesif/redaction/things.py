"""What stands in sentences about secrets and is none: dates, hosts, measures, and what a word before it names."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.names import HARMLESS_ENDINGS
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque, is_unspeakable

NO_SECRET = expression(
    r"(?:[^\s%]*%\d{0,2}[dsx]|\d{4}-\d\d|(?:19|20)\d{6}\b|[/~.\\#@]|0x|[$%&\\]\w{1,4}$|[^\s/]*://|[\w.$-]+[:=](?![=:]|$)|[^\s@]+@[\w-]+\."
    r"|[\w-]+(?:\.[\w-]+)*(?:\.[a-z]{2,24}(?::\d+)?|:\d+)/?[.]?$|[a-z]+(?:\.[a-z]\w*)+\.[A-Z]\w*$"
    r"|v?\d+(?:[.:]\d+)+|v\d+(?:alpha|beta|rc)?\d*$|[A-Za-z]{2,32}(?:_[A-Za-z]{2,32})+_?v?\d{1,2}$"
    r"|[a-z0-9._-]+(?:/[a-z0-9._-]+)+/?$|[\w./-]+#\d|\d{1,4}(?:-[a-z]+)+$|_|[A-Za-z]+(?:_[A-Za-z]+)*_\w{1,3}_\w{1,3}$"
    r"|[\w-]*(?i:sha|md)-?\d{1,3}$"
    r"|[A-Z]\w*(?:Key|Info|Type|Error|Exception|Handler|Service|Client|Impl|Factory|Lexer)$"
    r"|[A-Z]{2,10}(?:-\d{1,5})+$|[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,}|Id|[A-Z]{2,5}(?![a-z]))+$|(?i:latin|cp|windows|gb)-?\d{1,4}$"
    r"|[\d.,:+-]+-?(?:[a-z]{1,2}|[kKMGT]i?[bB]|bits?|bytes?|char|letter|digit|day|hour|min|sec|times|steps?|st|nd|rd|th)(?![\w-])"
    r"|(?i:base\d\d|sha-?\d|utf-?\d|https?[\d/]|oauth-?\d|[hrep]s\d{3}|md[45]|x\.?509|aes|ed25519|argon|ipv\d|pkcs|tls|ssl|rfc-?\d"
    r"|python\d|py\d|\w+sha\d|iso-?\d|int\d|uint\d|float\d|win\d\d|x86|amd64|arm64|p12|s3|ec2|k8s)"
    r"|[^\n]*:$)"
)
"""A date, a host, a path, a measure, a name of a program's, or a word of a technical language."""

SAID = frozenset(
    "changed updated expired expires revoked reset set sent valid required mismatch error errors enabled".split()
)
"""What a sentence says of a secret: in a name, it would make that one of something else."""

OTHERS = (HARMLESS_ENDINGS - SAID) | frozenset(
    "error errors user users username account accounts id ids host url uri link path file page line column server"
    " service endpoint address ip port client provider job task batch request response trace span time at by from on in"
    " since until after before email mail phone version build commit branch region cluster pod node container image"
    " instance device model hash checksum size number order ticket invoice reference reason message key caller"
    " app application process thread cache queue topic bucket item entry event step tenant org project repo"
    " duration took ago table database schema role group team owner customer member subject domain realm origin"
    " for of to as with via run expires"
    " uuid guid sku zip postcode section chapter module package library class function".split()
)
"""What stands behind one of these is called by it, and is no value of the secret that was named before."""

ANYTHING = frozenset(
    "value values val data text content body plain plaintext raw key code string default input output result it is was"
    " are be to now below following equals got expected received given param params args arg".split()
)
"""What a value may be called, or what is said before one, and says nothing of it."""

# Nor is what is escaped, a place in a template, an option, a part of a program or a file.
_IN_NO_SECRET = expression(r"^[&$<]|[{}]|^--|::|\w=\w|\.(?:[a-z]{1,4}\d?|\d{1,3})$")


def is_like_one(word: str) -> bool:
    """Whether a word of a page looks like a secret, and like nothing else: `GET_METADATA` is a name."""
    is_one = is_unspeakable(word) or (is_opaque(word) and any(map(str.isdigit, word)))
    return is_one and NO_SECRET.match(word) is None and _IN_NO_SECRET.search(word) is None
