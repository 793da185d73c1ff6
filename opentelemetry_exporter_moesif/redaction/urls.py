"""URLs in a text: the values of secret parameters and all user information, wherever a URL stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, MASKED_PARAMETER, Span, without
from opentelemetry_exporter_moesif.redaction.several import is_one

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

# The start and name of a parameter of a query or of a fragment, wherever a URL stands in a text; and a secret's value,
# which goes on beyond a ";" since not everybody takes that for a separator.
_PARAMETER = expression(r"[?&;#](?P<name>[^=&;#?\s]*)=")
_PARAMETER_OF_URI = expression(r"[?&;#](?P<name>[^=&;#?]*)=")
_VALUE = expression(r"[^&#\s\"<>]*(?:&[^=&#;\s\"<>]*(?=[&#\s\"<>]|$))*")
# A connection string's goes on beyond what ends it elsewhere, up to the next key: `;Password=a b&c;Encrypt=True`.
_VALUE_IN_PATH = expression(r"[^&#?\s\"<>]*(?:[ \t&#?][^;\n\"<>]{0,64}(?=;(?:[ \t]?[A-Za-z][\w ]{0,32}=|[\"']|$)))?")
_VALUE_IN_PATH_OF_URI = expression(r"[^&#?]*")
# In a text that is one URI, all is a part of it: what should have been encoded, a "#", and an "&" that no "=" follows.
_VALUE_OF_URI = expression(r"[^&]*(?:&[^=&]*(?=&|$))*")
# The same of a URL that is itself a parameter's value, percent-encoded whole: `?next=https%3A%2F%2F…%3Ftoken%3D…`.
_ENCODED_PARAMETER = expression(
    r"(?P<start>%(?:3F|26|3B|23)(?P<name>(?:(?!%(?:3F|26|3B|23|3D))[^=&;#?\s])*)(?:=|%3D))"
    r"(?P<value>(?:(?!%26|%23)[^&#\s\"<>])*)",
    re.IGNORECASE,
)
# After "//", too, where a reference without a scheme starts a text or a link.
# There a host has to follow: XPath's `//input[@name]` and a comment's `//todo@bob` are none.
_USER_INFORMATION = expression(
    r"(?<=://)[^/?#\s\"<>]*@|(?:(?<=^//)|(?<=[<\"'(=\s]//))[^/?#\s\"<>\[\]()]*@(?=[\w-]{1,64}[.:/]|\[|localhost\b)"
)
# A password that holds what should have been encoded: behind "user:" stands no port.
_ODD_USER = expression(r"(?<=://)(?!\[)[^/?#\s\"<>@:]*:(?!\d{0,5}(?:[/?#\s\"'<>)\],;.]|$))")
# Without any scheme: `user:password@host`, where a host's port, path or domain follows; but a font's axis of the Google
# Fonts CSS API (`family=Inter:wght@400`).
_BARE_USER = expression(
    r"(?<![\w.+:/@-])(?P<user>[\w.+-]{1,64}):(?!(?:wght|ital|opsz|wdth|slnt)@\d)(?:[^\s@\"'<>/,]{1,256}@(?=[\w(\[/-])"
    r"|[^\s\"'<>]{1,256}@(?=(?:tcp|udp|unix)?\())"
)
_NO_USERS = frozenset("mailto sip sips xmpp acct im email mail from to cc bcc reply-to npm pkg".split())
# The same where the URL is a parameter's value, percent-encoded whole.
_ENCODED_USER_INFORMATION = expression(r"(?<=%3A%2F%2F)(?:(?!%2F|%3F|%23|%26)[^/?#&\s\"<>])*%40", re.IGNORECASE)
_SESSION = 16  # letters at least of a session's id, which Java's servers put into paths: `/items;jsessionid=…`


class Urls:
    """Takes what must never leave out of the URLs in a text; the rest stays as it is, to the letter.

    Args:
        parameters: Which parameters are secrets.

    Attributes:
        secret: The same.
    """

    def __init__(self, parameters: SecretNames) -> None:
        self.secret = parameters

    def masked(self, text: str, *, lossy: bool = False, alone: bool = False) -> str:
        """The text without the secrets of its URLs.

        Args:
            text: Any text, or one URL.
            lossy: The query was decoded already, so that nobody knows where a value ends: the first secret's mask
                goes on to the end.
            alone: The text is one URI, and nothing else.
        """
        if "=" in text:
            text = without(text, self._secrets(text, alone=alone, lossy=lossy), MASKED_PARAMETER)
        if "%" in text and ("%3" in text or "%2" in text):
            text = _ENCODED_PARAMETER.sub(self._masked_encoded, text)
            text = _ENCODED_USER_INFORMATION.sub("", text)
        return _without_users(text) if "@" in text else text

    def _secrets(self, text: str, *, alone: bool, lossy: bool) -> Iterator[Span]:
        of_path, of_query = (_VALUE_IN_PATH_OF_URI, _VALUE_OF_URI) if alone else (_VALUE_IN_PATH, _VALUE)
        parameters = (_PARAMETER_OF_URI if alone else _PARAMETER).finditer(text)
        end = 0
        question = text.find("?")  # a query may begin with what is no parameter: `?a;sig=b?c`
        in_query = False
        for parameter in parameters:
            in_query = in_query or parameter[0][0] != ";" or -1 < question < parameter.start()
            name = parameter["name"]
            if parameter.start() < end or not (self.secret[name] or self.secret.several[name]):
                continue
            if not alone and text.startswith('"', parameter.end()):  # a connection string's: `;Password="…"`
                continue
            value = (of_query if in_query else of_path).match(text, parameter.end())
            stop = value.end() if value else parameter.end()
            if not self.secret[name] and not is_one(name, unquote_plus(text[parameter.end() : stop])):
                continue
            if not in_query and stop - parameter.end() < _SESSION and parameter["name"].lower() == "jsessionid":
                continue
            end = len(text) if lossy else stop
            yield parameter.end(), end

    def _masked_encoded(self, parameter: re.Match[str]) -> str:
        name = parameter["name"]
        if self.secret[name] or (self.secret.several[name] and is_one(name, unquote_plus(parameter["value"]))):
            return parameter["start"] + MASKED_PARAMETER
        return parameter[0]


def _without_users(text: str) -> str:
    text = _USER_INFORMATION.sub("", text)
    if "://" in text:
        text = without(text, _odd_users(text), "")
    return _BARE_USER.sub(_masked_user, text) if ":" in text else text


def _odd_users(text: str) -> Iterator[Span]:
    """Up to the last "@" of the line: nobody can tell which one is the authority's."""
    end = line_end = last = 0
    for user in _ODD_USER.finditer(text):
        if user.end() > line_end:
            line_end = text.find("\n", user.end())
            line_end = len(text) if line_end < 0 else line_end
            last = text.rfind("@", user.end(), line_end)
        if user.start() >= end and last >= user.end():
            end = last + 1
            yield user.start(), end


def _masked_user(match: re.Match[str]) -> str:
    return match[0] if match["user"].lower() in _NO_USERS else f"{MASKED}@"
