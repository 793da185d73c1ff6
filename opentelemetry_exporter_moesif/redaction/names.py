"""Names that say of their value that it is a secret, in whatever way they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.needles import Needles
from opentelemetry_exporter_moesif.redaction.spelling import SQUEEZED_AWAY, undisguised, words_of
from opentelemetry_exporter_moesif.redaction.steps import STEPS_OF_A_JUDGEMENT, Steps
from opentelemetry_exporter_moesif.remembered import Answers, Remembered

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
    " auth_pw creds login_code wpa_psk laravel_session rack_session ci_session passw0rd"
    " =pw pswd =psk preshared_key pre_shared_key client_key_data smtp_pass mail_pass email_pass ssh_pass become_pass"
    " sudo_pass root_pass admin_pass ftp_pass ldap_pass mysql_pass redis_pass login_pass new_pass old_pass temp_pass"
    " sms_code security_answer"
    " jsessionid sessid sesskey cftoken"
    " auth_code auth_data auth_hash auth_pass auth_session auth_ticket basic_auth amzn_auth zumo_auth proxy_auth"
    # Headers and settings of single products: Fastly, Honeycomb, Datadog, Azure, AWS, Redis.
    " fastly_key honeycomb_team =dd_application_key sas_key encryption_customer_key client_principal"
    " authentication_info requirepass masterauth"
    " rapidapi_key registry_auth tableau_auth appwrite_key sfdc_session =set-cookie2"
    # Words that are often written together, without anything between them.
    " access_token refresh_token id_token auth_token session_token bearer_token csrf_token xsrf_token client_secret"
    " secret_key api_token user_token awsaccesskeyid new_password old_password current_password user_password"
    " db_password password_confirmation".split()
)
"""The names that are secrets unless a setting says otherwise; ``=`` before one that must be the whole name."""

DEFAULT_HEADERS = DEFAULT_NAMES | {"=authentication"}
"""The same for headers, one of which is an ordinary word elsewhere."""

DEFAULT_HARMLESS_NAMES = frozenset(
    "page_token paging_token pagination_token continuation_token next_token previous_token prev_token sync_token"
    " skip_token resume_token cursor_token delta_token scroll_token search_token checkpoint_token starting_token"
    " next_forward_token next_backward_token =forward_token =backward_token"
    " idempotency_token client_request_token api_key_id"
    " reasoning_token audio_token special_token unk_token mask_token sep_token cls_token"
    " cvc_check cvv_check security_code_check bad_password_time"
    " first_token last_token input_token output_token prompt_token completion_token cached_token per_token"
    " eos_token bos_token pad_token stop_token token_bucket token_symbol token_address token_decimals token_standard"
    " token_endpoint token_url token_uri token_introspection id_token_signing id_token_encryption"
    " authorization_endpoint authorization_url authorization_uri authorization_server authorization_servers"
    " authorization_response allow_credentials exclude_credentials image_pull_secrets client_principal_id"
    " client_principal_idp".split()
)
"""Names that hold a listed one and are no secrets."""

HARMLESS_ENDINGS = frozenset(
    "type count usage limit budget length policy strength format version method algorithm alg status name"
    " error errors exception warning expired expires expiresin expiresat expiry expiration lifetime ttl"
    " changedat updatedat createdat issuedat expiredat lastchanged rate price cost required enabled supported"
    " ids valid set reset changed updated revoked age date datetime last4 prefix index scope issuer audience kind arn"
    " seconds minutes hours days result sent sentat usedat lastused revokedat modifiedat logprob logprobs"
    " match mismatch ref class scanning duration period policies label placeholder".split()
)
"""What a name may go on with, and end with, behind a listed one and so be about a secret, and none."""

# What a word ends with where a name is written together with what stands before it: `userpassword`.
_FUSED = tuple("password passwd passphrase secret apikey accesskey secretkey privatekey storepass keypass".split())

_LONG_NAME = 6
_FEW = 16
_USUAL_LENGTH = 64

_HARMLESS_PLURALS = frozenset(("assertions",))

# A word that may be a name.
_WORD = expression(r"[^\s\"'`<>=:(){},;]{2,64}")

# Between the parts of a nested name, each of which is whole.
_NESTED = expression(r"[\[\].:/]|%5[BbDd]")
_BRACKETS = expression(r"[\[\].]|%5[BbDd]")
_BRACKET = expression(r"[\[\]]|%5[BbDd]")


class SecretNames(Remembered[str, bool]):
    """Whether a name is a secret's: a service has a few hundred names, each judged once and remembered.

    Args:
        names: Names of secrets, in any spelling. One that starts with ``=`` is a secret where it is the whole name;
            any other also where it is a part of one. One that starts with ``-`` is harmless.
        harmless: Names that are none although one of `names` is in them; ``=`` means the same.

    Attributes:
        needles: What a text is looked through for, before any name in it is judged.
        letters_in: As that has it.
        may_be_in: As that has it.
        near: As that has it.
        several: Whether a name, or a part of a nested one, is the plural of a secret's: `user[tokens][]`.
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
        self._listed = listed = self._whole | self._parts
        self._listed_letters = frozenset(name.encode() for name in listed)
        self._long_names = tuple(name.encode() for name in listed if len(name) >= _LONG_NAME)
        self.needles = needles = Needles(listed, self._fused)
        self.letters_in = needles.letters_in
        self.may_be_in = needles.may_be_in
        self.near = needles.near
        self.several = Answers(self._holds_plural, longest=_USUAL_LENGTH)

    most = 4096

    def find(self, name: str) -> bool:
        """Whether it is a secret's."""
        may_be_one = self.may_be_in(name) or ("&" in name and self.may_be_in(undisguised(name)))
        return may_be_one and self.reason(name) is not None

    def is_worth(self, name: str) -> bool:
        """Whether it is a short one."""
        return len(name) <= _USUAL_LENGTH

    def among(self, names: Collection[str], steps: Steps | None = None) -> set[str]:
        """Those of several names that are secrets': those that cannot be are passed over by one look at all.

        Raises:
            TooManyStepsError: More of them have to be judged than in anything ordinary.
        """
        if len(names) > _FEW:
            names = self.needles.possible([*names])
        if steps:
            steps.take(len(names) * STEPS_OF_A_JUDGEMENT)
        return set(filter(self.__getitem__, names))

    def are_mentioned_in(self, text: str, steps: Steps | None = None) -> bool:
        """Whether one of the words of a text is a secret's name.

        Raises:
            TooManyStepsError: More of them have to be judged than in anything ordinary.
        """
        return bool(self.among(set(_WORD.findall(text)), steps))

    def is_spelled_in(self, content: bytes) -> bool:
        """Whether a name of the list stands in bytes that are no text; a short one is there by chance."""
        letters = content.lower().translate(None, SQUEEZED_AWAY)
        return any(map(letters.__contains__, self._long_names))

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
            is_nested = name[-1:] == "]" or "[" not in name
            for part in _BRACKET.split(name) if is_nested else ():  # `input[token]` is no input token
                last = part.rpartition(".")[2]
                if last != name and (reason := self.reason(last)):
                    return reason
        named = (text for end, text in self._named_in(words) if not _is_about_one(words[end:]))
        return next(named, None) or self._fused_in(words)

    def rest_behind(self, words: list[str]) -> tuple[list[str] | None, bool]:
        """What some words say behind the last listed name among them, and whether that is a plural.

        None where they have none.
        """
        if "".join(words) in self._whole or self._fused_in(words):
            return [], False
        if ends := [end for end, _ in self._named_in(words)]:
            return words[max(ends) :], False
        singular = [word if word in _HARMLESS_PLURALS else word.removesuffix("s") for word in words]
        ends = [end for end, _ in self._named_in(singular)]
        return (words[max(ends) :] if ends else None), True

    def _named_in(self, words: list[str]) -> Iterator[tuple[int, str]]:
        """The listed names in some words that are in no harmless one: where each ends, and its letters."""
        runs = list(self._runs(words))
        harmless = [(start, end) for start, end, text in runs if text in self._harmless_parts]
        for start, end, text in runs:
            if text in self._parts and not any(first <= start and end <= last for first, last in harmless):
                yield end, text

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
        if self.letters_in(name) not in self._listed_letters and not any(map(name.__contains__, "%\\&")):
            return False  # most names, and no judgement is needed
        return self[name] and "".join(words_of(name)) in self._listed

    def ends_in_one(self, words: Sequence[str]) -> bool:
        """Whether some words end with a listed name: those of "users.token" do, of "TokenService" do not."""
        return any(self.is_listed(" ".join(words[start:])) for start in range(len(words)))

    def of_several(self, name: str) -> bool:
        """Whether it is the plural of a secret's name, so that a list of it holds secrets."""
        singular = name.removesuffix("s").removesuffix("S")
        if singular == name or name.lower() in _HARMLESS_PLURALS or not self[singular]:
            return False
        return words_of(name)[-1] not in HARMLESS_ENDINGS

    def _holds_plural(self, name: str) -> bool:
        return "s" in name.lower() and any(map(self.of_several, filter(None, _BRACKETS.split(name))))

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
    if not rest:
        return False
    last, lasts = rest[-1], "".join(rest[-2:])
    return last in HARMLESS_ENDINGS or last.removesuffix("s") in HARMLESS_ENDINGS or lasts in HARMLESS_ENDINGS


def _split(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The letters of the names that must be whole, and of those that may be a part."""
    whole: set[str] = set()
    parts: set[str] = set()
    for name in names:
        # A letter of another alphabet may look like one Latin letter in lower case, and like another in upper case.
        for cased in {name} if name.isascii() else {name, name.upper(), name.title()}:
            (whole if name.startswith("=") else parts).add("".join(words_of(cased)))
    return frozenset(whole - {""}), frozenset(parts - {""})
