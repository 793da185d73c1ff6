"""What the renderer takes for plain holds nothing: it need not ask."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES
from opentelemetry_exporter_moesif.redaction.plain import DOUBLED, HARMLESS_IN_WORDS, LONGEST_WORD, TELLING, WORD

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
