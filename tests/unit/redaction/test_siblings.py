"""What looks like a secret beside the name of one in an object is masked; what its key calls something else stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction
from opentelemetry_exporter_moesif.redaction.levels import TooDeepError

REDACTION = Redaction()
VALUES = ["hunter2x9", "abcd1234", "Xk9mQv2", "482913", "4829171", "12345678"]
ORDINARY = (Path(__file__).parent / "ordinary_objects.jsonl").read_text().splitlines()

SECRETS = [
    {"title": "Your OTP", "body": "VALUE"},
    {"to": "bob", "title": "Your OTP", "body": "VALUE"},
    {"to": "b@x.org", "subject": "Your OTP", "text": "VALUE"},
    {"title": "Password", "body": "VALUE"},
    {"title": "Verification code", "message": "VALUE"},
    {"title": "Your OTP", "body": "Use VALUE to log in, Bob."},
    {"subject": "Reset your password", "text": "Hello Bob, your code: VALUE. It is valid for 10 min."},
    {"aps": {"alert": {"title": "Login code for Example", "body": "VALUE"}}},
    {"type": "otp", "code": "VALUE"},
    {"type": "totp", "id": 5, "code": "VALUE"},
    {"type": "password_reset", "code": "VALUE"},
    {"event": "otp_sent", "data": {"code": "VALUE"}},
    {"name": "token", "plaintext": "VALUE"},
    {"name": "token", "id": "5", "plaintext": "VALUE"},
    {"action": "fill", "selector": "#password", "value": "VALUE"},
    {"cookie": "session_token", "value": "VALUE"},
    {"codes": ["VALUE", "VALUE"], "type": "recovery_codes"},
    {"errors": [{"field": "password", "message": "VALUE is too short"}]},
    {"errors": [{"source": {"pointer": "/data/attributes/password"}, "detail": "VALUE is too short"}]},
    {"loc": ["body", "password"], "msg": "VALUE is not allowed"},
    {"template": {"name": "otp", "components": [{"type": "body", "parameters": [{"type": "text", "text": "VALUE"}]}]}},
    {"template": {"name": "otp"}, "vars": {"1": "VALUE"}},
    {"answers": [{"field": {"id": "x", "ref": "password"}, "type": "text", "text": "VALUE"}]},
    {"entity": "otp", "value": "VALUE"},
    {"tokens": {"bob": {"laptop": "VALUE"}}},
    {"type": "api-key", "attributes": {"key": "VALUE"}},
    {"resource": "api_keys", "body": {"hash": "VALUE"}},
    {"what": "password", "is it": "VALUE"},
    {"tokens": {"bob": [{"a": "VALUE"}]}},
    {"password_reset": {"code": "VALUE"}},
    {"mfa": {"code": "VALUE"}},
    {"api": {"key": "VALUE"}},
    {"title": "\U0001f511 Your OTP", "body": "VALUE"},
    {"subject": "New secret for bob@x.org", "body": "VALUE"},
    {"subject": "Password for https://x.org", "body": "VALUE"},
    {"Item": {"pk": {"S": "otp"}, "value": {"S": "VALUE"}}},
    {"subject": "Your verification code | Example", "body": "VALUE"},
    {"Item": {"pk": {"S": "otp#bob"}, "data": {"S": "VALUE"}}},
    {"key": "user.id", "about": "password", "so": "VALUE"},
    {"what": "psk", "is": "VALUE"},
    {"what": "bobspassword", "so": "VALUE"},
    {"what": "&quot;password&quot;", "so": "VALUE"},
    {"question": "What is your password?", "typed": "VALUE"},
    {"using": "css selector", "value": "input[name=password]", "text": "VALUE"},
    {"locator": {"using": "css selector", "value": "#password"}, "keys": ["VALUE"]},
    {"metadata": {"kind": "otp"}, "content": "VALUE"},
    {"notification": {"title": "Your OTP", "body": "Hi"}, "data": {"code": "VALUE"}},
    {"path": "/password", "keyword": "minLength", "message": "VALUE is too short"},
    {"subject": "Your OTP", "text": "use **VALUE** "},
    {"strategy": "otp", "code": "VALUE"},
    {"method": "otp", "code": "VALUE"},
    {"grant_type": "otp", "code": "VALUE"},
    {"Message": {"Subject": {"Data": "Your OTP"}, "Body": {"Text": {"Data": "VALUE"}}}},
    {"personalizations": [{"to": [], "subject": "Your OTP"}], "content": [{"type": "text/plain", "value": "VALUE"}]},
    {"headings": {"en": "OTP", "de": "Code"}, "contents": {"en": "VALUE"}},
    {"fields": [{"type": "mrkdwn", "text": "*Password*"}, {"type": "mrkdwn", "text": "VALUE"}]},
    {"fields": [{"text": "*Password:*"}, {"text": "VALUE"}]},
    {"fields": [{"text": "_OTP_"}, {"text": "VALUE"}]},
    {"fields": [{"text": "**API key**"}, {"text": "VALUE"}]},
    {"class": "SendOtpWorker", "args": ["+491711234567", "VALUE"]},
    {"type": "InvalidOtpException", "message": "VALUE"},
    {"variables": {"X": {"isSecret": True, "value": "VALUE"}}},
    {"key": "X", "value": "VALUE", "secret": True},
    {"isPassword": True, "value": "VALUE"},
    {"action": "create_api_key", "response": {"value": "VALUE"}},
    {"challenge": "password", "response": "VALUE"},
    {"prompt": "password?", "response": "VALUE"},
    *({"type": "otp", key: "VALUE"} for key in "state context meta link file header page step issued".split()),
    {"type": "random_password", "instances": [{"attributes": {"length": 16, "result": "VALUE"}}]},
    {"TemplateAlias": "otp", "TemplateModel": {"code": "VALUE"}},
    {"template": "otp", "model": {"code": "VALUE"}, "to": "bob"},
    {"_index": "tokens", "_source": {"value": "VALUE"}},
    {"action": "verify_otp", "request": {"code": "VALUE"}},
    {"action": "verify_otp", "user": {"id": "a1b2c3d4", "typed": "VALUE"}},
    ["OTP for login", "VALUE"],
    ["otp sent", {"code": "VALUE", "user": "bob"}],
    ["1", "2", "room:otp", "verify", {"code": "VALUE"}],
    [{"type": "header", "text": "Your OTP"}, {"type": "section", "text": "VALUE"}],
    [{"role": "assistant", "content": "What is your password?"}, {"role": "user", "content": "it is VALUE"}],
    [{"t": {"type": "plain", "text": "Your verification code"}}, {"type": "section", "text": {"text": "*VALUE*"}}],
]


def left_of(document: Any) -> Any:
    return REDACTION.bodies.json(json.dumps(document).encode())


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("document", SECRETS, ids=json.dumps)
def test_what_looks_like_a_secret_is_masked_beside_a_name(document: Any, value: str) -> None:
    content = json.dumps(document).replace("VALUE", value)

    left = json.dumps(REDACTION.bodies.json(content.encode()))

    assert value in content
    assert value not in left
    assert MASKED in left


@pytest.mark.parametrize("content", ORDINARY)
def test_an_ordinary_object_stays_as_it_is(content: str) -> None:
    assert REDACTION.bodies.json(content.encode()) == json.loads(content)
    assert REDACTION.structure(json.loads(content)) == json.loads(content)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "otp", "code": 482913},
        {"codes": [482913, 482917], "type": "recovery_codes"},
        {"selector": "#password", "value": 482913},
        {"name": "token", "plaintext": 482913},
        {"mfa": {"code": 482913}},
    ],
)
def test_a_number_is_masked_where_it_may_be_the_secret(document: Any) -> None:
    assert "4829" not in json.dumps(left_of(document))


@pytest.mark.parametrize(
    "document",
    [
        {"title": "Your OTP", "size": 482913},
        {"title": "Password", "body": 482913},
        {"type": "otp", "code": 48291},
        {"type": "otp", "code": 482913000},
        {"type": "otp", "day": 20261126},
        {"name": "tokens", "value": 128000},
        {"metric": "tokens", "value": "128000"},
        {"of": "llm.tokens", "value": "128000"},
        {"max_tokens": "128000"},
        {"tokens": {"gpt4": 128000}},
    ],
)
def test_an_ordinary_number_stays(document: Any) -> None:
    assert left_of(document) == document


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("hunter2x9 is too short", f"{MASKED} is too short"),
        ("'hunter2x9', not 'abcd1234'!", MASKED),  # what quotes a value goes whole
        ("user bob4242 has hunter2x9", f"user bob4242 has {MASKED}"),
        ("Trace ID: 255d1aef, for ann4242", "Trace ID: 255d1aef, for ann4242"),
        ("AUTH1001: see KB12345", "AUTH1001: see KB12345"),
        ("call 0800 123456", "call 0800 123456"),
        ("must have SHA256 and 2026-11-26", "must have SHA256 and 2026-11-26"),
        ("must be a correct battery", "must be a correct battery"),
        ("\u043f\u0430\u0440\u043e\u043b\u044c \u043d\u0435\u0432\u0435\u0440\u0435\u043d", None),
    ],
)
def test_of_a_message_the_words_go_that_look_like_secrets(message: str, expected: str | None) -> None:
    left = left_of({"field": "password", "message": message})

    assert left == {"field": "password", "message": expected or message}


@pytest.mark.parametrize("flag", ["secret", "password", "isSecret", "is_api_key"])
@pytest.mark.parametrize("value", ["correct", 5, ["correct"]])
def test_what_a_flag_calls_a_secret_is_masked_whatever_it_is(flag: str, value: Any) -> None:
    document = {"key": "X", flag: True, "value": value, "id": 7, "ok": False}

    assert left_of(document) == {**document, "value": MASKED}
    assert left_of({**document, flag: False}) == {**document, flag: False}


@pytest.mark.parametrize("flag", ["hasPassword", "isTokenValid", "token", "issuePassword"])
def test_a_flag_of_something_else_tells_nothing_of_a_value(flag: str) -> None:
    document = {flag: True, "value": "correct", "is": True}

    assert left_of(document) == document


def test_a_flag_tells_nothing_of_what_is_missing_and_of_what_holds_fields() -> None:
    document = {"id": 7, "isSecret": True, "value": None, "v": False, "data": {"name": "Bob"}}

    assert left_of(document) == document


def test_a_secret_that_is_made_of_a_name_is_masked_and_a_field_of_that_name_stays() -> None:
    document = {"field": "password2", "a": {"field": "password1"}, "typed": "password123"}

    assert left_of(document) == {**document, "typed": MASKED}


def test_the_value_of_a_secret_names_none() -> None:
    assert left_of({"password": "token", "so": "abcd1234"})["so"] == "abcd1234"


def test_the_code_of_an_error_is_none() -> None:
    assert left_of({"field": "token", "code": "AUTH1001"})["code"] == "AUTH1001"
    assert left_of({"type": "otp", "code": "AUTH1001"})["code"] == MASKED


@pytest.mark.parametrize(
    ("word", "is_masked"),
    [
        ("vKdJWnRtqLmZ", True),
        ("correcthorse", False),
        ("OAuthMFAConfig", False),
        ("Schwarzschild", False),
        ("\u0438\u0434\u0435\u043d\u0442\u0438\u0444\u0438\u043a\u0430\u0442\u043e\u0440", False),
        ("HMAC_SHA_256", False),
        ("eu-west-1a", False),
        ("Apache-2.0", False),
        ("a1b2c", False),
    ],
)
def test_of_words_those_that_nobody_says_are_masked(word: str, *, is_masked: bool) -> None:
    assert left_of({"title": "Your password", "body": word})["body"] == (MASKED if is_masked else word)


@pytest.mark.parametrize(
    "text",
    [
        "Secret garden",
        "Password manager",
        "Token count",
        "Next page token",
        "How to choose, change and keep a good password",
        "/oauth/token",
        "https://x.org/token",
        "token@x.org",
        "a=token",
        "pass",
        "static_assertions",
    ],
)
def test_what_names_no_secret_tells_nothing_of_what_stands_beside_it(text: str) -> None:
    assert left_of({"about": text, "body": "abcd1234"}) == {"about": text, "body": "abcd1234"}


def test_a_name_tells_of_few_fields_and_of_a_few_levels() -> None:
    few = {"about": "password", **{f"f{letter}": "abcd1234" for letter in "abcdefghijklmnopqrstuvw"}}
    assert set(left_of(few).values()) == {"password", MASKED}
    assert left_of(few | {"fx": "abcd1234"}) == few | {"fx": "abcd1234"}

    four = {"about": "password", "a": {"b": {"c": {"d": {"e": "abcd1234"}}}}}
    assert left_of(four)["a"]["b"]["c"]["d"]["e"] == MASKED
    five = {"about": "password", "a": {"b": {"c": {"d": {"e": {"f": "abcd1234"}}}}}}
    assert left_of(five) == five


@pytest.mark.parametrize("around", [lambda inner: {"name": inner, "a": 1}, lambda inner: {"path": [inner], "a": 1}])
def test_what_is_nested_far_deeper_than_two_hundred_levels_is_refused(around: Callable[[Any], Any]) -> None:
    document: Any = {"path": ["password"]}
    for _ in range(2000):
        document = around(document)

    with pytest.raises(TooDeepError):
        REDACTION.structure(document)


@pytest.mark.parametrize(
    "document",
    [
        {"title": "Your OTP", "body": "abcd1234 " * 11_000},
        {"title": "Your OTP", "body": ["a" * 130] * 700},
        {"title": "Your OTP", "body": "a;" * 50_000},
        [{"title": f"Reset x{number}a your password", "b": f"abc{number}"} for number in range(1500)],
    ],
    ids=["words", "letters", "marks", "titles"],
)
def test_a_long_one_is_looked_at_to_its_end(document: Any) -> None:
    left = left_of(document)

    assert len(left) == len(document)
    assert left != MASKED
