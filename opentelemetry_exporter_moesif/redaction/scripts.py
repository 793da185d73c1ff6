"""JavaScript in a page: what stands there behind a secret's name is a part of the program more often than a secret.

A program quotes its texts: a value without quotes that consists of letters is the name of something else, as in
`token = response.token;`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.remembered import once

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.masks import Span

_START = expression(r"<(?i:script)\b(?P<attributes>[^<>]{0,1024})>")
_END = expression(r"</(?i:script)\b")
_TYPE = expression(r"(?i:\btype\s?=\s?[\"']?(?P<type>[\w/+.-]{1,64}))")
_OF_PROGRAMS = frozenset("text/javascript application/javascript text/ecmascript module text/babel".split())

_NAME = r"[A-Za-z_$]{1,64}\d?(?![\w$])"
# What a function is given: names, or what an element or a cookie is called.
_GIVEN = (
    r"\([^()\"'`\n\d]{0,64}\)"
    r"|\([\"'][^\"'\n\d]{0,32}(?i:token|passw|secret|csrf|xsrf|key|auth|cookie|pwd)[^\"'\n\d]{0,32}[\"']\)"
)
_TYPE_OF_FIELD = r"[\"'](?:password|text|hidden)[\"']"
# Behind it stands no text that the program quotes, but for a type of a field.
_CODE = expression(
    rf"(?:(?:await|new|typeof)[ ]|!{{1,2}})?{_NAME}(?:\??\.{_NAME}|{_GIVEN}|\[{_NAME}\]){{0,16}}"
    rf"(?=[ \t]{{0,8}}(?:[;,)}}\]:{{]|\r?\n|[?+&|=!<>*/](?:[^\"'`\n;]|{_TYPE_OF_FIELD}){{0,128}}[;\n]))"
    rf"|{_TYPE_OF_FIELD}(?=\s{{0,8}}[;,)?:&|])"
)
_BEHIND_A_TEXT = expression(r"[\"'`][ \t]{0,8}[)+;,\]}]")
# What is no statement: texts, and comments, which may tell a secret without quotes of its own. One that never ends goes
# on to the end of its line, or of all.
_TEXT_OR_COMMENT = expression(
    r"'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|`[^`\\]*(?:\\.[^`\\]*)*`?"
    r"|/(?:(?<!:/)/[^\n]*|\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?)",
    re.DOTALL,
)
_GIVEN_TEXT = expression(r"\(\s{0,8}[\"'`](?P<text>[^\"'`\n]*)")
_METHODS = ("replace", "split", "indexOf", "match", "test", "includes", "startsWith", "endsWith", "join", "concat")
_OF_TEXTS = tuple(f".{method}" for method in _METHODS)
_LONGEST_METHOD = 12


class Scripts:
    """The programs in a page, which are read when the first secret's name is found.

    Args:
        text: The page, or any text.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @once
    def _spans(self) -> tuple[Span, ...]:
        return tuple(_scripts(self._text)) if "<script" in self._text or "<SCRIPT" in self._text else ()

    @once
    def _no_code(self) -> list[Span]:
        return [found.span() for span in self._spans for found in _TEXT_OR_COMMENT.finditer(self._text, *span)]

    def tell_nothing(self, at: int) -> bool:
        """Whether what stands at a place is a part of a program, and no text that it quotes."""
        if not self._spans:
            return False
        script = bisect_right(self._spans, (at, at)) - 1
        if script < 0 or at >= self._spans[script][1]:
            return False
        inner = bisect_right(self._no_code, (at,)) - 1
        if inner >= 0 and at < self._no_code[inner][1]:  # in a text, or a comment
            return at == self._no_code[inner][1] - 1 and _BEHIND_A_TEXT.match(self._text, at) is not None
        if self._text[at : at + 1] == "(" and self._text.endswith(_OF_TEXTS, max(at - _LONGEST_METHOD, 0), at):
            given = _GIVEN_TEXT.match(self._text, at)
            return given is None or not is_opaque(given["text"])
        return _CODE.match(self._text, at) is not None


def _scripts(text: str) -> Iterator[Span]:
    end = 0
    while start := _START.search(text, end):
        closing = _END.search(text, start.end())
        if closing is None:  # in no page, but in the log of an attack
            return
        end = closing.start()
        kind = _TYPE.search(start["attributes"])
        if kind is None or kind["type"].lower() in _OF_PROGRAMS:
            yield start.end(), end
