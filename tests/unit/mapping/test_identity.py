"""Whose call it was: the order of the sources, real JWTs, and what is no id."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

from opentelemetry_exporter_moesif.mapping.identity import ID_ATTRIBUTES, IdentitySources, identity
from opentelemetry_exporter_moesif.redaction import Redaction

KEY = "a secret of thirty-two bytes, or more"
SOURCES = IdentitySources(user_id_headers=("x-user",), company_id_headers=("X_Company",), company_id_claim="org")


def ids(
    attributes: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    found: dict[str, Any] | None = None,
    sources: IdentitySources = SOURCES,
) -> dict[str, str]:
    given = attributes or {}
    names = [(field, tuple(name for name in names if name in given)) for field, names in ID_ATTRIBUTES.items()]
    return identity(given, names, headers or {}, found or {}, sources.readers(Redaction()))


def bearer(claims: dict[str, Any], scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {jwt.encode(claims, KEY, algorithm='HS256')}"}


def basic(name: str, encoding: str = "utf-8") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:hush".encode(encoding)).decode()}


USER_SOURCES = [
    {"found": {"user_id": "by identify()"}},
    {"attributes": {"user.id": "by user.id"}},
    {"attributes": {"enduser.id": "by enduser.id"}},
    {"found": {"user.id": "by a child's user.id"}},
    {"found": {"enduser.id": "by a child's enduser.id"}},
    {"headers": {"X-User": "by the header"}},
    {"headers": bearer({"sub": "by the token"})},
]


@pytest.mark.parametrize("first", range(len(USER_SOURCES)))
def test_the_best_source_of_a_user_wins(first: int) -> None:
    given: dict[str, dict[str, Any]] = {"found": {}, "attributes": {}, "headers": {}}
    for source in USER_SOURCES[first:]:
        for kind, values in source.items():
            given[kind].update(values)
    (expected,) = next(iter(USER_SOURCES[first].values())).values()

    assert ids(**given)["user_id"] == ("by the token" if first == len(USER_SOURCES) - 1 else expected)


def test_the_best_source_of_a_company_wins() -> None:
    headers = {"X-Company": "by the header", **bearer({"org": "by the claim"})}

    assert ids({"company.id": "own"}, headers, {"company_id": "identified", "company.id": "child"}) == {
        "company_id": "identified"
    }
    assert ids({"company.id": "own"}, headers, {"company.id": "child"})["company_id"] == "own"
    assert ids({}, headers, {"company.id": "child"})["company_id"] == "child"
    assert ids({}, headers)["company_id"] == "by the header"
    assert ids({}, bearer({"org": "by the claim"}))["company_id"] == "by the claim"


def test_subscription_and_session_come_from_identify_and_attributes() -> None:
    assert ids({"subscription.id": "s", "session.id": "t"}) == {"subscription_id": "s", "session_token": "t"}
    assert ids({"subscription.id": "s", "session.id": "t"}, found={"subscription_id": "S", "session_token": "T"}) == {
        "subscription_id": "S",
        "session_token": "T",
    }
    assert ids(found={"session.id": "child"}) == {"session_token": "child"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "JWT", "Token", ""])
@pytest.mark.parametrize("subject", ["u", "us", "use", "user", "Zoë Müller", "\u7528\u6237"])
def test_a_real_jwt_tells_the_user_whatever_its_padding_and_alphabet(scheme: str, subject: str) -> None:
    assert ids(headers=bearer({"sub": subject, "emoji": "\U0001f600?>"}, scheme)) == {"user_id": subject}


def test_the_claim_is_configurable() -> None:
    headers = bearer({"sub": "wrong", "uid": 42})

    assert ids(headers=headers, sources=IdentitySources(user_id_claim="uid")) == {"user_id": "42"}
    assert ids(headers=headers, sources=IdentitySources(user_id_claim=None)) == {}


@pytest.mark.parametrize("claim", ["UID", "uid", "Uid"])
def test_the_name_of_a_claim_is_read_in_any_case(claim: str) -> None:
    assert ids(headers=bearer({"Uid": "u"}), sources=IdentitySources(user_id_claim=claim)) == {"user_id": "u"}
    both = bearer({"uid": "other", claim: "u"})
    assert ids(headers=both, sources=IdentitySources(user_id_claim=claim)) == {"user_id": "u"}


@pytest.mark.parametrize("headers", [bearer({"sub": "u"}), basic("ann")])
def test_without_a_claim_credentials_tell_nobody(headers: dict[str, str]) -> None:
    assert ids(headers=headers, sources=IdentitySources(user_id_claim="")) == {}


SOURCE = IdentitySources(
    user_id_headers=("x-user", "x-auth-token", "x-last"), company_id_headers=("x-api-key",), company_id_claim="org"
)
TOKEN = bearer({"sub": "by the claim", "org": "acme"})["Authorization"]


def test_of_several_headers_the_first_that_is_there_counts() -> None:
    assert ids(headers={"X-Last": "last"}, sources=SOURCE) == {"user_id": "last"}
    assert ids(headers={"X-Last": "last", "X-User": "first"}, sources=SOURCE) == {"user_id": "first"}


@pytest.mark.parametrize("value", [TOKEN, TOKEN.removeprefix("Bearer "), f"JWT {TOKEN[7:]}"])
@pytest.mark.parametrize("header", ["X-User", "X-Auth-Token"])
def test_a_token_in_a_header_of_ids_is_read_for_its_claim(header: str, value: str) -> None:
    assert ids(headers={header: value}, sources=SOURCE) == {"user_id": "by the claim"}
    assert ids(headers={"X-Api-Key": value}, sources=SOURCE) == {"company_id": "acme"}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Auth-Token", "0123456789abcdef"),
        ("X-Api-Key", "acme"),
        ("X-User", "ghp_0123456789abcdefghij0123456789abcdef"),
        ("X-User", "Bearer 0123456789abcdef"),
        ("X-User", "eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.c2lnbmF0dXJl"),
        ("X-User", basic("")["Authorization"]),
    ],
)
def test_no_other_credential_is_an_id_and_that_is_said_once(
    header: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    readers = SOURCE.readers(Redaction())
    for _ in range(3):
        assert identity({}, [], {header: value}, {}, readers) == {}

    assert [header in record.getMessage() for record in caplog.records] == [True]
    assert value not in caplog.text


def test_the_next_header_is_asked_where_one_holds_a_credential() -> None:
    assert ids(headers={"X-Auth-Token": "opaque", "X-Last": "last"}, sources=SOURCE) == {"user_id": "last"}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_basic_authentication_tells_the_name_and_never_the_password(encoding: str) -> None:
    assert ids(headers=basic("Zoë", encoding)) == {"user_id": "Zoë"}


@pytest.mark.parametrize(
    "authorization",
    [
        "[REDACTED]",
        "Bearer opaque",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer " + ".".join(base64.b64encode(json.dumps(part).encode()).decode() for part in ("x", [1], "y")),
        "Bearer",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b":no name").decode(),
        "Basic " + base64.b64encode(b"sk_live_key:").decode(),
        "Digest username=x",
        "",
    ],
)
def test_credentials_that_tell_no_user_tell_none(authorization: str) -> None:
    assert ids(headers={"Authorization": authorization}) == {}


def test_a_header_that_the_instrumentation_masked_counts_as_absent() -> None:
    headers = {"X-User": "[REDACTED]", **bearer({"sub": "by the token"})}

    assert ids(headers=headers) == {"user_id": "by the token"}


@pytest.mark.parametrize("value", ["", "  ", None, True, 1.5, ("a",), b"x"])
def test_what_is_no_id_is_passed_by(value: Any) -> None:
    assert ids({"user.id": value, "enduser.id": "next"}) == {"user_id": "next"}


def test_a_number_is_an_id_as_its_text() -> None:
    assert ids({"user.id": 7, "company.id": 0}) == {"user_id": "7", "company_id": "0"}
