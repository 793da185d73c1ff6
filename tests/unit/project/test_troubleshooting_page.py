"""The page quotes what the code says, and leaves none of it out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import opentelemetry_exporter_moesif as package
from opentelemetry_exporter_moesif.delivery.exchange import answer, failure

PACKAGE = Path(package.__file__).parent
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
REASONS = (ROOT / "docs" / "self-metrics.md").read_text()
LOSSES = ["rejected", "oversize", "backlog_full", "expired", "damaged", "shutdown", "mapping_error", "mask_error"]
# What the parts of the product that run beside a service say, and not what a person sees at a terminal or on the page.
SOURCES = [
    path for path in PACKAGE.rglob("*.py") if {"cli", "local_collector"}.isdisjoint(path.relative_to(PACKAGE).parts)
]
# What is filled in has rows of its own.
FRAMES = {"", "\n", "Moesif exporter: \n"}
HINTS = sorted({*answer._HINTS.values(), *answer._HINTS_BY_CLASS.values(), *failure._HINTS.values()})
TABLES_OF_OTHER_SOFTWARE = {"Nothing arrives, and nothing is logged", "Arrives, but wrong"}


def _text(node: ast.AST) -> str | None:
    """A literal's text; what is filled in later becomes a line feed, which no message has."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%[sdg]|\{count\}", "\n", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "\n" for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body)}\n{_text(node.orelse)}"
    return None


@cache
def _nodes() -> list[ast.AST]:
    return [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text()))]


@cache
def _all_texts() -> list[str]:
    return [text for text in map(_text, _nodes()) if text]


def _quotes() -> list[str]:
    sections = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)
    rows = [
        line
        for heading, section in zip(sections[1::2], sections[2::2], strict=True)
        if heading not in TABLES_OF_OTHER_SOFTWARE
        for line in section.splitlines()
    ]
    return [quote[1] for quote in (re.match(r"\| `([^`]+)` \|", row) for row in rows) if quote]


def _fragments(quote: str) -> list[str]:
    return [part.strip() for part in quote.split("…") if part.strip(" (")]


def _logged() -> Iterator[str]:
    """The messages of calls such as `_logger.warning("…")`, by a literal or by the name of a constant."""
    constants = {
        node.targets[0].id: text
        for node in _nodes()
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (text := _text(node.value))
    }
    for node in _nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            logger = ast.unparse(node.func.value)
            if logger.endswith("_logger") and node.func.attr in {"debug", "info", "warning", "error", "exception"}:
                argument = node.args[0]
                yield (constants.get(argument.id, "") if isinstance(argument, ast.Name) else _text(argument)) or ""


@pytest.mark.parametrize("quote", _quotes())
def test_each_message_that_the_page_quotes_is_one_of_the_code(quote: str) -> None:
    texts = _all_texts()
    assert [part for part in _fragments(quote) if not any(part in text for text in texts)] == []


@pytest.mark.parametrize("message", sorted(set(_logged()) - FRAMES))
def test_each_message_of_the_code_is_on_the_page(message: str) -> None:
    assert any(_fragments(quote)[0] in message for quote in _quotes())


@pytest.mark.parametrize("hint", HINTS)
def test_each_hint_of_the_code_is_on_the_page(hint: str) -> None:
    assert any(hint.startswith(quote) for quote in _quotes())


@pytest.mark.parametrize(("kind", "hint"), [*failure._HINTS.items(), *answer._HINTS.items()])
def test_each_hint_stands_beside_the_word_that_the_log_has_in_brackets(kind: str | int, hint: str) -> None:
    words = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", PAGE, flags=re.MULTILINE))
    assert str(kind) in next(words for quote, words in words.items() if hint.startswith(quote))


@pytest.mark.parametrize("reason", LOSSES)
def test_each_reason_of_a_loss_is_told_with_what_to_do(reason: str) -> None:
    assert f"| `{reason}` |" in REASONS
