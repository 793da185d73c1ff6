"""Bodies in odd encodings, in bytes that are no text, and nested deep: what is a secret in them goes, the rest stays."""

from __future__ import annotations

import json
import re

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.levels import TooDeepError

BODIES = Redaction().bodies
BINARY = b"\x80\xff\x00\x01\x0a\x05hello\x12\x20"


@pytest.mark.parametrize(
    "told",
    [
        b"cvv=hunter2X9q12",
        b"%70wd=hunter2X9q",
        b"ghp_0123456789abcdefghijABCDEFGHIJ",
        b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc",
        b"\xa8password\xaahunter2X9q",
    ],
)
def test_bytes_that_tell_a_secret_are_left_out(told: bytes) -> None:
    assert BODIES.text(BINARY + told + b"\x00\x81\xfe") is None


@pytest.mark.parametrize("told", [b"an ordinary sentence", b"otp", b"a=1&b=2&c=3&d=4", bytes(range(256)) * 8])
def test_other_bytes_stay_as_they_are(told: bytes) -> None:
    assert BODIES.text(BINARY + told) == BINARY + told


@pytest.mark.parametrize(
    "told",
    [
        b"\n\x08password\x12\x0ccorrecthorse",  # a map of Protocol Buffers
        b"\x0a\x0b\x01\x11password\x06\x13hunter2x9\x01",  # AMF 3
        b"\x02\x10password\x18correcthorse",  # Avro
        b"user\x1fpassword\x1ebob\x1fcorrecthorse",
    ],
)
def test_bytes_that_tell_a_secret_are_left_out_also_where_they_could_be_a_text(told: bytes) -> None:
    assert BODIES.text(told) is None


@pytest.mark.parametrize("told", [b"\x1b[1mYour password\x1b[0m\x07 is old\x0c", b"\n\x04name\x12\x03bob", b"otp\x01a"])
def test_a_text_with_signs_of_a_terminal_is_one_and_bytes_without_a_secret_stay(told: bytes) -> None:
    assert BODIES.text(told) == told


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_of_one_column_loses_all_of_its_rows(end: str) -> None:
    table = end.join(['"Password"', "correct", "horse battery", ""]).encode()
    clean = BODIES.text(table, is_table=True)
    assert clean == end.join(['"Password"', "[REDACTED]", "[REDACTED]", ""]).encode()


@pytest.mark.parametrize("table", ["name\nbob\n", "token_type\nbearer\n", "id,name\n1,bob\n"])
def test_a_table_without_a_secrets_column_stays(table: str) -> None:
    assert BODIES.text(table.encode(), is_table=True) == table.encode()


@pytest.mark.parametrize(
    "table",
    ["id,password\n\n1,correct\n", "id,password\n1\n2,correct\n", "id,password\r1,correct\r", "id;token\n\n\n1;a"],
)
def test_a_table_with_odd_lines_is_left_out(table: str) -> None:
    assert BODIES.text(table.encode()) is None


@pytest.mark.parametrize("text", ["Name, password\n\nThen, all", "name,token\n\n a,b", "id,password\none\ntwo\n"])
def test_a_sentence_with_a_comma_is_no_heading(text: str) -> None:
    assert BODIES.text(text.encode()) == text.encode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_text_in_wide_letters_without_a_mark_is_read(encoding: str) -> None:
    masked = BODIES.text("a: 1\r\n\tpassword='x'\r\n".encode(encoding))

    assert masked is not None
    assert masked.decode(encoding) == "a: 1\r\n\tpassword='[REDACTED]'\r\n"


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_body_that_is_cut_off_in_a_letter_is_read(cut: int) -> None:
    content = "p\u0430ssword='x' \U0001f600".encode()[:-cut]

    masked = BODIES.text(content)

    assert masked is not None
    assert masked.startswith("p\u0430ssword='[REDACTED]' ".encode())


def test_a_body_in_an_old_alphabet_is_read() -> None:
    assert BODIES.text("caf\xe9 password='x' and more of it".encode("latin-1")) == (
        "caf\xe9 password='[REDACTED]' and more of it".encode("latin-1")
    )


@pytest.mark.parametrize("level", [b"[", b'{"a":'])
def test_a_body_without_any_secret_is_read_to_two_hundred_levels(level: bytes) -> None:
    closing = b"]" if level == b"[" else b"}"

    assert BODIES.json(level * 200 + b"1" + closing * 200)
    with pytest.raises(TooDeepError):
        BODIES.json(level * 201 + b"1" + closing * 201)


def test_large_integers_keep_their_digits() -> None:
    assert BODIES.json(b'{"a": 12345678901234567890123}') == {"a": "12345678901234567890123"}
    assert BODIES.json(b'{"a": 123456789012345678}') == {"a": 123456789012345678}


@pytest.mark.parametrize(
    ("form", "left"),
    [
        (b'{"password": "x"}', None),
        (b"password: x y", None),
        (b"q=blue shoes", b"q=blue shoes"),
        (b"password=x&q=blue%20shoes", b"password=[REDACTED]&q=blue%20shoes"),
        (b"caf\xe9=1&password=x", b"caf\xe9=1&password=[REDACTED]"),
    ],
)
def test_a_form_is_masked_and_what_is_none_after_all_is_left_out_with_its_secrets(
    form: bytes, left: bytes | None
) -> None:
    assert BODIES.form(form) == left


@pytest.mark.parametrize(
    "body", [b"1111111111111111111", b"12345678901234567890.5", b'"12345678901234567890"', b"null"]
)
def test_a_body_that_is_one_value_alone_is_read(body: bytes) -> None:
    assert BODIES.json(body) == json.loads(body)


@pytest.mark.parametrize("pattern", [r"^acme_\d{4}$", r"\Aacme_\d{4}\Z", r"(?<!.)acme_\d{4}"])
def test_a_pattern_of_ones_own_is_tried_on_each_text_of_a_body(pattern: str) -> None:
    bodies = Redaction(values=[re.compile(pattern)]).bodies

    assert bodies.json(b'{"a": "acme_1234", "b": "x acme_1234 y"}') == {"a": "[REDACTED]", "b": "x acme_1234 y"}
