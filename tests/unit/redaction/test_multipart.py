"""Uploads as a text: what their parts tell together, and up to which line a value goes."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MARK = "correct horse"


def upload(*parts: tuple[str, str], line_end: str = "\r\n", boundary: str = "B") -> str:
    lines = []
    for name, value in parts:
        lines += [f"--{boundary}", f"Content-Disposition: form-data; name={name}", "", value]
    return line_end.join([*lines, f"--{boundary}--", ""])


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@pytest.mark.parametrize(
    "parts",
    [
        [('"key"', "DB_PASSWORD"), ('"value"', f"§{MARK}")],
        [("key", "DB_PASSWORD"), ("value", f"§{MARK}")],
        [('"value"', f"§{MARK}"), ('"a"', "b"), ('"name"', "password")],
        [('"type"', "otp"), ('"code"', "§482913")],
        [('"password"', f"§one\n--two {MARK}\n--Bthree {MARK}"), ('"a"', "b")],
        [('"password"', f"§one\n\n{MARK}"), ('"a"', "b")],
        [('"code"', "§482913"), ('"type"', "otp"), ('"code"', "§482914"), ('"a"', "b"), ('"a"', "c")],
        [('"password"', "§correct"), ('"a"', "b"), ('"password"', "§incorrect")],
        [('"data"', '§{"password": "correct horse"}')],
        [('"file"; filename="a.txt"\r\nContent-Type: text/plain', "§password: correct horse"), ('"a"', "b")],
    ],
)
def test_a_part_is_masked_as_a_field_is(parts: list[tuple[str, str]], line_end: str) -> None:
    left = REDACTION.bodies.text(upload(*parts, line_end=line_end).replace("§", "").encode())

    assert left is not None
    told = left.decode()
    assert "correct" not in told
    assert "48291" not in told
    assert told.count("--B") == len(parts) + 1
    for name, value in parts:
        assert name in told
        assert value.startswith("§") or f"{line_end}{value}{line_end}--B" in told


@pytest.mark.parametrize(
    "parts",
    [
        [('"name"', "city"), ('"value"', "Paris75xyz")],
        [('"type"', "otp"), ('"user_id"', "bob42xyz")],
        [('"note"', "one\n--two\n"), ('"file"; filename="password.txt"', "")],
        [('"password"', "")],
    ],
)
def test_other_parts_stay(parts: list[tuple[str, str]]) -> None:
    sent = upload(*parts).encode()

    assert REDACTION.bodies.text(sent) == sent


@pytest.mark.parametrize(
    "text",
    [
        upload(('"a"', "b"), ('"password"', MARK)).partition(" horse")[0],  # cut off
        upload(('"a"', "b"), (f'"password={MARK}"', "c")),
        upload(('"a"', "b"), (f'"f"; filename="?token={MARK.replace(" ", "")}"', "c")),
        f"--B\r\nContent-Type: text/plain\r\n\r\n--password {MARK.replace(' ', '')}\r\n--B--",
        f"{upload(('a', 'b'))}token={MARK}",
    ],
)
def test_what_stands_around_a_value_is_looked_at_too(text: str) -> None:
    assert b"correct" not in (REDACTION.bodies.text(text.encode()) or b"")
