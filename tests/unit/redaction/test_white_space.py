"""White space of every kind, wherever it stands in a text: it is looked at, and what cannot be is withheld."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction, aligned
from opentelemetry_exporter_moesif.redaction.steps import Steps

BLANKS = st.sampled_from(
    [*" \t\r\n\x0b\x0c\x1c\x1d\x85\xa0\u2028\u2029\u3000\u200b\ufeff", "  ", "\n\n", " \xa0", "\u3000  "]
)
WORDS = st.sampled_from(
    ["password", "user", "token", "1", "-", "---", "|", ",", ";", ":", "=", "&", "\\\\", "<td>", "{|", "hunter2X9q"]
)
TEXTS = st.lists(BLANKS | WORDS, max_size=14).map("".join)


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, with what could not be looked at."""
    caplog.set_level(logging.WARNING, logger="opentelemetry_exporter_moesif")
    return caplog


@pytest.mark.parametrize(
    "text",
    [
        "Your password\nhas been reset.  \xa0\nBye",
        "token list\n\u3000a\n \u3000  b",
        "note\nx  \x0cy\npassword",
        "token\n\x0b\t\x0b\nx",
        "password\t\u2028\nx\ty",
    ],
)
def test_a_gap_beside_white_space_of_another_kind_is_none(text: str, faults: pytest.LogCaptureFixture) -> None:
    Redaction().text(text)

    assert not faults.records


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_white_space_fails_a_look(texts: list[str]) -> None:
    redaction = Redaction()
    for text in texts:
        aligned.without_secrets(text, redaction.secret_fields, Steps(len(text)))

    assert redaction.bodies.json(json.dumps(dict(enumerate(texts))).encode()) is not None


def test_what_cannot_be_looked_at_is_withheld(
    monkeypatch: pytest.MonkeyPatch, faults: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(aligned, "without_secrets", lambda *_: int(""))
    redaction = Redaction()

    assert redaction.text("my password:\nx1y2") == MASKED
    assert redaction.bodies.json(b'{"0": "my password:\\nx1y2", "1": "a"}') == {"0": MASKED, "1": "a"}
    assert "ValueError" in faults.text
    assert "x1y2" not in faults.text
