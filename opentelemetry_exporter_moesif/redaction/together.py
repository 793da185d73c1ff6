"""Short texts of one document that are looked at together: what a look costs, however short a text, is paid once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import preceding
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.spelling import decoded
from opentelemetry_exporter_moesif.redaction.steps import LETTERS_OF_A_STEP, STEPS_OF_A_TEXT
from opentelemetry_exporter_moesif.redaction.views import ENCODED, levels

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.notations import Notations
    from opentelemetry_exporter_moesif.redaction.steps import Steps

# Each text is a line. What a name at the end of one would take for its value is masked already, and stays as it is.
_BETWEEN = f"\n{MASKED}\n"
_LONGEST = 256
_MOST_LETTERS = 4096
# What goes on from one line to the next, or counts lines: those texts are looked at one by one.
_ODD = expression(r"[\x00-\x1f<|\\\u2502\u2503\u2551]|^ *(?:[{\[:]|data:|event:|id:|retry:)")
_QUOTES = "\"'`"

Way = Callable[[str, "Steps"], str]
"""From a text to what is left of it."""


class Together:
    """Finds out of many texts at once what is left of them, where a look at all of them tells.

    A look at some lines masks at least what a look at each would. So where it leaves a line as it is, nothing is in
    it; what it masks besides is none of its business here, and those texts are looked at one by one.

    Args:
        names: Which names are secrets' in a text.
        credentials: Takes what is a credential by its shape out of each of several texts.
        first: Takes out of a text what stays within one word.
        notations: Take the rest out of it.
    """

    def __init__(
        self, names: SecretNames, credentials: Callable[[list[str]], list[str]], first: Way, notations: Notations
    ) -> None:
        self._names = names
        self._credentials = credentials
        self._first = first
        self._notations = notations

    def settled(self, given: dict[str, str], steps: Steps) -> Iterator[tuple[str, str]]:
        """Those of several texts of which that tells what is left, each with it.

        Args:
            given: The texts, each without credentials.
            steps: What they may cost.
        """
        try:
            texts = self._of_one_level([text for text in given if self._is_simple(text)])
            for encoded in (False, True):  # a "+" is a blank where something is percent-encoded
                for group in _groups(text for text in texts if ("%" in text) is encoded):
                    yield from self._of_group(group, [given[text] for text in group], steps)
        except Exception:  # noqa: BLE001 - too many steps, or a fault: each is looked at alone
            return

    def _of_one_level(self, texts: list[str]) -> list[str]:
        """Those that are as simple when they are decoded, and then hold nothing that is encoded again."""
        views = decoded("\n".join(texts))
        each, again = views.split("\n"), decoded(views).split("\n")
        if not len(each) == len(again) == len(texts):
            return [text for text in texts if not ENCODED.search(text)]
        return [
            text
            for text, view, last in zip(texts, each, again, strict=True)
            if view == last and (text == view or self._is_simple(view))
        ]

    def _is_simple(self, text: str) -> bool:
        return (
            len(text) <= _LONGEST
            and _ODD.search(text) is None
            and not (";" in text and "=" in text)
            and not ("-" in text and any(map(text.__contains__, _QUOTES)))
            and not preceding.ends_in_a_name(text, self._names)
        )

    def _of_group(self, texts: list[str], lines: list[str], steps: Steps) -> Iterator[tuple[str, str]]:
        steps.take(STEPS_OF_A_TEXT)
        clean = _lines(self._first(_text(lines), steps), len(texts))
        same = self._unchanged(clean, steps) if clean else None
        if not clean or not same:
            return
        for view in levels(_text(clean), steps):
            inner = _lines(view, len(texts))
            plain = inner and _lines(self._first(_text(self._credentials(inner)), steps), len(texts))
            unchanged = self._unchanged(plain, steps) if plain else None
            if not inner or not plain or not unchanged:
                return
            same = [
                each and is_same and line == left
                for each, is_same, line, left in zip(same, unchanged, inner, plain, strict=True)
            ]
        yield from ((text, line) for text, line, is_same in zip(texts, clean, same, strict=True) if is_same)

    def _unchanged(self, lines: list[str], steps: Steps) -> list[bool] | None:
        """Which of the lines hold nothing in any notation."""
        text = _text(lines)
        steps.take(len(text) // LETTERS_OF_A_STEP)
        left = _lines(self._notations.masked(text, steps).text, len(lines))
        return [line == rest for line, rest in zip(lines, left, strict=True)] if left else None


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    length = 0
    for text in texts:
        group.append(text)
        length += len(text) + len(_BETWEEN)
        if length > _MOST_LETTERS:
            yield group
            group, length = [], 0
    if group:
        yield group


def _text(lines: Iterable[str]) -> str:
    return _BETWEEN.join(lines)


def _lines(text: str, count: int) -> list[str] | None:
    """The lines again that a text was made of; None where what was masked goes on from one to the next."""
    lines = text.split("\n")
    if len(lines) != 2 * count - 1 or lines[1::2].count(MASKED) != count - 1:
        return None
    return lines[::2]
