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
        ("password =ab&b=2", "password =REDACTED&b=2"),
        ("%25252570assword=ab&b=2", "%25252570assword=REDACTED&b=2"),
        ("auth=bob:monkey&b=2", "auth=REDACTED&b=2"),
        ("a=1&basic=bob%3Amonkey", "a=1&basic=REDACTED"),
        ("auth=required&basic=1", "auth=required&basic=1"),
        ("query=%7Bme%7Bid%7D%7D&variables=%7B%22p%22%3A1%7D", "query=%7Bme%7Bid%7D%7D&variables=%7B%22p%22%3A1%7D"),
        ("query=token&params=abcd", "query=token&params=abcd"),
    ],
)
def test_a_query_keeps_nothing_of_a_secret(query: str, expected: str) -> None:
    assert REDACTION.uri(f"https://api.test/a?{query}") == f"https://api.test/a?{expected}"


@pytest.mark.parametrize(
    "query",
    [
        "query=mutation(%24p%3AString!)%7Blogin(password%3A%24p)%7Bok%7D%7D&variables=%7B%22p%22%3A%22correct%22%7D",
        "query=query%28%24t%3AString!%29%7Bcheck%28token%3A%24t%29%7D&operationName=a&variables=%7B%22t%22%3A%22correct%22%7D",
        "sql=SELECT+1+WHERE+token%3D%3F&params=%5B%22correct%22%5D",
        "filter=u.token%20==%20@t&bindVars=%7B%22t%22%3A%22correct%22%7D",
    ],
)
def test_what_a_query_leaves_to_another_parameter_is_masked(query: str) -> None:
    assert "correct" not in REDACTION.uri(f"https://api.test/a?{query}")
    assert b"correct" not in (REDACTION.bodies.form(query.encode()) or b"")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("password=ab&cd&b=2", "password=[REDACTED]&[REDACTED]&b=2"),
        ("password=ab&cd", "password=[REDACTED]&[REDACTED]"),
        ("a=1&flag&b=2", "a=1&flag&b=2"),
        ("password=ab;cd&b=2", "password=[REDACTED]&b=2"),
        ("h[]=Authorization&v[]=abcd", "h[]=Authorization&v[]=[REDACTED]"),
        ("password=ab&&b=2", "password=[REDACTED]&&b=2"),
        ("auth=bob%3Amonkey&b=2", "auth=[REDACTED]&b=2"),
        ("auth=required&b=2", "auth=required&b=2"),
    ],
)
def test_a_form_keeps_nothing_of_a_secret(form: str, expected: str) -> None:
    assert REDACTION.bodies.form(form.encode()) == expected.encode()


@pytest.mark.parametrize("uri", [f"http://{host}/a" for host in ("api.test:8000", "[::1]:80", "a_b", "10.0.0.7", "")])
def test_a_usual_uri_is_told_as_it_is(uri: str) -> None:
    for each in (
        uri,
        f"{uri}/7d3e6c0a-8e6b-4f5a-9c0d-1b2a3c4d5e6f",
        f"{uri}/wireless-headphones?page=2&q=blue%20shoes",
    ):
        assert Redaction().uri(each) == each
        assert Redaction().uri(f"{each}\u00e9\ud800") == f"{each}\u00e9\ud800"


@pytest.mark.parametrize("path", ["7", "7d3e6c0a-8e6b-4f5a", "wireless-headphones"])
def test_that_a_path_was_harmless_says_nothing_of_another_one_like_it(path: str) -> None:
    redaction = Redaction()
    redaction.uri(f"https://api.test/{path}?page=2")

    for secret in ("ghp_0123456789abcdefghij", "sk-0123456789abcdef0123", "a;token=hunter2X9q"):
        masked = redaction.uri(f"https://api.test/{path}/{secret}?page=2&api_key=hunter2X9q")

        assert secret not in masked
        assert "hunter2X9q" not in masked


@pytest.mark.parametrize(
    "uri", ["http://u:hunter2X9q@api.test/a", "ftp:///a?b=c", "a", "http://h", "//u:hunter2X9q@h/a/b"]
)
def test_a_uri_of_another_form_is_read_whole(uri: str) -> None:
    assert "hunter2X9q" not in Redaction().uri(uri)


@pytest.mark.parametrize("host", ["password:dead", "abcdefgh:dead"])
def test_what_stands_where_a_port_should_is_looked_at_whatever_host_was_usual(host: str) -> None:
    redaction = Redaction()
    redaction.uri("http://abcdefgh:8000/a")
    redaction.uri("http://abcdefgh/a")

    assert ("dead" in redaction.uri(f"http://{host}/a")) is (host != "password:dead")


def test_in_a_query_the_value_behind_a_semicolon_goes_on_beyond_a_question_mark():
    masked = REDACTION.uri("https://api.test/x?LC;hmac=one?two&page=2")

    assert masked == "https://api.test/x?LC;hmac=REDACTED&page=2"
