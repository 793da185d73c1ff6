"""Names that say of their value that it is a secret, in whatever way they are written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.lookalikes import latin
from opentelemetry_exporter_moesif.remembered import Remembered

DEFAULT_NAMES = frozenset(
    "password passwords passwd pwd passphrase passcode =pass user_pass =userpass db_pass storepass keypass pgpassword"
    " secret secrets token jwt assertion saml_response api_key api_keys access_key access_keys private_key private_keys"
    " subscription_key functions_key account_key auth_key signing_key encryption_key master_key"
    " credential credentials signature sig hmac authorization =x-auth session_id session_key session_hash"
    " csrf csrfmiddlewaretoken xsrf oidc_data card_number cvv cvc security_code otp one_time_code"
    " recovery_code recovery_codes backup_code backup_codes totp mfa_code 2fa_code two_factor_code verification_code"
    " =cookie =cookie2 =cookies =set-cookie session_cookie auth_cookie x_cookie original_cookie forwarded_cookie"
    " http_cookie request_cookie response_cookie login_cookie raw_cookie cookie_header cookie_value"
    " =x-session x_session_data okta_session phpsessid connect_sid =bearer code_verifier identity_token"
    " laravel_session rack_session ci_session passw0rd"
    " auth_code auth_data auth_hash auth_pass auth_session auth_ticket basic_auth amzn_auth zumo_auth proxy_auth"
    # Headers and settings of single products: Fastly, Honeycomb, Datadog, Azure, AWS, Redis.
    " fastly_key honeycomb_team =dd_application_key sas_key encryption_customer_key client_principal"
    " authentication_info requirepass masterauth"
    # Words that are often written together, without anything between them.
    " access_token refresh_token id_token auth_token session_token bearer_token csrf_token xsrf_token client_secret"
    " secret_key api_token user_token awsaccesskeyid new_password old_password current_password user_password"
    " db_password password_confirmation".split()
)
"""The names that are secrets unless a setting says otherwise; ``=`` before one that must be the whole name."""

DEFAULT_HEADERS = DEFAULT_NAMES | {"=authentication"}
"""The same for headers, one of which is an ordinary word elsewhere."""

DEFAULT_HARMLESS_NAMES = frozenset(
    "page_token paging_token continuation_token next_token sync_token skip_token resume_token cursor_token"
    " first_token last_token input_token output_token prompt_token completion_token cached_token per_token"
    " eos_token bos_token pad_token stop_token token_bucket token_symbol token_address token_decimals token_standard"
    " token_endpoint token_url token_uri token_introspection id_token_signing id_token_encryption"
    " authorization_endpoint authorization_url authorization_uri authorization_server authorization_servers"
    " authorization_response access-control-allow-credentials client_principal_id client_principal_idp".split()
)
"""Names that hold a listed one and are no secrets."""

HARMLESS_ENDINGS = frozenset(
    "type count usage limit budget length policy strength format version method algorithm alg status name"
    " error errors exception warning expired expires expiresin expiresat expiry expiration lifetime ttl"
    " changedat updatedat createdat issuedat expiredat lastchanged rate price cost required enabled supported"
    " ids valid".split()
)
"""What a name may go on with, and end with, behind a listed one and so be about a secret, and none."""

# What a word ends with where a name is written together with what stands before it: `userpassword`.
_FUSED = tuple("password passwd passphrase secret apikey accesskey secretkey privatekey".split())

_LONG_NAME = 6
_USUAL_LENGTH = 64

_HARMLESS_PLURALS = frozenset(("assertions",))

# What a squeezed text keeps: ASCII's letters, in lower case, and digits.
_SQUEEZED_AWAY = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789"))
# What a name's letters can hide behind: percent-encoding, JSON's escapes, HTML's.
_DISGUISES = re.compile(r"%[0-9A-Fa-f]{2}|\\[ux]|&(?:#|shy|Zero|zw|No)")

# Between the parts of a nested name, each of which is whole.
_NESTED = re.compile(r"[\[\].:/]|%5[BbDd]")

# Combining marks, soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors, tags.
_UNSEEN = re.compile(
    "[\u00ad\u0300-\u036f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ESCAPE = re.compile(r"\\{1,4}(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2}))")


class SecretNames(Remembered[str, bool]):
    """Whether a name is a secret's: a service has a few hundred names, each judged once and remembered.

    Args:
        names: Names of secrets, in any spelling. One that starts with ``=`` is a secret where it is the whole name;
            any other also where it is a part of one. One that starts with ``-`` is harmless.
        harmless: Names that are none although one of `names` is in them; ``=`` means the same.
    """

    def __init__(self, names: Iterable[str], harmless: Iterable[str] = ()) -> None:
        super().__init__()
        names = frozenset(names)
        taken_out = frozenset(name for name in names if name.startswith("-"))
        harmless = {*harmless, *(name[1:] for name in taken_out)}
        self._whole, self._parts = _split(names - taken_out)
        self._harmless_whole, self._harmless_parts = _split(harmless)
        self._fused = tuple(name for name in _FUSED if name in self._parts)
        lengths = map(len, (*self._parts, *self._harmless_parts))
        self._longest = max(lengths, default=0)
        listed = self._whole | self._parts
        # A name that holds another one is found with it.
        shortest = {name for name in listed if not any(other in name for other in listed if other != name)}
        self._long_names = tuple(name.encode() for name in listed if len(name) >= _LONG_NAME)
        self._needles = tuple(name.encode() for name in sorted(shortest)) if all(map(str.isascii, listed)) else (b"",)

    most = 4096

    def find(self, name: str) -> bool:
        """Whether it is a secret's."""
        return self.reason(name) is not None

    def is_worth(self, name: str) -> bool:
        """Whether it is a short one."""
        return len(name) <= _USUAL_LENGTH

    def may_be_in(self, text: str) -> bool:
        """Whether a name of the list could stand anywhere in a text, in any spelling: a cheap look."""
        plain = text if text.isascii() else latin(unicodedata.normalize("NFKD", text))
        squeezed = plain.encode("utf-8", "replace").lower().translate(None, _SQUEEZED_AWAY)
        return any(map(squeezed.__contains__, self._needles)) or _DISGUISES.search(text) is not None

    def is_spelled_in(self, content: bytes) -> bool:
        """Whether a name of the list stands in bytes that are no text; a short one is there by chance."""
        squeezed = content.lower().translate(None, _SQUEEZED_AWAY)
        return any(map(squeezed.__contains__, self._long_names))

    def reason(self, name: str) -> str | None:
        """The listed name that makes this one a secret's (its letters alone), or None."""
        words = words_of(name)
        whole = "".join(words)
        if whole in self._harmless_whole:
            return None
        if whole in self._whole:
            return whole
        if _NESTED.search(name):  # `headers[cookie]`
            for part in _NESTED.split(unquote_plus(name)):
                if (letters := "".join(words_of(part))) in self._whole:
                    return letters
        runs = list(self._runs(words))
        harmless = [(start, end) for start, end, text in runs if text in self._harmless_parts]
        for start, end, text in runs:
            if text not in self._parts or _is_about_one(words[end:]):
                continue
            if not any(first <= start and end <= last for first, last in harmless):
                return text
        return self._fused_in(words)

    def _fused_in(self, words: list[str]) -> str | None:
        """The listed name that one of the words ends with, if the word is no harmless name."""
        if not self._fused:
            return None
        for place, word in enumerate(words):
            if not word.endswith(self._fused) or word in self._parts or _is_about_one(words[place + 1 :]):
                continue
            if not any(map(word.endswith, self._harmless_parts)):
                return next(filter(word.endswith, self._fused))
        return None

    def is_listed(self, name: str) -> bool:
        """Whether it is the listed name, and nothing more: "password" is, "invalid_token" is not."""
        return self[name] and "".join(words_of(name)) in self._parts | self._whole

    def of_several(self, name: str) -> bool:
        """Whether it is the plural of a secret's name, so that a list of it holds secrets."""
        singular = name.removesuffix("s").removesuffix("S")
        if singular == name or name.lower() in _HARMLESS_PLURALS or not self[singular]:
            return False
        return words_of(name)[-1] not in HARMLESS_ENDINGS

    def _runs(self, words: list[str]) -> Iterator[tuple[int, int, str]]:
        """Each run of words that is written as a listed name is: where it starts and ends, and its letters."""
        for start in range(len(words)):
            text = ""
            for end in range(start, len(words)):
                text += words[end]
                if len(text) > self._longest:
                    break
                if text in self._parts or text in self._harmless_parts:
                    yield start, end + 1, text


def _is_about_one(rest: list[str]) -> bool:
    """Whether what follows a listed name makes the whole one of something else: `token_type`, `TokenExpiredError`."""
    return bool(rest) and (rest[-1] in HARMLESS_ENDINGS or "".join(rest[-2:]) in HARMLESS_ENDINGS)


def words_of(name: str) -> list[str]:
    """The words of a name as an application would read it, in lower case.

    It is decoded (percent-encoding, JSON's and HTML's escapes), and split at everything that is no letter or digit,
    where lower case turns to upper, and between letters and digits.
    """
    for _ in range(2):
        if "%" in name:
            name = unquote_plus(name)
    if "\\" in name:
        name = unescaped(name)
    if "&" in name:
        name = html.unescape(name)
    if name.isascii():
        return [word.lower() for word in _WORDS.findall(name)]
    return list(_words_of_any_alphabet(without_disguises(name)))


def without_disguises(text: str) -> str:
    """The text as a reader sees it: odd letters plain (wide, bold, look-alikes), without accents and what is unseen."""
    plain = unicodedata.normalize("NFKD", text)
    return plain if plain.isascii() else latin(_UNSEEN.sub("", plain))


def _words_of_any_alphabet(name: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(name) + 1):
        if index == len(name) or _kind(name[index]) != _kind(name[index - 1]) or _starts_word(name, index):
            word = name[start:index]
            # An upper-case letter starts the word that goes on in lower case.
            starts_word = index < len(name) and len(word) == 1 and word.isupper() and name[index].islower()
            if starts_word:
                continue
            if word[0].isalnum():
                yield word.lower()
            start = index


def _starts_word(name: str, index: int) -> bool:
    """Whether the last of several upper-case letters starts a word: "CSRFToken"."""
    return name[index].isupper() and index + 1 < len(name) and name[index + 1].islower()


def _kind(letter: str) -> int:
    if letter.isdecimal():
        return 0
    if not letter.isalpha():
        return 1
    return 2 if letter.isupper() else 3


def unescaped(text: str) -> str:
    r"""The text with the escapes of JSON and of most languages undone: ``\\u0070``, ``\\u{70}``, ``\\x70``."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2] or escape[3], 16)
    return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004 - the last of Unicode


def _split(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The letters of the names that must be whole, and of those that may be a part."""
    whole: set[str] = set()
    parts: set[str] = set()
    for name in names:
        # A letter of another alphabet may look like one Latin letter in lower case, and like another in upper case.
        for cased in {name} if name.isascii() else {name, name.upper(), name.title()}:
            (whole if name.startswith("=") else parts).add("".join(words_of(cased)))
    return frozenset(whole - {""}), frozenset(parts - {""})
