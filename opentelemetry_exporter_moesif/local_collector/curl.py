"""The command that sends a call's request once more."""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from dataclasses import dataclass
from typing import Any

from opentelemetry_exporter_moesif.http_syntax import TOKEN
from opentelemetry_exporter_moesif.json_codec import dumps

_TOKEN = re.compile(TOKEN)
# curl works these out by itself, and a wrong one breaks the request.
_NOT_SENT = frozenset({"connection", "content-length", "host", "transfer-encoding", "accept-encoding"})
_MASK = "[REDACTED]"
_JSON = "content-type: application/json"


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """A command for a POSIX shell.

    Attributes:
        text: The command.
        masked: The names of the headers that are left out, since their values were masked before the event came.
        has_headers: Whether any header was captured.
    """

    text: str
    masked: tuple[str, ...]
    has_headers: bool


def curl_command(event: Any) -> CurlCommand | None:
    """The command that sends a request again, None where the event has no address that curl could ask.

    Everything in it is quoted: an event is hostile, and the command is made to be pasted.
    """
    request = event.get("request") if isinstance(event, dict) else None
    uri = request.get("uri") if isinstance(request, dict) else None
    if not isinstance(request, dict) or not isinstance(uri, str) or not re.match(r"https?://", uri, re.IGNORECASE):
        return None
    verb = str(request.get("verb") or "GET")
    body = _body(request)
    lines = [f"curl --globoff --path-as-is {_method(verb, body)}{_quoted(uri)}"]
    headers = request.get("headers")
    named = headers if isinstance(headers, dict) else {}
    sendable = {name: value for name, value in named.items() if _is_sendable(name)}
    masked = tuple(name for name, value in sendable.items() if _MASK in str(value))
    lines += [f"-H {_quoted(_header(name, value))}" for name, value in sendable.items() if name not in masked]
    if body is not None:
        if not any(name.lower() == "content-type" for name in named) and not isinstance(request["body"], str):
            lines.append(f"-H {_quoted(_JSON)}")
        lines.append(f"--data-raw {_quoted(body)}")
    return CurlCommand(" \\\n  ".join(lines), masked, bool(named))


def _method(verb: str, body: str | None) -> str:
    if (verb == "GET" and body is None) or not _TOKEN.fullmatch(verb):
        return ""
    return "--head " if verb == "HEAD" else f"-X {_quoted(verb)} "


def _is_sendable(name: str) -> bool:
    # a name that is no token may be an option in disguise: curl reads `-H @file` from the file
    return _TOKEN.fullmatch(name) is not None and name.lower() not in _NOT_SENT


def _header(name: str, value: Any) -> str:
    return f"{name}: {value}" if value != "" else f"{name};"


def _body(request: dict[str, Any]) -> str | None:
    body = request.get("body")
    if body is None:
        return None
    if not isinstance(body, str):
        return dumps(body).decode()
    if request.get("transfer_encoding") != "base64":
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _quoted(text: str) -> str:
    """Text as one word of bash and zsh; control characters are spelled out, so that a terminal never acts on them."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(_escaped(character) for character in text)
    return f"$'{escaped}'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "replace"))
