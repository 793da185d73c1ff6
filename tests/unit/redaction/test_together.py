"""Short texts of a document are looked at together, and each is left as if it had been looked at alone."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.steps import calls_within

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.values import DEFAULT_SHAPES

REDACTION = Redaction()
OWN_PATTERNS = Redaction(values=[*DEFAULT_SHAPES, re.compile(r"^acme_\d{4}$")])
MOST_CALLS_OF_A_TEXT = 100  # of functions; alone, each of them takes 135 to 280

PARTS = st.sampled_from(
    [
        *("token", "password", "api key", "x1y2z3w4", "hunter2", "a", "is", "as", "for", "value", "user", "login"),
        *("=", ": ", " ", " ", ", ", ";", "&", "&amp;", "%20", "%3D", "+", "?", "//", "@h", ".", "-", " --", "(", ")"),
        *("'", '"', "<b>", "|", "\n", "\\", "é", "пароль", "[REDACTED]", "Bearer ", "acme_1234", "data:", "$1"),
    ]
)


@pytest.mark.parametrize("redaction", [REDACTION, OWN_PATTERNS], ids=["default", "patterns"])
@given(st.lists(st.lists(PARTS, min_size=1, max_size=8).map("".join), min_size=3, max_size=40))
@settings(max_examples=150, deadline=None)
def test_each_text_is_left_as_if_it_were_alone(redaction: Redaction, texts: list[str]) -> None:
    document = {f"label {number}": text for number, text in enumerate(texts)}

    left = redaction.bodies.json(json.dumps(document).encode())

    assert left == {key: redaction.texts[text] for key, text in document.items()}


@pytest.mark.parametrize(
    "text",
    [
        "a token expires {}",
        "Password ({}):",
        "see user{}@h: token",
        "déjà vu: token {}",
        "key & token %d {}",
    ],
)
def test_a_text_that_tells_nothing_costs_little_among_many(text: str) -> None:
    content = json.dumps([text.format(number) for number in range(1000)]).encode()
    redaction = Redaction()
    Redaction().bodies.json(content)  # expressions are compiled where they are first used

    assert calls_within(lambda: redaction.bodies.json(content)) < MOST_CALLS_OF_A_TEXT * 1000
