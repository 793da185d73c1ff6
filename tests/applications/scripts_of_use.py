"""What an application of the registry needs, how it is started, and what a script asks of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Part of every secret that a script uses: where it shows up in an event, something leaked.
SECRET = "hush-4f1c9a"
_PAIR = base64.b64encode(f"ada:{SECRET}".encode()).decode()
#: What no event may hold.
SECRETS = (SECRET, _PAIR)

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BASIC = {"Authorization": f"Basic {_PAIR}"}
BEARER = {"Authorization": f"Bearer sk-{SECRET}"}
TOKEN = {"Authorization": f"token {SECRET}"}
_BOUNDARY = "a-boundary-of-two-parts"


@dataclass(frozen=True)
class Request:
    """One request of a script.

    Attributes:
        method: As it is sent.
        target: As it is sent; `{name}` stands for what an answer before told by that name.
        headers: As they are sent.
        body: As it is sent.
        is_same_each_time: Whether two answers to it have the same bytes, apart from ids and times.
        tells: A field of the answer's JSON that later targets hold.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_same_each_time: bool = True
    tells: str = ""


@dataclass(frozen=True)
class Application:
    """An application of the registry.

    Attributes:
        requirements: What is installed.
        command: What serves on `{port}`.
        script: What is asked, in this order, on one connection.
        files: What is written into its directory, by name.
        sources: A directory below `sources` that is copied there.
        preparation: Commands that are run there once, not instrumented.
        settings: Further variables.
        kept: What the application keeps its state in: each run begins without.
        socket: A WebSocket that is open beside the script: it is no call.
        asks_itself: Method and path of calls that it makes to itself.
    """

    requirements: tuple[str, ...]
    command: tuple[str, ...]
    script: tuple[Request, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    sources: str = ""
    preparation: tuple[tuple[str, ...], ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    socket: str = ""
    asks_itself: tuple[tuple[str, str], ...] = ()


def got(target: str, headers: Mapping[str, str] | None = None, *, same: bool = True) -> Request:
    return Request("GET", target, headers or {}, is_same_each_time=same)


def posted(
    target: str, body: object, headers: Mapping[str, str] = JSON, *, same: bool = True, tells: str = ""
) -> Request:
    content = json.dumps(body).encode()
    return Request("POST", target, {**JSON, **headers}, content, is_same_each_time=same, tells=tells)


def submitted(target: str, form: str, headers: Mapping[str, str] | None = None, *, same: bool = True) -> Request:
    return Request("POST", target, {**FORM, **(headers or {})}, form.encode(), is_same_each_time=same)


def uploaded(target: str, *, file: str = "file", same: bool = True, **fields: str) -> Request:
    """A file, and fields before it."""
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append(f'name="{file}"; filename="notes.txt"\r\nContent-Type: text/plain\r\n\r\nhello')
    body = "".join(f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    return Request("POST", target, headers, f"{body}--{_BOUNDARY}--\r\n".encode(), is_same_each_time=same)
