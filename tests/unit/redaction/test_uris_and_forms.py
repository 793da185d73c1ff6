"""Values that should have been encoded, and were not: all of a secret goes, and no more than that."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a=1&password=ab#cd&b=2", "a=1&password=REDACTED&b=2"),
        ("password=ab cd&b=2", "password=REDACTED&b=2"),
        ('password=ab"cd&b=2', "password=REDACTED&b=2"),
        ("password=ab<cd&b=2", "password=REDACTED&b=2"),
        ("password=ab&cd&b=2", "password=REDACTED&b=2"),
        ("password=ab&cd", "password=REDACTED"),
        ("a=1&flag&b=2", "a=1&flag&b=2"),
        ("h[]=Authorization&v[]=abcd", "h[]=Authorization&v[]=REDACTED"),
        ("name=password&value=abcd&b=2", "name=password&value=REDACTED&b=2"),
        ("h%5B0%5D=Cookie&v%5B0%5D=abcd", "h%5B0%5D=Cookie&v%5B0%5D=REDACTED"),
        ("name=bob&value=abcd", "name=bob&value=abcd"),
        ("sort=token&value=abcd", "sort=token&value=abcd"),
        ("p%D0%B0ssword=abcd", "p%D0%B0ssword=REDACTED"),
        ("a=1#access_token=abcd", "a=1#access_token=REDACTED"),
    ],
)
def test_a_query_keeps_nothing_of_a_secret(query: str, expected: str) -> None:
    assert REDACTION.uri(f"https://api.test/a?{query}") == f"https://api.test/a?{expected}"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("password=ab&cd&b=2", "password=[REDACTED]&[REDACTED]&b=2"),
        ("password=ab&cd", "password=[REDACTED]&[REDACTED]"),
        ("a=1&flag&b=2", "a=1&flag&b=2"),
        ("password=ab;cd&b=2", "password=[REDACTED]&b=2"),
        ("h[]=Authorization&v[]=abcd", "h[]=Authorization&v[]=[REDACTED]"),
        ("password=ab&&b=2", "password=[REDACTED]&&b=2"),
    ],
)
def test_a_form_keeps_nothing_of_a_secret(form: str, expected: str) -> None:
    assert REDACTION.bodies.form(form.encode()) == expected.encode()
