"""Where the value of a secret ends in a text: a quoted one, one in brackets, an element's, a bare one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    import re

_OPENING = expression(r"""(?:[bBuUrRfF]{1,2}(?=["']))?(?P<slashes>\\*)(?P<quote>\"\"\"|'''|["'`])""")
_BRACKET = expression(r"[\[\](){}\"'`]")
_PAIRS = {"[": "]", "(": ")", "{": "}"}
_TYPOGRAPHIC = {"\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u201a": "\u2018", "\u00ab": "\u00bb"}
_TYPOGRAPHIC |= {"\u2039": "\u203a", "\u300c": "\u300d", "\u300e": "\u300f", "\u3010": "\u3011"}
_LONGEST_TYPOGRAPHIC = 256
# Behind a value that ended stands one of these; else it went on.
_DELIMITER = expression(r"[\s,;:)}\]>&|/<\\\"'`.!?]|$")
_FOLLOWING = expression(rf"[ \t]*(?:[+.][ \t]*)?{_OPENING.pattern}")  # "a" "b", "a" + "b", SQL's 'it''s'
# Types in front of a value (Go's spew: `(string) (len=3) "…"`), and a value on the lines up to a word (`<<EOF`).
_TYPES = expression(r"(?:\((?:len=\d{1,9}|[\w.*\[\]]{1,32})\)[ \t]*){1,3}(?=[\"'`])")
_HEREDOC = expression(r"<<[-~]?[ \t]*[\"']?(?P<word>[A-Za-z_]\w{0,31})[\"']?[^\n]*\n")
_SCALAR = expression(r"(?:-?\d[\d.eE+-]*|true|false|null|None|True|False)(?=\s*(?:[,}\])\n]|$))")
# The end of an element that holds a name alone, and what follows it: `<b>Password:</b> …`, or an empty field for it.
# Not where the value may go on behind its element, in another of that kind or in one within a line.
_NEXT_ELEMENT = expression(
    r"</[^<>]{1,128}>\s{0,512}(?:<(?!(?i:input)\b)[^<>]{0,128}>\s{0,512}){0,4}"
    r"(?:(?P<value>[^\s<][^<]*)(?=$|</(?P<kind>\w{1,16})>(?!\s{0,64}<(?P=kind)\b)|<(?i:br|p|div|tr|td|li|d[td]|h[1-6]|a|button)\b)"
    r"|(?=<(?i:input)\b(?![^<>]*(?i:value))[^<>]*>))"
)
# A line that starts with white space goes on with the former one (YAML, folded headers of RFC 5322), as does one
# behind a backslash.
# A block of YAML's, with blank lines in it.
_BLOCK = expression(r"[|>][-+1-9]{0,2}[ \t]*(?:#[^\n]*)?\r?(?![^\r\n])(?:\n[ \t]+[^\n]*|\n\r?(?=\n|\r))*")
_LINE = expression(r"[^\n]*(?:(?<=\\)\n[^\n]*|\n[ \t]+[^\n]*)*")


# A list, each item of which is a value, and lines that are a code each: `Recovery codes:\n- …\n- …`.
_ITEM = r"(?:[-*+\u2022]|\d{1,2}[.)])[ \t]+"
_FIRST_ITEM = expression(_ITEM)
_NEXT_ITEM = expression(rf"(?:\r?\n[ \t]*)?\n(?P<indent>[ \t]*)(?P<sign>{_ITEM})?(?=[^\s])[^\n]*")
_CODE = r"(?=[A-Za-z_-]*\d)[\w-]{6,64}[ \t]*\r?"
_CODES = expression(rf"{_CODE}(?:\n[ \t]*{_CODE}(?=\n|$))+")
_DEEPEST_INDENT = 64

# In a document, what stands in an element ends with it.
_END_OF_ELEMENT = expression(
    r"</?(?i:address|article|br|caption|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|table|td|th|tr|ul)\b"
)
_BEFORE_MARKUP = "\ufeff \t\r\n"
_START = 1024
_NEAR = 1024
IN_DOCUMENT = "<>"
"""Before a part of a document, which is none of its own: an element without an end is none there."""


class Extent(NamedTuple):
    """The value of a secret in a text.

    Args:
        start: Where what is masked starts, behind an opening quote.
        end: Where it ends, before a closing quote.
        after: Where the text goes on.
        certain: Whether the end could be told.
    """

    start: int
    end: int
    after: int
    certain: bool


def value_extent(text: str, at: int, *, json: bool) -> Extent:
    """The value that starts at a place.

    Args:
        text: The text.
        at: Behind the separator, and behind white space.
        json: The name stood in quotes, so that a bare number or word is one of JSON's.
    """
    if text.startswith("(", at) and (types := _TYPES.match(text, at)):
        at = types.end()
    if opening := _OPENING.match(text, at):
        return _quoted(text, opening)
    if text.startswith("<", at) and (extent := _behind_markup(text, at)):
        return extent
    first = text[at : at + 1]
    if first in _TYPOGRAPHIC and (closing := text.find(_TYPOGRAPHIC[first], at + 1, at + _LONGEST_TYPOGRAPHIC)) > 0:
        return Extent(at + 1, closing, closing + 1, certain=True)
    if first in _PAIRS and not (text.startswith(MASKED, at) and not json):
        return _bracketed(text, at)
    scalar = _SCALAR.match(text, at) if json else None
    return Extent(at, scalar.end(), scalar.end(), certain=True) if scalar else _bare(text, at)


def _behind_markup(text: str, at: int) -> Extent | None:
    """The value behind the end of an element, or on the lines up to a word."""
    if element := _NEXT_ELEMENT.match(text, at):
        end = at + len(text[at : element.end()].rstrip())
        return Extent(element.start("value") if element["value"] else end, end, end, certain=True)
    if heredoc := _HEREDOC.match(text, at):
        start, end = heredoc.end(), _end_of_heredoc(text, heredoc)
        start += len(text[start:end]) - len(text[start:end].lstrip())
        return Extent(start, end, end, certain=end < len(text))
    return None


def _end_of_heredoc(text: str, heredoc: re.Match[str]) -> int:
    """Where the line ends before the one that the word of a here document starts."""
    start = heredoc.end()
    while (end := text.find(heredoc["word"], start)) >= 0:
        line = max(text.rfind("\n", heredoc.end() - 1, end), heredoc.end() - 1)
        after = end + len(heredoc["word"])
        if not (text[line:end].strip() or text[after : after + 1].isalnum()):
            return max(line, heredoc.end())
        start = end + 1
    return len(text)


def is_markup(text: str) -> bool:
    """Whether a text is a document of HTML or XML, or a part of one."""
    return text[:_START].lstrip(_BEFORE_MARKUP).startswith("<")


def _end_of_list(text: str, at: int, end: int) -> int:
    """Where what starts at a place ends, if it is a list or several codes, each on its line.

    Args:
        text: The text.
        at: Where it starts.
        end: Where it ends if it is no such thing.
    """
    before = text[max(at - _DEEPEST_INDENT, 0) : at]
    indent = before.rpartition("\n")[2]
    if "\n" not in before or indent.strip():
        return end
    if codes := _CODES.match(text, at):
        return max(end, codes.end())
    while _FIRST_ITEM.match(text, at) and (line := _NEXT_ITEM.match(text, end)):
        inner = len(line["indent"])
        if inner < len(indent) or (inner == len(indent) and not line["sign"]):
            break
        end = line.end()
    return end


def _bare(text: str, at: int) -> Extent:
    is_document = is_markup(text)
    # The end of an element is near in most documents, and their only line may be a very long one.
    near = _END_OF_ELEMENT.search(text, at, at + _NEAR) if is_document else None
    stop = near.start() if near else len(text)
    line = (_BLOCK if text[at : at + 1] in {"|", ">"} else _LINE).match(text, at, stop) or _LINE.match(text, at, stop)
    end = line.end() if line else stop
    if near and end == stop:
        return Extent(at, end, end, certain=True)
    if is_document and not near and (closing := _END_OF_ELEMENT.search(text, at, end)):
        end = closing.start()
        return Extent(at, end, end, certain=True)
    if end < stop and text[at] != MASKED[0]:
        end = _end_of_list(text, at, end)
    while end > at and text[end - 1] == "\r":
        end -= 1
    return Extent(at, end, end, certain=False)


def _quoted(text: str, opening: re.Match[str]) -> Extent:
    start = opening.end()
    while (end := _closing(text, opening)) >= 0:
        after = end + len(opening["slashes"]) + len(opening["quote"])
        following = _FOLLOWING.match(text, after)
        if following is None:
            return _unless_it_goes_on(text, Extent(start, end, after, certain=True))
        opening = following
    return Extent(start, len(text), len(text), certain=False)


def _unless_it_goes_on(text: str, extent: Extent) -> Extent:
    if _DELIMITER.match(text, extent.after):
        return extent
    rest = _bare(text, extent.after)
    return Extent(extent.start, rest.end, rest.after, certain=False)


def _closing(text: str, opening: re.Match[str]) -> int:
    r"""Where a text in quotes ends, -1 where it does not.

    Each level of escaping doubles the backslashes before a quote and adds one: `"`, `\\"`, `\\\\\\"`.
    """
    quote, depth = opening["quote"], len(opening["slashes"])
    at = opening.end()
    while (position := text.find(quote, at)) >= 0:
        before = position
        while before > at and text[before - 1] == "\\":
            before -= 1
        count = position - before
        if count < depth:
            return before
        if (count - depth) % (2 * depth + 2) == 0:
            return position - depth
        at = position + len(quote)
    return -1


def _bracketed(text: str, at: int) -> Extent:
    expected: list[str] = []
    position = at
    while bracket := _BRACKET.search(text, position):
        position = bracket.end()
        if bracket[0] in _PAIRS:
            expected.append(_PAIRS[bracket[0]])
        elif bracket[0] in "\"'`":
            opening = _OPENING.match(text, bracket.start())
            closing = _closing(text, opening) if opening else -1
            if opening is None or closing < 0:
                break
            position = closing + len(opening["quote"])
        elif not expected or expected.pop() != bracket[0]:
            break
        elif not expected:
            return _unless_it_goes_on(text, Extent(at, position, position, certain=True))
    return Extent(at, len(text), len(text), certain=False)
