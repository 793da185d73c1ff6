"""What a body costs is counted: what is hostile is withheld, what is ordinary is looked at to its end, however long."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.steps import calls_within

from opentelemetry_exporter_moesif.mapping.body import CapturedBody, event_body
from opentelemetry_exporter_moesif.redaction import MASKED, Redaction, pairs, places, steps
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES, SecretNames
from opentelemetry_exporter_moesif.redaction.steps import STEPS_OF_ITS_OWN, Steps, TooManyStepsError
from opentelemetry_exporter_moesif.redaction.values import DEFAULT_SHAPES

LENGTH = 100_000
MOST_CALLS = 2_000_000  # of functions
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


SHORT: dict[str, Callable[[int], Any]] = {
    "of a name": lambda n: f"Secret garden {n}",
    "of a sentence": lambda n: f"a token for {n}",
    "with an entity": lambda n: f"Sun &amp; Moon signature dish {n}",
    "with an entity and no name": lambda n: f"Bob&#39;s shop {n}",
    "in German": lambda n: f"Gr\u00f6\u00dfe \u2013 token {n}",
    "of mail": lambda n: f"mailto:user{n}@example.com",
    "of people": lambda n: f"http://x.y/@ann{n}",
    "of URLs": lambda n: [
        f"https://api.test/repos/o{n}/token-service/{each}" for each in ("forks", "keys{/id}", "issues{/n}", "pulls")
    ],
}
OWN_PATTERNS = Redaction(values=[*DEFAULT_SHAPES, "card-number", re.compile("acme_[0-9a-f]{32}")])


@pytest.mark.parametrize("redaction", [Redaction(), OWN_PATTERNS], ids=["default", "patterns"])
@pytest.mark.parametrize("kind", SHORT)
def test_a_list_of_short_records_stays_as_it_is_however_many(kind: str, redaction: Redaction) -> None:
    items = [{"id": n, "title": SHORT[kind](n)} for n in range(1500)]

    assert redaction.bodies.json(json.dumps({"items": items}).encode()) == {"items": items}


LONG = {
    "an access log": "".join(
        f'10.0.0.{n % 255} - - [01/Jan/2026:10:00:00 +0000] "GET /items/{n}?q=a%20b&p={n} HTTP/1.1" 200 {n} "-"\n'
        for n in range(2000)
    ),
    "a feed": "<feed>"
    + "".join(f'<e><t>Secret garden &amp; {n}</t><link href="https://x.y/?a={n}&amp;b=2"/></e>' for n in range(1500))
    + "</feed>",
    "a minified script": "".join(f"var t{n}=e.token,n=r(t{n}),o=n.tokens||[];" for n in range(3000)),
    "lines of JSON": "".join(f'{{"id": {n}, "event": "password reset &amp; more"}}\n' for n in range(3000)),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_very_long_text_without_secrets_stays_as_it_is(kind: str) -> None:
    content = LONG[kind].encode()

    assert Redaction().bodies.text(content) == content


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
    "foreign texts of a document": (lambda numbers: f'"\u00e9token {word(numbers)}",', JSON),
    "encoded texts of a document": (
        lambda numbers: '"' + "".join(f"%25252541{word(numbers)}token\\n" for _ in range(100)) + '",',
        JSON,
    ),
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


def test_and_would_cost_more_if_they_were_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    body = hostile("encoded texts of a document")
    counted = calls_within(lambda: event_body(body, Redaction(), 2 * LENGTH))
    monkeypatch.setattr(Steps, "take", lambda _steps, _count: None)

    assert calls_within(lambda: event_body(body, Redaction(), 2 * LENGTH)) > 1.5 * counted


@pytest.fixture
def no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are none but those that each text of a document has of its own."""
    monkeypatch.setattr(steps, "_LEAST", 0)
    monkeypatch.setattr(steps, "_OF_A_LETTER", 0)


LONG_TEXTS = [f"a token for {n}, " * STEPS_OF_ITS_OWN for n in range(30)]
SHORT_TEXTS = ["plain", "1 + 1 = 2", *(f"a token for {n}" for n in range(30))]


@pytest.mark.usefixtures("no_steps")
def test_a_text_beyond_its_steps_is_masked_whole() -> None:
    assert Redaction().text(LONG_TEXTS[0]) == MASKED


@pytest.mark.usefixtures("no_steps")
def test_long_texts_of_a_document_beyond_its_steps_are_masked_and_short_ones_are_left() -> None:
    value = OWN_PATTERNS.bodies.json(json.dumps([*LONG_TEXTS, *SHORT_TEXTS, "plain " * 1000]).encode())

    assert value == [MASKED] * len(LONG_TEXTS) + [*SHORT_TEXTS, "plain " * 1000]


@pytest.mark.usefixtures("no_steps")
def test_no_key_is_lost_where_several_are_masked() -> None:
    keys = [*LONG_TEXTS, *SHORT_TEXTS]

    value = OWN_PATTERNS.bodies.json(json.dumps(dict.fromkeys(keys, 1)).encode())

    assert {*value} == {*SHORT_TEXTS, MASKED, *(f"{MASKED} {n}" for n in range(2, len(LONG_TEXTS) + 1))}


def test_steps_are_counted_down_to_the_last() -> None:
    few = Steps(0)
    few.take(few.left)

    with pytest.raises(TooManyStepsError):
        few.take(1)


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
        patch.setattr(places, "SHORT", block)
        found = pairs.Pairs(names).masked(text, Steps(10**6))

    assert found == pairs.Pairs(names).masked(text, Steps(10**6), [(0, len(text))])


class Clock:
    """A clock that goes on by a millisecond whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.005
        return self.now


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("token = a\n" * 10_000, TEXT),
        ("<td>token</td><td>a</td>" * 4000, HTML),
        ("| token | a |\n" * 7000, TEXT),
        ("'a' to 'b' with password " * 4000, TEXT),
        ("-a -b --token x " * 6000, TEXT),
        ("token" + "\\\\ a & b \\\\" * 10_000, TEXT),
        ("your token is a and " * 5000, TEXT),
        ("\n\ntoken" * 12_000, TEXT),
        (json.dumps({f"token {n}": "a" for n in range(7000)}), JSON),
        ("&".join(f"a{n}=token+is+{n}" for n in range(1900)), FORM),
    ],
)
def test_what_takes_long_is_left_out_after_a_while_whatever_it_is(
    content: str, media_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(steps, "clock", clock)

    value, note = told(content, media_type)

    assert clock.now < 0.4  # seconds: it is not asked again and again
    assert note == "withheld" or str(value).count(MASKED) > 1000


def test_what_is_short_is_looked_at_to_its_end_however_long_that_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "clock", iter(range(10**6)).__next__)

    assert Redaction().text("a token for you, and the token: abc") == f"a token for you, and the token: {MASKED}"
