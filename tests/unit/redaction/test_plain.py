"""What the renderer takes for plain holds nothing: it need not ask."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES
from opentelemetry_exporter_moesif.redaction.plain import (
    DOUBLED,
    HARMLESS_IN_WORDS,
    LONGEST_WORD,
    TELLING,
    WORD,
    is_plain,
)

REDACTION = Redaction()
BETWEEN = "".join(sorted(set(string.printable) - set(TELLING) - set(WORD) - set(string.whitespace)))
short = st.text(WORD, min_size=1, max_size=LONGEST_WORD)
known = st.sampled_from(sorted(name for name in DEFAULT_NAMES if len(name) <= LONGEST_WORD and "=" not in name))
ids = st.text(HARMLESS_IN_WORDS, min_size=1, max_size=64)
starts = st.sampled_from(
    [
        "eyJ",
        "ghp_",
        "sk_live_",
        "AKIA",
        "Bearer",
        "Basic",
        "1//0"[:1],
        "SG",
        "xoxb-",
        "hvs",
        "ya29",
        "SG.",
        "hvs.",
        "ya29.",
    ]
)
words = short | known | ids | starts
plain = st.lists(st.tuples(words, st.text(BETWEEN, min_size=1, max_size=2)), max_size=8).map(
    lambda pairs: "".join(word + between for word, between in pairs)
)


@settings(max_examples=500, deadline=None)
@given(plain)
def test_a_plain_text_is_left_as_it_is(text: str) -> None:
    if DOUBLED * 2 not in text:
        assert REDACTION.texts.scrubbed(text).text == text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.ip_addresses(v=4).map(str), min_size=2, max_size=5), st.sampled_from([",", ", "]))
def test_a_list_of_ipv4_addresses_is_plain_and_left_as_it_is(addresses: list[str], between: str) -> None:
    text = between.join(addresses)

    assert is_plain(text)
    assert REDACTION.texts.scrubbed(text).text == text


def test_nothing_is_plain_where_a_number_is_the_name_of_a_secret() -> None:
    assert Redaction(fields=["007"]).has_patterns


@pytest.mark.parametrize("value", ["2043", "204, 305"])
def test_a_number_in_a_header_is_masked_where_a_pattern_says_so(value: str) -> None:
    headers = {"Content-Length": value}
    Redaction(values=[re.compile(r"[0-9]{3,}")]).envelope({"request": {"uri": "https://h/", "headers": headers}})

    assert headers["Content-Length"] != value


@pytest.mark.parametrize("others", [0, 3_000], ids=["at once", "when more texts came than are remembered"])
def test_a_pattern_that_finds_the_mask_leaves_a_masked_header_as_it_is(others: int) -> None:
    redaction = Redaction(values=[re.compile("REDACTED")])
    for number in range(others):
        redaction.text(f"text {number}")
    headers = {"Authorization": "Bearer opaque", "Accept": "text/html"}

    redaction.envelope({"request": {"uri": "https://h/", "headers": headers}})

    assert headers == {"Authorization": "[REDACTED]", "Accept": "text/html"}
