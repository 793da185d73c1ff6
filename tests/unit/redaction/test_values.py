"""Credentials that are known by their shape, to the letter at which they begin to be ones."""

from __future__ import annotations

import base64

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction, scrub

CARDS = Redaction(values=["card-number"])


@pytest.mark.parametrize(
    "number",
    [
        "4222222222222",
        "378282246310005",
        "4111111111111111",
        "4111-1111-1111-1111",
        "5555 5555 5555 4444",
        "6304000000000000000",
    ],
)
def test_a_card_number_has_the_right_check_digit(number: str) -> None:
    last = int(number[-1])

    assert CARDS.text(f"card {number} was used") == "card [REDACTED] was used"
    for other in set(range(10)) - {last}:
        assert CARDS.text(f"card {number[:-1]}{other} was used") == f"card {number[:-1]}{other} was used"


@pytest.mark.parametrize("number", ["411111111111", "41111111111111111111", "1.4111111111111111", "4111111111111111-1"])
def test_other_numbers_are_none(number: str) -> None:
    assert CARDS.text(number) == number


@pytest.mark.parametrize("account", ["u:p", "ab:c", "ab:cd", "ab:cde"])
@pytest.mark.parametrize("padded", [True, False])
def test_a_user_and_a_password_are_known_however_short(account: str, padded: bool) -> None:
    credentials = base64.b64encode(f"long{account}".encode()).decode()
    credentials = credentials if padded else credentials.rstrip("=")

    assert scrub(f"sent Basic {credentials} with it") == "sent Basic [REDACTED] with it"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Basic abcdefghijklmn1", False),
        ("Basic abcdefghijklmno1", True),
        ("Token abcdefghijklmnopq", False),
        ("Bearer abcdefghijklmnop", False),
        ("Bearer abcdefghijklmnopq", True),
        ("Bearer abc1de", True),
        ("Bearer abcDef", True),
        ("Bearer Abcdef", False),
        ("Bearer abc_ef", True),
        ("Bearer abcdef.", False),
        ("Bearer abc1d", False),
        ("OAuth abcdefghijklmn1", False),
        ("OAuth abcdefghijklmno1", True),
        ("OAuth client_credentials", False),
    ],
)
def test_what_stands_behind_a_scheme_is_no_word_of_a_sentence(text: str, is_one: bool) -> None:
    assert (scrub(text) != text) is is_one


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "https://discord.com/api/webhooks/123456789012345678/ABCDEFGHIJKLMNOPQRSTUVWXYZ-abc",
        "https://api.telegram.org/bot123456789:AAabcdefghijklmnopqrstuvwxyz/sendMessage",
    ],
)
def test_an_address_that_is_a_key_keeps_its_place_alone(text: str) -> None:
    for masked in (scrub(text), Redaction().uri(text)):
        assert not any(letters in masked for letters in ("XXXX", "bcdef", "BCDEF"))
        assert masked.startswith(text[:24])
