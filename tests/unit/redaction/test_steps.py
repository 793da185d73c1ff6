"""What a body costs is counted: what is hostile is withheld, what is ordinary is looked at to its end, however long."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.steps import calls_within

from opentelemetry_exporter_moesif.mapping.body import CapturedBody, event_body
from opentelemetry_exporter_moesif.redaction import MASKED, Redaction, pairs, places
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES, SecretNames
from opentelemetry_exporter_moesif.redaction.steps import Steps, TooManyStepsError

LENGTH = 100_000
MOST_CALLS = 800_000  # of functions
HTML, TEXT, CSV, JSON, FORM = (
    "text/html",
    "text/plain",
    "text/csv",
    "application/json",
    "application/x-www-form-urlencoded",
)


def filled(part: Callable[[int], str], start: str = "", between: str = "\n") -> str:
    """A text of parts by their numbers, as long as a captured body may be."""
    parts, length = [start], len(start)
    while length < LENGTH - 400:
        parts.append(part(len(parts)))
        length += len((parts[-1] + between).encode())
    return between.join(parts)


def words(count: int, number: int, language: str = "the quick brown fox jumps over a lazy dog") -> str:
    of_language = language.split()
    return " ".join(of_language[(number * 7 + place * place) % len(of_language)] for place in range(count))


def told(content: str, media_type: str) -> tuple[Any, str | None]:
    body = event_body(CapturedBody(content.encode(), media_type), Redaction(), 2 * LENGTH)
    value = body.value
    return (base64.b64decode(value).decode() if body.transfer_encoding == "base64" else value), body.note  # type: ignore[arg-type]


ORDINARY = {
    "a log": (filled(lambda n: f"12:00:{n % 60:02} INFO n={n} path=/items/{n} took=12ms", "a token expires"), TEXT),
    "short lines": (filled(lambda n: f"{n} a=1 b={n} c=x", "a token expires"), TEXT),
    "a page": (
        filled(
            lambda n: f'<div class="c{n}"><a href="/p/{n}?q=1&amp;y={n}">{words(6, n)}</a><b>{words(3, n)}</b></div>',
            "<html><body><p>Of it: a passphrase is long</p>",
        ),
        HTML,
    ),
    "a French page": (
        filled(
            lambda n: f'<p class="a">d\u00e9j\u00e0 &eacute;t\u00e9 {n} <a href="?q=%C3%A9&amp;y={n}">l\u00e0</a></p>',
            "<p>A token expires</p>",
        ),
        HTML,
    ),
    "a table": (filled(lambda n: f"{n},{words(1, n)},{n}.5,{n % 7}", "id,name,price,kind\n1,a passphrase,1.5,1"), CSV),
    "quoted cells": (filled(lambda n: f'"{n}","{words(1, n)}","{n % 7}"', '"id","name"\n"1","a passphrase"'), CSV),
    "a script": (
        filled(lambda n: f"function f{n}(a){{var b={{x:1,y:'{words(1, n)}'}};return b.x+a}}", "// token"),
        TEXT,
    ),
    "lines of JSON": (filled(lambda n: json.dumps({"id": n, "name": words(2, n)}), '{"kind": "a passphrase"}'), TEXT),
    "prose": (filled(lambda n: words(12, n).capitalize() + ".", "A token is a word."), TEXT),
    "Russian prose": (
        filled(
            lambda n: words(
                9, n, "\u044d\u0442\u043e \u0442\u0435\u043a\u0441\u0442 \u0434\u043b\u0438\u043d\u043d\u044b\u0439"
            ),
            "A token.",
        ),
        TEXT,
    ),
    "messages": (
        json.dumps({f"page.{n}": f"{words(4, n)}{': the token' if n % 9 == 0 else '.'}" for n in range(2200)}),
        JSON,
    ),
    "addresses": (json.dumps([{"mail": f"user{n}@example.com", "token_type": "a"} for n in range(1800)]), JSON),
    "a form": ("&".join(f"field{n}={words(1, n)}+{n}%20x" for n in range(1900)) + "&token_type=x", FORM),
    "one field": ("note=a+token+" + words(20_000, 1).replace(" ", "+"), FORM),
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_an_ordinary_long_body_without_secrets_stays_as_it_is(kind: str) -> None:
    content, media_type = ORDINARY[kind]

    assert told(content, media_type) == (json.loads(content) if media_type == JSON else content, None)


def test_a_long_log_loses_its_secrets_and_nothing_else() -> None:
    content = filled(lambda n: f'12:00:{n % 60:02} INFO n={n} user="u{n}" token="{n:016x}" path=/items/{n}')

    assert (
        told(content, TEXT)[0]
        == filled(lambda n: f'12:00:{n % 60:02} INFO n={n} user="u{n}" token="{MASKED}" path=/items/{n}')[
            : len(told(content, TEXT)[0])
        ]
    )


def test_a_document_with_many_texts_loses_its_secrets_and_nothing_else() -> None:
    document = {"a": [{"token": f"x{n}", "text": f"see {n}: {words(6, n)}"} for n in range(1400)]}

    assert told(json.dumps(document), JSON)[0] == {"a": [{**each, "token": MASKED} for each in document["a"]]}


def word(numbers: random.Random) -> str:
    return "".join(numbers.choices(string.ascii_lowercase, k=4))


HOSTILE: dict[str, tuple[Callable[[random.Random], str], str]] = {
    "names of several words": (lambda numbers: f'"{word(numbers)} token x type": ', TEXT),
    "names alone on their lines": (lambda numbers: f"\u00e9{word(numbers)}token\n", TEXT),
    "texts of a document": (lambda numbers: f'"token{word(numbers)}=",', JSON),
    "sentences of a document": (lambda numbers: f'"token {word(numbers)}",', JSON),
    "foreign texts of a document": (lambda numbers: f'"\u00e9token {word(numbers)}",', JSON),
}


def hostile(kind: str) -> CapturedBody:
    part, media_type = HOSTILE[kind]
    numbers = random.Random(1)
    content = filled(lambda _: part(numbers), "[" if media_type == JSON else "token ", "")
    return CapturedBody((content + "1]" * (media_type == JSON)).encode(), media_type)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_body_costs_a_bounded_number_of_steps(kind: str) -> None:
    body, redaction = hostile(kind), Redaction()

    assert calls_within(lambda: event_body(body, redaction, 2 * LENGTH)) < MOST_CALLS


@pytest.mark.parametrize("kind", HOSTILE)
def test_and_would_cost_more_if_they_were_not_counted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Steps, "take", lambda _steps, _count: None)
    body, redaction = hostile(kind), Redaction()

    assert calls_within(lambda: event_body(body, redaction, 2 * LENGTH)) > MOST_CALLS


def test_a_text_beyond_its_steps_is_masked_whole() -> None:
    text = hostile("names of several words").content.decode()

    assert Redaction().text(text) == MASKED


def test_texts_of_a_document_beyond_its_steps_are_masked_and_what_may_hold_nothing_is_left() -> None:
    document = [f"token {number:x}=" for number in range(9000)]

    value, _ = told(json.dumps([*document, "plain", "1 + 1 = 2"]), JSON)

    assert value[0] == document[0]
    assert value[8999:] == [MASKED, "plain", "1 + 1 = 2"]


def test_steps_are_counted_down_to_the_last() -> None:
    steps = Steps(0)
    steps.take(steps.left)

    with pytest.raises(TooManyStepsError):
        steps.take(1)


PARTS = st.sampled_from(
    [
        *(
            "token=abc1 ",
            "my api key: 'x1' ",
            "pass",
            "word",
            ": ",
            "='y' ",
            "t o k e n = z1\n",
            "a-p-i-",
            "key ",
            "{'",
            "'}",
        ),
        *(
            "a ",
            "b=c ",
            "x: y\n",
            "\u200b",
            "p\u0430ss",
            "%74oken=1 ",
            "\0",
            "<token>",
            "lorem ipsum dolor ",
            "\u00e9",
            "s" * 40,
        ),
    ]
)


@given(st.lists(PARTS, max_size=60).map("".join), st.integers(1, 40))
@settings(max_examples=400, deadline=None)
def test_where_no_name_could_stand_no_pair_is_missed(text: str, block: int) -> None:
    names = SecretNames(DEFAULT_NAMES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "BLOCK", block)
        found = pairs.Pairs(names).masked(text, Steps(10**6))

    assert found == pairs.Pairs(names).masked(text, Steps(10**6), [(0, len(text))])
