"""Flags and the like in a command: `--password …`, `-u bob:…`, `ENV TOKEN …`, and the same in a list of arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.steps import Steps

_VALUE = r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'`]+)"
# Also in a list of YAML's, or of arguments in quotes: `'-u', 'bob:…'`.
_FLAG = expression(
    r"-(?<![^\s\"'`\[(,]-)-?(?P<name>[A-Za-z][\w-]{0,63})"
    r"(?:[ \t]+|=|[\"'],[ \t]*(?=[\"'])|[\"']?\r?\n[ \t]*-[ \t]+)" + _VALUE
)
_SETTERS = ("ENV", "ARG", "etenv", "etEnv", "HSET", "HMSET", "fastcgi_param", "php_value", "_header")
_SETTER = expression(
    r"\b(?:ENV|ARG|SetEnv|setenv|HSET|HMSET|fastcgi_param|php_value|add_header|proxy_set_header)"
    r"[ \t]+(?P<name>[A-Za-z][\w-]{0,63})[ \t]+" + _VALUE
)
_ATTACHED_USER = expression(r"-u(?<![^\s\"'`]-u)(?=[^\s:]{1,64}:)[^\s\"']+")
_USER_FLAGS = frozenset(("u", "U", "user", "proxy-user", "cert", "E", "A", "auth"))
_SECRET_FLAGS = frozenset(("oauth2-bearer", "proxy-pass", "tlspassword"))
_ACCOUNT = re.compile(r"[A-Za-z][\w.@-]*:(?!\d*$)[^\s/]+").fullmatch
_NEXT_FLAGS = (" -", "\t-")
_MASKED = frozenset((MASKED, f'"{MASKED}"', f"'{MASKED}'"))


class Flags:
    """Masks what flags of secrets' names, and those for a user and a password, are given.

    Args:
        names: Which names are secrets'.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names

    def masked(self, text: str, steps: Steps) -> str:
        """The text without it.

        Raises:
            TooManyStepsError: It costs more than anything ordinary does.
        """
        if "-" in text:
            text = _ATTACHED_USER.sub(f"-u{MASKED}", self._without_flags(text, steps))
        if any(map(text.__contains__, _SETTERS)):
            text = _SETTER.sub(self._masked_flag, text)
        return text

    def _without_flags(self, text: str, steps: Steps) -> str:
        pieces: list[str] = []
        end = position = 0
        while flag := _FLAG.search(text, position):
            steps.take(1)
            clean = self._masked_flag(flag)
            position = flag.end()
            if clean != flag[0]:
                pieces += text[end : flag.start()], clean
                end = position
            elif text.startswith(_NEXT_FLAGS, flag.start("value") - 1):
                position = flag.start("value")  # `-s -u bob:…`: what follows is no value, but the next flag
        return "".join((*pieces, text[end:]))

    def _masked_flag(self, flag: re.Match[str]) -> str:
        name, value = flag["name"], flag["value"]
        if value in _MASKED or not (self._names[name] or name in _SECRET_FLAGS or _is_of_user(name, value)):
            return flag[0]
        return flag[0][: flag.start("value") - flag.start()] + MASKED


def _is_of_user(name: str, value: str) -> bool:
    """Whether a flag is given a user and a password, or a cookie."""
    if name == "b":
        return "=" in value
    # A password with an "@" was taken for one before a host: `-u bob:P@ssword`.
    is_rest = value.lstrip("\"'").startswith(f"{MASKED}@")
    return (name in _USER_FLAGS and (":" in value or is_rest)) or (name == "a" and _ACCOUNT(value) is not None)
