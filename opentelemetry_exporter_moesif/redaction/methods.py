"""Methods whose arguments are a secret by what the method does: `login`, `changePassword`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.names import SecretNames
from opentelemetry_exporter_moesif.redaction.spelling import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# Logins, and what wallets of blockchains unlock theirs with (Bitcoin Core, Geth, Stratum).
_LOGINS = frozenset(
    "login logon signin sign_in authenticate auth authorize execute_kw walletpassphrase walletpassphrasechange"
    " encryptwallet importprivkey personal_unlockaccount personal_importrawkey personal_newaccount".split()
)
_VERBS = frozenset("set change reset update verify check validate confirm redeem exchange use enter submit".split())
ABOUT = SecretNames(
    "=id =ids =email =user =username =name =login =type =scope =scopes =description =limit =first =input =where"
    " user_id account_id tenant_id expires expires_at expires_in".split()
)
"""What such a method is given beside the secret, and is none."""

_METHODS = ("method", "event", "procedure", "target", "action", "command")
_TOOLS = ("name", "function", "tool")
_ARGUMENTS = ("params", "args", "arguments", "parameters")
_OF_TOOLS = ("arguments", "args", "input")  # their parameters are a schema
_GIVEN = frozenset((*_ARGUMENTS, *_OF_TOOLS))


def secret_fields(fields: dict[Any, Any], names: SecretNames) -> Iterator[tuple[dict[Any, Any], Any]]:
    """The arguments in an object that are secrets by its method: the object that holds them, and the keys.

    JSON-RPC's, and those of a tool that a language model calls.
    """
    if _GIVEN.isdisjoint(fields):
        return
    if any(takes_an_account(fields.get(key)) or _takes_one(fields.get(key), names) for key in _METHODS):
        yield from ((fields, key) for key in _ARGUMENTS if fields.get(key))
    elif any(takes_an_account(fields.get(key)) or _takes_one(fields.get(key), names) for key in _TOOLS):
        yield from ((fields, key) for key in _OF_TOOLS if fields.get(key))


def takes_an_account(method: Any) -> bool:
    """Whether the arguments of a method are a user and a password: `login`, `common.authenticate`."""
    return isinstance(method, str) and method.rpartition(".")[2].lower() in _LOGINS


def _takes_one(method: Any, names: SecretNames) -> bool:
    return isinstance(method, str) and takes_a_secret(method, names)


def takes_a_secret(method: str, names: SecretNames) -> bool:
    """Whether a method does something with a secret that it is given: `changePassword`, `tokens.verifyToken`."""
    if not names[method]:
        return False
    words = words_of(method.rpartition(".")[2])
    verb = next((place for place, word in enumerate(words) if word in _VERBS), None)
    if verb is None:
        return False
    return names.ends_in_one(words[verb + 1 :])
