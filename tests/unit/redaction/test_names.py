"""Names of secrets are known in whatever way they are written, and names that only look like one are not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import (
    DEFAULT_HARMLESS_NAMES,
    DEFAULT_HEADERS,
    DEFAULT_NAMES,
    HARMLESS_ENDINGS,
    SecretNames,
)
from opentelemetry_exporter_moesif.redaction.spelling import words_of

NAMES = SecretNames(DEFAULT_NAMES, DEFAULT_HARMLESS_NAMES)

SECRETS = """
accessToken client-secret api-key passwd cvv user.password new_password auth_token jwt password1 old_password
new_password1 login-password form-0-password ctl00$Main$password user[password] password_confirmation secretKey
private_key csrfmiddlewaretoken sessionid X-CSRFToken X-Forwarded-Access-Token X-Amzn-Oidc-Data Cf-Access-Jwt-Assertion
X-Goog-Iap-Jwt-Assertion X-Amz-Security-Token X-Vault-Token Private-Token Ocp-Apim-Subscription-Key X-Api-Key apikey
API-KEY-2 PASSWORD PaSsWoRd p-a-s-s-w-o-r-d %70assword %2570assword pass%77ord \\u0070assword \\x70assword &#112;assword
to\u212aen TO\u212aEN \uff30\uff41ssword pass\u200bword pass\u00adword pa\u0301ssword \ufeffpassword cookie Set-Cookie
headers[cookie] request.headers.cookie pass user[pass] AWSAccessKeyId awsaccesskeyid X-Amz-Credential id_token OAuth2Token
password\x00 SharedAccessKey AccountKey
Authentication-Info X-Session X-Session-Id X-Session-Data X-Okta-Session X-Cookie X-Original-Cookie X-Forwarded-Cookie
HTTP_COOKIE Fastly-Key X-Amzn-Auth X-Zumo-Auth X-Ms-Client-Principal X-Auth-Hash X-Auth-Session X-Auth-Code X-Auth-Ticket
aeg-sas-key X-Honeycomb-Team DD-APPLICATION-KEY X-Amz-Server-Side-Encryption-Customer-Key Stripe-Signature
X-Hub-Signature-256 X-Slack-Signature X-Shopify-Hmac-Sha256 X-Gitlab-Token X-Goog-Channel-Token PHPSESSID connect.sid totp
mfaCode 2fa_code verification_code basic_auth requirepass masterauth userpassword mysecret appsecret secretkey
myapikey apitoken LOGINPASSWORD p\u0430ssword \u0440\u0430\u0455\u0455w\u043erd t\u03bfken \u03a1\u0391SSWORD
\u0410UTHORIZATION %252570assword %u0070assword \\160assword &amp;#112;assword &amp;amp;#x70;assword
\\ud835\\udc29assword
client_token tokenId password_check set_password reset_password password_reset_token password_reset_url password_reset_link
otp_sent_code token_value api_key_prefix_secret secret_id forward_token_secret token_set_password password_new
"""
HARMLESS = """
tokens max_tokens tokenizer token_type tokenType token_count token_usage page_token next_page_token nextPageToken
continuation_token password_changed_at password_expires_at expires_at pin code auth key author authority signal keyboard
cookie_policy cookie-consent sidebar secretary passenger passing boarding_pass pass_rate designation assertions
Access-Control-Allow-Credentials Idempotency-Key Sec-WebSocket-Key X-Request-Id access_token_type id_token_signing_alg
authorization_endpoint token_endpoint TokenExpiredError time_to_first_token public_key primary_key foreign_key
X-Amz-Algorithm hotpot compass content-security-policy user name email \u00e9t\u00e9
passwordless xtoken betoken secretariat mysecretary X-Auth-User X-Auth-Request-Email X-Auth-Roles Authentication session
X-Session-Count X-Ms-Client-Principal-Name X-Ms-Client-Principal-Id Surrogate-Key Cache-Key X-Team app.key application.key
userpassword_changed_at cookie_banner accept_cookies hash code_verifier_method \u043f\u0430\u0440\u043a \u043a\u043e\u0434
previous_token prev_token prevPageToken pagination_token deltaToken ForwardToken nextForwardToken nextBackwardToken
starting_token scroll_token checkpoint_token search_token token_logprobs token_index special_token unk_token mask_token
reasoning_token audio_token password_reset password_last_set pwdLastSet badPasswordTime lastPasswordChangeDateTime
password_changed password_updated password_age passwordResetSentAt cvc_check cvv_check cvv_result card_number_last4
api_key_id api_key_prefix apiKeyLastUsedAt token_scope token_issuer token_audience token_kind token_revoked
token_last_used otp_sent secret_arn idempotency_token ClientRequestToken signature_date
"""


@pytest.mark.parametrize(
    "name", [name.encode().decode("unicode_escape") if "\\x00" in name else name for name in SECRETS.split()]
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert NAMES[name]
    assert NAMES.may_be_in(f"x {name} y")


@pytest.mark.parametrize("name", HARMLESS.split())
def test_a_name_that_only_looks_like_one_is_none(name: str) -> None:
    assert not NAMES[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("accessToken", ["access", "token"]),
        ("CSRFToken", ["csrf", "token"]),
        ("password1", ["password", "1"]),
        ("OAuth2Token", ["o", "auth", "2", "token"]),
        ("X_Api-Key.v2", ["x", "api", "key", "v", "2"]),
        ("\u00c4\u00d6Token\u00fcB1", ["ao", "tokenu", "b", "1"]),
        ("\u6697\u53f7Key", ["\u6697\u53f7", "key"]),
        ("\u00dcRLTo", ["url", "to"]),
        ("", []),
        ("---", []),
    ],
)
def test_a_name_is_split_as_people_read_it(name: str, words: list[str]) -> None:
    assert words_of(name) == words


def test_a_name_of_another_alphabet_is_known_in_either_case() -> None:
    names = SecretNames(["contrase\u00f1a", "\u043f\u0430\u0440\u043e\u043b\u044c"])

    assert names["CONTRASE\u00d1A"]
    assert names["nuevaContrase\u00f1a"]
    assert names["\u041f\u0410\u0420\u041e\u041b\u042c"]
    assert names.may_be_in("\u041f\u0430\u0440\u043e\u043b\u044c: x")


def test_a_header_of_an_ordinary_word_is_a_secret_as_a_header_alone() -> None:
    assert SecretNames(DEFAULT_HEADERS)["Authentication"]
    assert not NAMES["authentication"]


def test_a_listed_name_of_look_alikes_is_known_in_either_case() -> None:
    names = SecretNames(["\u03bd\u03ad\u03bf\u03c2", "\u0442\u043e\u043a\u0435\u043d"])

    for name in ("\u03bd\u03ad\u03bf\u03c2", "\u0442\u043e\u043a\u0435\u043d"):
        assert names[name]
        assert names[name.upper()]
        assert names[name.title()]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("tokens", True),
        ("accessTokens", True),
        ("JWTS", True),
        ("assertions", False),
        ("items", False),
        ("token", False),
    ],
)
def test_the_plural_of_a_secret_is_known(name: str, is_one: bool) -> None:
    assert NAMES.of_several(name) is is_one


def test_what_is_the_listed_name_alone_is_told_from_what_holds_it() -> None:
    assert NAMES.is_listed("Api-Key")
    assert not NAMES.is_listed("invalid_token")
    assert not NAMES.is_listed("name")


def test_nothing_is_a_secret_where_nothing_is_listed() -> None:
    assert not SecretNames([])["userpassword"]


def test_a_harmless_name_is_harmless_at_the_end_of_a_word_too() -> None:
    names = SecretNames(["password"], ["nopassword"])

    assert names["mypassword"]
    assert not names["mynopassword"]


def test_a_whole_name_is_no_part_of_another_one() -> None:
    names = SecretNames(["=pin", "code"], ["=code", "zip_code"])

    assert names["PIN"]
    assert not names["pin_board"]
    assert not names["code"]
    assert names["the_code"]
    assert not names["zipCode"]
    assert names["zip_code_code"]


def test_what_is_taken_out_is_harmless() -> None:
    names = SecretNames({"token", "-csrf_token"})

    assert names["token"]
    assert not names["X-CSRFToken"]
    assert names["csrf_token_token"]


@pytest.mark.parametrize("ending", sorted(HARMLESS_ENDINGS))
def test_an_ending_makes_it_harmless_at_the_end_alone(ending: str) -> None:
    assert not NAMES[f"token_{ending}"]
    assert NAMES[f"token_{ending}_password"]


def test_the_reason_is_the_listed_name() -> None:
    assert NAMES.reason("X-Api-Key") == "apikey"
    assert NAMES.reason("headers[cookie]") == "cookie"
    assert NAMES.reason("name") is None


def test_no_more_names_are_remembered_than_a_service_has() -> None:
    names = SecretNames(["token"])
    for index in range(10_000):
        assert not names[f"field{index}"]
    names["x" * 1000]

    assert len(names) <= 4096
    assert max(map(len, names)) <= 64


@pytest.mark.parametrize(
    "text",
    [
        "When the design stops working, help us to put it up, and not people: a passing remark, passengers.",
        "Your passport was issued on its ship wharf. " * 40,
        "POST /v1/designs/assigned 200 upwards 17 ms",
    ],
)
def test_words_in_which_a_short_name_is_by_chance_are_not_even_looked_at(text: str) -> None:
    assert not NAMES.may_be_in(text)
    assert not Redaction().texts.may_hold(text)


SHORT_NAMES = sorted({name.strip("=") for name in (*DEFAULT_NAMES, "2fa", "pin", "-pwc") if len(name) <= 12})
LISTED = SecretNames([*DEFAULT_NAMES, "2fa", "pin"], DEFAULT_HARMLESS_NAMES)
PIECES = st.one_of(
    st.sampled_from(SHORT_NAMES),
    st.sampled_from(SHORT_NAMES).map(str.upper),
    st.sampled_from(SHORT_NAMES).map(str.title),
    st.sampled_from(
        ["o", "t", "p", "P", "w", "s", "S", "ing", "n", "\\n", "%6f", "&#112;", "\x1b[1m", "\u0440", "2", "D", "x1"]
    ),
    st.sampled_from([" ", "_", "-", ".", "=", ": ", '"', "/", "[", "\n", "+"]),
)


@given(st.lists(PIECES, min_size=1, max_size=7).map("".join))
@example("-Dpwd=x")
@example("rootpass=x")
@example("userPasswords: x")
def test_wherever_a_name_is_a_secrets_a_text_with_it_is_looked_at(text: str) -> None:
    words = {text[start:end] for start in range(len(text)) for end in range(start + 2, min(len(text), start + 24) + 1)}
    for name in words:
        if any(map(name.__contains__, ("\\n", "\\r", "\\t", "\\/"))):  # a blank parts it, and no reader sees a name
            continue
        if LISTED.reason(name) or LISTED.reason(name.removesuffix("s")):
            assert LISTED.may_be_in(name)
            if is_whole(text, name):
                assert LISTED.may_be_in(text)
                assert any(
                    start <= text.index(name) < stop for start, stop in LISTED.needles.places_in(text + " " * 600)
                )


def is_whole(text: str, name: str) -> bool:
    """Whether words start and end in a text where they do in a part of it."""
    start = text.index(name)
    before, behind = text[:start], text[start + len(name) :]
    return not (before[-1:].isalnum() or before[-2:-1] == "\\" or behind[:1].isalnum())


@pytest.mark.parametrize(
    "name",
    ["search[_token]", "page[_token]", "input%5Btoken%5D", "variables.input.token", "password[set]", "a[next][token]"],
)
def test_the_parts_of_a_nested_name_are_whole(name: str) -> None:
    assert NAMES[name]


@pytest.mark.parametrize(
    "name", ["page[token_type]", "input_token", "password.required", "token.count", "[page_token]"]
)
def test_and_no_other_part_makes_one_of_them_a_secret(name: str) -> None:
    assert not NAMES[name]
