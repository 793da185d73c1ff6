"""Phrases that say "token", "secret" or "signature" and tell none: those of a parser, an access log, a stack."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.expressions import expression

# What a parser met is a sign, a keyword or a short name: nothing in quotes on its line may be a secret's value.
_NO_OPAQUE = r"(?![^\n]{0,128}?[\"'`](?=[^\s\"'`]{0,64}\d)(?=[^\s\"'`]{0,64}[A-Za-z])[^\s\"'`]{6})"
_PLAIN_NAME = r"[a-z]{1,40}(?:[-./](?:[a-z]{1,40}|[a-z0-9]{1,5})(?![a-z0-9])){0,8}"
_SOURCE = r"\.(?:java|kt|scala|groovy|py|go|rs|js|mjs|ts|jsx|tsx|rb|cs|php|cpp)"
_IN_DOCUMENTATION = "of|to|for|that|which|used|user(?:['\u2019]s)?|account|must|in|with|from"
_OPERATION = (
    "tags|summary|description|operationId|parameters|requestBody|responses|security|deprecated|consumes|produces"
)
_TYPE = (
    r"(?:type:[ \t]*(?:string|integer|number|boolean|apiKey|http)|\$ref:[ \t]*[\"']?#/[\w/]{1,128}[\"']?"
    r"|format:[ \t]*(?:password|byte|uuid|date-time)|(?:min|max)Length:[ \t]*\d{1,6})"
)
_OF_FIELD = (
    rf"(?:{_TYPE}|(?:nullable|readOnly|writeOnly):[ \t]*(?:true|false)|in:[ \t]*(?:header|query|cookie)"
    r"|(?:title|description):(?:[ \t][A-Za-z'\u2019.,-]{1,24}){1,24}"
    r"|(?:name|scheme|bearerFormat):[ \t]*[A-Za-z-]{1,64})"
)
_QUOTING = "(?:examples?|default|enum|const|pattern):"

# How a name ends, and how what stands behind it starts, where the two are such a phrase.
_KINDS = (
    # JavaScript's "Unexpected token '<'", Jinja's "expected token 'end of print statement', got 'x1'".
    (r"(?i:\b(?:un)?expect(?:ed|ing)[ \t]token)$", rf"{_NO_OPAQUE}(?:[\"'`]|[a-z]{{1,16}}[ \t]\()"),
    (r"(?i:\b(?:function|method)[ \t]signature)$", r"[\"'`]?[\w.:<>*&]{1,64}\("),
    # An access log's "POST /oauth/token HTTP/1.1".
    (r"", r"(?<=[^\s:=][ \t])HTTP/\d(?:\.\d)?(?![\w.])"),
    # A stack's: doFilter(TokenFilter.java:42), TokenService.cs:line 42.
    (r"", rf"[\w$]{{1,128}}{_SOURCE}:\d{{1,6}}\)"),
    (rf"{_SOURCE}$", r"(?:line[ \t])?\d{1,6}(?![\w.])"),
    # What a caller may do: "tokens:read".
    (
        r"(?i:(?:token|secret|key|credential)s?)$",
        r"(?<=:)(?:read|write|create|update|delete|list|view|manage)(?![^\s\"',\]])",
    ),
    # Documentation, which lists what each parameter is for: the password of the user, a token that is used once.
    (
        r"",
        (
            rf"(?<=[`*)]:[ \t])(?:The|An?|Your)"
            rf"(?=[^\n]{{0,256}}[ \t](?:{_IN_DOCUMENTATION})\b)"
            r"(?:[ \t][A-Za-z'\u2019-]{1,24},?){2,24}\.?[ \t]*\r?(?=\n|$)"
        ),
    ),
    # OpenAPI in YAML: a path, with what it says of a method; a field, with what it is and how long.
    (r"", rf"(?:get|put|post|delete|options|head|patch|trace):[ \t]*\r?\n[ \t]+(?:{_OPERATION}):"),
    (
        r"",
        (
            rf"(?={_TYPE})(?:{_OF_FIELD}[ \t]*(?:\r?\n[ \t]*|$)){{1,16}}"
            rf"(?=$|[\w$/'\"{{}}.-]{{1,64}}:[ \t]*(?:\r?\n|$))(?!{_QUOTING})"
        ),
    ),
    # HTML: the key that a link is reached by.
    (r"(?<!\S)accesskey$", r"[\"']?[^\s\"'](?=[\"'\s>])"),
    # Kubernetes: what a Secret is called.
    (
        r"(?i:(?<!client)(?<!shared)(?<!api)(?:^|[ \t])secrets?)$",
        rf"[\"'`]{_PLAIN_NAME}[\"'`][ \t](?:not[ \t]found|already[ \t]exists|is[ \t](?:not[ \t]defined|forbidden))",
    ),
)
_PHRASES = tuple((expression(name), expression(value)) for name, value in _KINDS)
_ANY_VALUE = expression("|".join(value for _, value in _KINDS))


def tells_nothing(text: str, name: str, at: int) -> bool:
    """Whether a name and what follows it are such a phrase.

    Args:
        text: The text.
        name: The name, with the words before it.
        at: Where what follows it starts, behind blanks and separators.
    """
    if _ANY_VALUE.match(text, at) is None:
        return False
    return any(end.search(name) is not None and value.match(text, at) is not None for end, value in _PHRASES)
