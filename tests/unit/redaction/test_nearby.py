"""What looks like a secret beside the name of one: the value goes, and what is none stays."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
VALUES = ("hunter2X9q", "482913", "Xk9!mQ*v2")

# Each with the values that may stand in it.
ABOUT_CODES = [
    "{} is the OTP for txn of Rs 500",
    "{} is OTP for login at Acme",
    "{} is the verification code for your account",
    "{}: your verification code",
    "Use {} as OTP",
    "Use {} as the OTP",
    "Enter {} as verification code",
    "Your one-time password (OTP) for login is {}",
    "OTP for your transaction of Rs. 500 is {}",
    "OTP to login is {}",
    "OTP valid for 5 min: {}",
    "OTP code: {}",
    "otp code {} is wrong",
    "OTP sent to bob: {}",
    "verification code sent to bob@x.org: {}",
    "token is invalid: {}",
    "verification code expired: {}",
    "Invalid verification code ({})",
    "otp mismatch {} != 482913",
    "invalid otp 482913, expected {}",
    "password updated to {}",
    "signature mismatch: expected {}",
    'msg="invalid otp {}" x=1',
    "'OTP {}'",
    "OTP {}!",
    "OTP {}:",
    "UNIQUE constraint failed: users.token ({})",
]
WITH_MORE_WORDS = [
    "API key created: {}",
    "API key regenerated: {}",
    "password generated: {}",
    "password assigned: {}",
    "password has been set: {}",
    "Failed password attempt: {}",
    "password field: {}",
    "authorization header: {}",
    "token data: {}",
    "token does not exist: {}",
    "api key not recognised: {}",
    "CSRF token missing or incorrect: {}",
    "API key 1: {}",
    "API key #1: {}",
    "token A: {}",
    "Das password lautet: {}",
    "el password es: {}",
    "Your password has been reset to: {}",
    "password reset to {}",
    "password will be {}",
    "password should be {}",
    "password has been set as {}",
    "java.lang.IllegalArgumentException: password must be at least 12 characters, was {}",
    "The password you entered ({}) is wrong",
    "API key created = {}",
    "API key created => {}",
    "Your API key is now {}",
]
OF_SOMEBODY = [
    "Password for bob@x.org: {}",
    "Password for bob@EXAMPLE.COM: {}",
    "secret of bob/x: {}",
    "Token for #general: {}",
    "Password for John O'Neil: {}",
    "Path `password` (`{}`) is shorter than the minimum allowed length (12).",
    "Path `user.password` (`{}`) is invalid.",
    "Argument 'password' on Field 'login' has an invalid value (\"{}\"). Expected type 'Int'.",
    'argument "password" got "{}"',
    'password changed from "abc" to "{}"',
    'token was changed from "{}" to "abc"',
]
BESIDE = [
    "Use the following password to log in: {}",
    "Copy this token now, it is shown only once: {}",
    "'{}' is not a strong password",
    '"{}" is not a valid API key',
    "'{}' is a commonly used password",
    "'{}' (wrong password)",
    "{} (password)",
    "password: 'abc12345' \u2192 '{}'",
    "token changed from abc12345 to {}",
    "token changed from {} to abc12345",
    "password 'abc12345' replaced by '{}'",
    "process.env.API_KEY || '{}'",
    'const k = process.env.API_KEY ?? "{}";',
    "connect(process.env.DB_PASSWORD || '{}')",
    "New-ADUser -Name b -AccountPassword (ConvertTo-SecureString '{}' -AsPlainText -Force)",
    'public string Password {{ get; set; }} = "{}";',
    "user, password = 'bob', '{}'",
    "CREATE TABLE u (token text DEFAULT '{}')",
    "INSERT INTO api_keys (id, key) VALUES (1, '{}')",
    "SELECT * FROM api_keys WHERE key = '{}'",
    "Malformed Authorization header '{}'",
    "X-CSRF-Token header ({}) does not match cookie",
    "[b]Password[/b]: {}",
    "compare_digest(token, '{}')",
    "api key [{}] revoked",
    "validating token {}...",
    "We've reset your password to {}.",
    "Your new password for Acme is {}.",
    'expect(password).toBe("{}")',
    'page.fill("#password", "{}")',
    'Token {{ inner: "{}" }}',
    'Password(String("{}"))',
    "sha256('{}') password",
    "Wi-Fi password for guests today is {} (changes daily)",
    "Token (valid until 2026-12-01): {}",
    "log in with password and code {}",
    "credentials bob / {}",
    "the psk is too short: '{}'",
    "invalid PSK given by the peer: {}",
    "Use {} as your password.",
    "KeyError: '{}' in tokens",
    "password too short: {}",
    "token mismatch, wanted '{}'",
    "Password, {}",
    "The field password must match: '{}'",
    "password starts with {}",
    "token ending in {}",
    "with a password of {}",
    "password error: {}",
    "password too short ({})",
    "token not found ({})",
    "The password, {}, is wrong",
    "Created token for bob, {}",
    "Password/PIN: {}",
    "'{}' rejected (token)",
    "const K = '{}'; // API key",
    "Password generated ({})",
    "Password hash: {}",
    "\u60a8\u7684 OTP \u4e3a {}\uff0c5\u5206\u949f\u5185\u6709\u6548",
    "OTP \u306f{}\u3067\u3059",
    "raise InvalidTokenError('{}')",
    "com.acme.InvalidOtpException: {}",
    "Enter: c.a.OtpService.verify() with argument[s] = [{}]",
    'Exit: c.a.TokenService.create() with result = "{}"',
    'Performing SendOtpJob with arguments: "+4915112345", "{}"',
]
BELOW = [
    "Your new password is below:\n{}",
    "Please use the following password to proceed to installation:\n\n{}\n\nThis may also be found at: /x",
    "Subject: Your OTP\n\n{}\n",
    "### Password\n```\n{}\n```",
    "**API key**\n\n```\n{}\n```",
    '[token]\nvalue = "{}"',
    "# API key\nKEY={}",
]
ORDINARY = [
    "Password reset mail sent to user42abc",
    "token expired: 2026-11-26T10:00:00Z",
    "password must be at least 12 characters",
    "password must be at least 12 characters, was 8",
    "password check took 1200ms",
    "Token issued for user: user42abc",
    "token request failed: AADSTS50011: The redirect URI is wrong",
    "token validation error: E1234567",
    "2026 is the token budget",
    "I forgot my password and my order number is 12345678",
    "a token has to match ^[a-z0-9]+$ in 8chars",
    "if not token1 and token2 not in errors",
    "wrong password for bob2x99",
    "Failed password for invalid user admin123 from 1.2.3.4",
    "password changed by bob2x99",
    "JWT expired 123456 milliseconds ago",
    "Unexpected token in JSON at position 482913",
    "InvalidTokenError: the token was issued for another audience",
    "InvalidTokenError: expected 3 parts",
    "UserService.find() with arguments = [bob42xx]",
    "123456 is your order number",
    "Enter 2026 as your order number",
    "the year 2026 is the secret of success",
    'level=info msg="token refreshed" session: user42abc',
    "INFO TokenService - loaded: batch42ab",
    "INFO TokenService loaded config: batch42ab",
    "token refresh finished in: 1200ms",
    "password reset by bob (user42abc)",
    "The password reset link is https://h.test/x1y2z3",
    "The token server is now: auth2.example.com",
    "Secret rotation is done, next run: run20ab3",
    "signature algorithm is RSA-SHA256",
    "the next page token that was given is abc123def",
    "max token limit exceeded: 150000",
    "token count: 150000",
    "Password changed from host: web01abc",
    "token server unreachable: db1.local:5432",
    "API key usage report id: 8f14e45f",
    "tokens used: 150000",
    "the token was sent to client42ab",
    "secret santa event is on day 20261224",
    "POST /oauth/token took is abc123def",
    "Path `name` (`abc1234`) is shorter than the minimum allowed length (12).",
    'the name changed from "abc" to "abc1234"',
    "the token starts the session. Next: abc123def",
    "the tokens are 150000",
    "cookies policy is now consent2b",
    "if token and user = user42abc",
    "2026-11-26 10:00:00 INFO auth: token validated in 35ms for client web01abc",
    'level=warn msg="invalid token" request_id=8f3a2b1c user=bob42xx',
    "'bob42x' uses a token with RSA-SHA256 over HTTP/1.1 and a 128-bit key of base64url",
    "The secret manager, in us-east-1, was updated to v2beta1; see RFC6749 and CVE-2024-1234",
    "Forgot your password? Order #482913 is on its way, ticket 482913, phone +15551234567",
    '{"id": "a1b2c3d4", "note": "password changed", "etag": "b1c2d3e4"}',
    "See /docs/tokens2/intro1 and tokens/v1beta1/list2 and auth2.example.com for secrets",
    "<p>Reset your password</p><p>Order <b>482913</b></p>",
    "Password reset for bob42x, requested by alice42 at 10.0.0.12",
    "The token belongs to alice42x",
    "`8c1df7a8a8` fixes the signature of assert",
    "Password updated.\nDeployment\nrun42abc finished",
    "Generate a token using sha512, pbkdf2-sha256 or scram-sha-256",
]


@pytest.mark.parametrize("value", VALUES[:2])
@pytest.mark.parametrize("said", ABOUT_CODES)
def test_a_code_that_a_sentence_tells_is_masked(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("said", WITH_MORE_WORDS)
def test_whatever_is_said_of_a_name_its_value_is_masked(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize("value", [*VALUES, "correct horse"])
@pytest.mark.parametrize("said", OF_SOMEBODY)
def test_what_is_somebodys_secret_is_masked_though_it_is_words(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize("value", [*VALUES, "a1b2c3d4e5f64a5b8c7d6e5f4a3b2c1d"])
@pytest.mark.parametrize("said", BESIDE)
def test_what_looks_like_a_secret_beside_a_name_is_masked(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("said", BELOW)
def test_so_is_what_stands_alone_below_one(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize(
    "text",
    [
        "verification code:482913",
        "security code=482913",
        "API key:482913",
        "482-913 is your verification code",
        "Use 482 913 as your verification code",
    ],
)
def test_a_code_is_one_without_a_blank_before_it_and_in_two_groups(text: str) -> None:
    assert "913" not in REDACTION.text(text)


@pytest.mark.parametrize(
    "value", ["ABCD-1234", "B48291x", "#hunter2", "@hunter2", "~hunter2", "summer_fun_24", "aes-hunter2"]
)
@pytest.mark.parametrize(
    "said", ["New password generated: {}", "set password to {}", "wrong password ({})", "Your password is '{}'"]
)
def test_directly_behind_a_name_it_may_look_like_anything(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize(
    "value",
    [
        *("Password123!", "MyToken2026x", "secret123", "s3cret99", "aes4ever9", "123456ab", "1234-abcd", "20481399"),
        *("tls4hunter", "v12345678", "1234-56ab", "_hunter2x", "int3rnal", "sslx4567", "py2charm"),
    ],
)
@pytest.mark.parametrize("said", ["API key created: {}", "Use the following password to log in: {}"])
def test_a_secret_may_be_like_a_name_or_a_word_of_programs(said: str, value: str) -> None:
    assert value not in REDACTION.text(said.format(value))


@pytest.mark.parametrize("value", ["qzxvkwjhtrbn", "Xk!mQ*vB", "GRXTPLKWQZ"])
def test_a_word_in_quotes_that_nobody_says_is_one(value: str) -> None:
    assert value not in REDACTION.text(f"process.env.API_KEY || '{value}'")


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_no_secret_in_a_sentence_about_one_stays(text: str) -> None:
    assert REDACTION.text(text) == text


@pytest.mark.parametrize("said", ["the tokens are {}", "tokens issued: {}"])
def test_so_is_one_of_several(said: str) -> None:
    assert REDACTION.text(said.format("hunter2X9q")) == said.format("[REDACTED]")


def test_the_value_alone_is_masked() -> None:
    assert REDACTION.text("API key created: hunter2X9q. Keep it.") == "API key created: [REDACTED]. Keep it."
    assert REDACTION.text("OTP '482913', and more") == "OTP '[REDACTED]', and more"


def test_in_a_long_text_a_sentence_is_found_too() -> None:
    text = "Nothing to see in this line at all.\n" * 400

    assert "hunter2X9q" not in REDACTION.text(f"{text}API key created just now: hunter2X9q\n{text}")
