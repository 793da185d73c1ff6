"""The protocols that a WebSocket asks for, among which browsers, which can send no other header, put credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

HEADER = "Sec-Websocket-Protocol"
_BEARER = expression(r"(?i:[\w.-]{0,64}\bbearer(?:\.authorization\.k8s\.io)?)")


def masked(protocols: str, names: SecretNames) -> str:
    """The header's value without what stands behind a secret's name: `access_token, …`, `bearer-…`, `token.…`."""
    clean: list[str] = []
    is_next = False
    for protocol in protocols.split(","):
        word = protocol.strip()
        name, sign, rest = word.rpartition(".") if "." in word else word.partition("-")
        is_told = bool(rest) and _is_name(name, names)
        if is_next:
            clean.append(protocol.replace(word, MASKED) if word else protocol)
        elif is_told:
            clean.append(protocol.replace(word, f"{name}{sign}{MASKED}"))
        else:
            clean.append(protocol)
        is_next = not (is_next or is_told) and _is_name(word, names)
    return ",".join(clean)


def _is_name(word: str, names: SecretNames) -> bool:
    return names[word] or _BEARER.fullmatch(word) is not None
