"""Values of an event as the page shows them: trees, text or a dump, each within bounds."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_NODES = 2_000
_MAX_DEPTH = 40
_MAX_TEXT = 20_000
_MAX_DUMP = 512
_ROW = 16


@dataclass(slots=True)
class Node:
    """One value of a tree.

    Attributes:
        name: Its key or index; empty for the root.
        kind: `object`, `list`, `text`, `number`, `true`, `false` or `null`.
        text: A plain value's text, or a container's number of members in words.
        children: The members of a container.
        left_out: How many members are not shown.
    """

    name: str
    kind: str
    text: str
    children: list[Node] = field(default_factory=list)
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body: a tree, text, or a dump of its first bytes.

    Attributes:
        note: What it is, in words.
        tree: Its tree, where it is JSON.
        text: Its text or dump otherwise.
    """

    note: str
    tree: Node | None = None
    text: str | None = None


def body_view(part: Any) -> BodyView | None:
    """The body of an event's request or response, None without one."""
    if not isinstance(part, dict) or part.get("body") is None:
        return None
    body = part["body"]
    if part.get("transfer_encoding") == "base64" and isinstance(body, str):
        try:
            return _decoded(base64.b64decode(body, validate=True))
        except (binascii.Error, ValueError):
            return BodyView("not base64, as transfer_encoding says", text=body[:_MAX_TEXT])
    if isinstance(body, str):
        return BodyView(f"text, {_counted(len(body), 'character')}", text=body[:_MAX_TEXT])
    return BodyView("JSON", tree=tree(body))


def _decoded(content: bytes) -> BodyView:
    size = _counted(len(content), "byte")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return BodyView(f"binary, {size}", text=_dump(content[:_MAX_DUMP]))
    try:
        value = loads(text)
    except ValueError:
        return BodyView(f"text, {size}", text=text[:_MAX_TEXT])
    return BodyView(f"JSON sent as base64, {size}", tree=tree(value))


def _dump(content: bytes) -> str:
    rows = (content[start : start + _ROW] for start in range(0, len(content), _ROW))
    return "\n".join(
        f"{index * _ROW:04x}  {row.hex(' '):<{3 * _ROW}} {''.join(chr(b) if 32 <= b < 127 else '.' for b in row)}"  # noqa: PLR2004 - ASCII
        for index, row in enumerate(rows)
    )


def tree(value: Any) -> Node:
    """A JSON value as a tree of at most two thousand nodes: what is beyond is counted, not shown."""
    budget = [_MAX_NODES]
    return _node("", value, 0, budget)


def _node(name: str, value: Any, depth: int, budget: list[int]) -> Node:
    budget[0] -= 1
    if not isinstance(value, (dict, list)):
        return _plain(name, value)
    members: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    kind, unit = ("object", "field") if isinstance(value, dict) else ("list", "item")
    node = Node(name, kind, _counted(len(value), unit))
    if depth < _MAX_DEPTH:
        for key, member in members:
            if budget[0] <= 0:
                break
            node.children.append(_node(str(key), member, depth + 1, budget))
    node.left_out = len(value) - len(node.children)
    return node


def _plain(name: str, value: Any) -> Node:
    if value is None or isinstance(value, bool):
        word = {None: "null", True: "true", False: "false"}[value]
        return Node(name, word, word)
    if isinstance(value, (int, float)):
        return Node(name, "number", str(value))
    return Node(name, "text", str(value)[:_MAX_TEXT])


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
