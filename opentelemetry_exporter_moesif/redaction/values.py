"""Values that are credentials by their shape, wherever they stand: tokens, keys, and what authenticates a caller."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED, Span, without

_LETTERS = r"[A-Za-z0-9_-]"
_NO_ID = r"(?=[0-9a-f-]*[A-Zg-z_])"  # of a word that its prefix is no part of, which may be an id: see `plain`

# The prefixes of well-known keys, and how many letters at least follow. Sources: the issuers' own documentation, as
# gathered by secret scanners (GitHub's *Supported secret scanning patterns*).
_KEYS = (
    (r"sk_(?:live|test)_|rk_(?:live|test)_|whsec_", 10),  # Stripe
    (r"gh[pousr]_|github_pat_", 16),  # GitHub
    (r"gl(?:pat|dt|ptt|rt|cbt|ft|imt|soat|agent)-", 12),  # GitLab
    (r"xox[a-z]-|xapp-|xwfp-", 8),  # Slack
    (r"A(?:KI|SI|BI|CC)A", 12),  # AWS
    (rf"AIza|GOCSPX-|ya29\.{_NO_ID}|1//0", 16),  # Google
    (r"sk-(?:proj|ant|or|svcacct|admin)-|sk-|gsk_|xai-|pplx-|nvapi-|tvly-|r8_|hf_", 16),  # language models
    (rf"SG\.{_NO_ID}|xkeysib-|key-(?=[0-9a-f]{{32}})", 16),  # mail
    (r"npm_|pypi-|rubygems_|dckr_pat_|dop_v1_|doo_v1_|dor_v1_", 16),  # registries
    (r"shp(?:at|ss|ca|pa)_|sq0(?:atp|csp)-|EAAA(?=[A-Za-z0-9_-]{56})", 16),  # shops
    (
        rf"hv[sbr]\.{_NO_ID}|glsa_|glc_|sntry[su]_|NRAK-|dapi(?=[0-9a-f]{{32}})|lin_api_|ntn_|PMAK-|figd_|sbp_|pscale_\w+_",
        16,
    ),
    (r"AGE-SECRET-KEY-1|pul-(?=[0-9a-f]{40})|ATATT3|ATBB|CFPAT-|pat-(?:na|eu)\d-", 16),
)


def _first_letters(prefixes: Iterable[str]) -> str:
    """The letters that these may start with. Each starts with one that stands for itself."""
    alternatives = (each for prefix in prefixes for each in re.sub(r"\([^()]*\)", "", prefix).split("|"))
    return "".join(sorted({each[0] for each in alternatives}))


# The expressions start with the letters that theirs may start with: Python's machine finds those by itself at once.
_KEY = expression(
    rf"[{_first_letters(prefix for prefix, _ in _KEYS)}](?<=(?<![A-Za-z0-9])"
    r"(?=[\w./-]{12})"
    rf"(?=(?:{'|'.join(rf'(?:{prefix}){_LETTERS}{{{least}}}' for prefix, least in _KEYS)})).)[\w.~+/=-]*"
)
# Addresses that are credentials themselves, since who knows one may post: those of Slack, Discord and Telegram.
_WEBHOOK = expression(
    r"[swb](?<=(?<![A-Za-z0-9])(?=(?:services/T|webhooks/\d|bot\d)).)"
    r"(?P<place>ervices/T[A-Z0-9]{6,16}/B[A-Z0-9]{6,16}/|ebhooks/\d{15,22}/|ot\d{6,12}(?::|%3A))"
    rf"{_NO_ID}[\w-]{{20,}}"
)
# A JWS has three parts, a JWE five, of which the second may be empty (RFC 7515, RFC 7516). The first starts with `{"`.
_JWT = expression(rf"eyJ(?<![A-Za-z0-9]eyJ){_LETTERS}{{8,}}(?:(?:\.|%2[Ee]){_LETTERS}*){{1,4}}={{0,2}}")
_SCHEMES = tuple("bearer basic token apikey negotiate ntlm dpop ssws oauth".split())
_FIRST_OF_A_SCHEME = f"[{''.join(sorted({case for name in _SCHEMES for case in (name[0], name[0].upper())}))}]"
_REST_OF_A_SCHEME = f"(?i:{'|'.join(f'(?<={name[0]}){name[1:]}' for name in _SCHEMES)})"
_KUBERNETES = r"\.authorization\.k8s\.io\."  # a bearer token's prefix in `Sec-WebSocket-Protocol`
_SCHEME = expression(
    rf"(?P<scheme>{_FIRST_OF_A_SCHEME}(?<!\w.){_REST_OF_A_SCHEME})(?i:(?:,?\s|\+|%20)+|{_KUBERNETES})"
    r"(?P<credentials>(?:[\w.~+/-]|%(?!20)){6,}=*)"
)
_BLOCK = expression(r"-----BEGIN[ A-Z0-9+%]{0,40}PRIVATE(?: |\+|%20)KEY")
_END_OF_BLOCK = expression(r"-----END[ A-Z0-9+%]{0,40}PRIVATE(?: |\+|%20)KEY[ A-Z+%]{0,20}-----")
_CARD = expression(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]|-\d)")

_NEXT_KEY = "bearerFormat"  # of OpenAPI, on the line below `scheme: bearer`
_LEAST_CREDENTIALS = 16  # letters without any digit, behind a scheme, are prose up to there ("Bearer authentication")


class Shape(NamedTuple):
    """One kind of credential.

    Args:
        look: A pattern that each text with such a value has in it somewhere.
        masked: Replaces every such value in a text.
        is_default: Whether it is masked unless a setting says otherwise.
        words: Of which each text with such a value has one in it, in any case; () where there are too many.
    """

    look: str
    masked: Callable[[str], str]
    is_default: bool = True
    words: tuple[str, ...] = ()

    def is_out_of(self, lowered: str) -> bool:
        """Whether a text in small letters has no such value: a tenth of what `look` takes."""
        return bool(self.words) and not any(map(lowered.__contains__, self.words))


def _masked_scheme(match: re.Match[str]) -> str:
    credentials = match["credentials"]
    if credentials == _NEXT_KEY:
        return match[0]
    if is_basic(credentials) or _is_opaque(credentials, match["scheme"].lower()):
        return match[0][: match.start("credentials") - match.start()] + MASKED
    return match[0]


def is_basic(credentials: str) -> bool:
    """Whether these are a name and a password (RFC 7617)."""
    try:
        return b":" in base64.b64decode(credentials + "=" * (-len(credentials) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


def _is_opaque(credentials: str, scheme: str) -> bool:
    """Whether these are a credential's letters, and not the next word of a sentence."""
    has_digit = any(letter.isdigit() for letter in credentials)
    if scheme in {"token", "basic", "oauth"}:
        return has_digit and len(credentials) >= _LEAST_CREDENTIALS
    inner = credentials[1:].rstrip(".")
    return has_digit or "_" in inner or "." in inner or inner != inner.lower() or len(credentials) > _LEAST_CREDENTIALS


def _without_private_keys(text: str) -> str:
    return without(text, _private_keys(text))


def _private_keys(text: str) -> Iterator[Span]:
    end = 0
    while begin := _BLOCK.search(text, end):
        closing = _END_OF_BLOCK.search(text, begin.end())
        end = closing.end() if closing else len(text)
        yield begin.start(), end


def _masked_webhook(match: re.Match[str]) -> str:
    return match[0][: match.end("place") - match.start()] + MASKED


def _masked_card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return MASKED if (sum(digits[-1::-2]) + doubled) % 10 == 0 else match[0]


SHAPES: Mapping[str, Shape] = {
    "private-key": Shape("PRIVATE", _without_private_keys, words=("private",)),
    "jwt": Shape("eyJ", lambda text: _JWT.sub(MASKED, text), words=("eyj",)),
    "scheme": Shape(
        _FIRST_OF_A_SCHEME + _REST_OF_A_SCHEME, lambda text: _SCHEME.sub(_masked_scheme, text), words=_SCHEMES
    ),
    "key": Shape(
        f"{_KEY.pattern}|{_WEBHOOK.pattern}", lambda text: _WEBHOOK.sub(_masked_webhook, _KEY.sub(MASKED, text))
    ),
    "card-number": Shape(_CARD.pattern, lambda text: _CARD.sub(_masked_card, text), is_default=False),
}
"""Every shape that is known, by the name that a setting turns it on or off with."""

DEFAULT_SHAPES = tuple(name for name, shape in SHAPES.items() if shape.is_default)


class Credentials:
    """Finds what is a credential by its shape.

    Args:
        values: Names of `SHAPES`, and patterns of the user's own.

    Attributes:
        look: Is found in each text that may hold one.
    """

    def __init__(self, values: Iterable[str | re.Pattern[str]]) -> None:
        self._shapes = [SHAPES[value] for value in values if isinstance(value, str)]
        self._patterns = [value for value in values if not isinstance(value, str)]
        # A pattern of the user's may have flags of its own, and then cannot be a part of another one.
        looks = [""] if self._patterns else [shape.look for shape in self._shapes]
        self.look = re.compile("|".join(looks) if looks else "(?!)")

    def masked(self, text: str) -> str:
        """The text without them; where there are none, that takes a few looks for words."""
        # An "i" with a dot or without one is an "i" for a pattern that ignores case.
        lowered = text.lower() if text.isascii() else text.casefold().replace("\u0131", "i").replace("\u0307", "")
        for shape in self._shapes:
            if not shape.is_out_of(lowered):
                text = shape.masked(text)
        for pattern in self._patterns:
            text = pattern.sub(MASKED, text)
        return text
