"""Which bodies are JSON: by their type, or by how they begin."""

from __future__ import annotations

import json
import re

_TYPES = frozenset(
    "application/json text/json application/x-json text/x-json application/csp-report application/json-rpc"
    " application/jsonrequest".split()
)
# What can be nothing but JSON: no line of a log (`[12] …`), no section and no link.
_CUT = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(?:\{[ \t\r\n]*(?:\"|$)|\[[ \t\r\n]*(?:[{\"]|\[[ \t\r\n]*[\[{\"\d]"
    rb"|(?:-?\d[\d.eE+-]{0,32}|true|false|null)[ \t\r\n]*,|$))"
)


def is_json(media_type: str) -> bool:
    """Whether a media type says so; AWS's have a version."""
    return media_type in _TYPES or media_type.endswith("+json") or media_type.startswith("application/x-amz-json")


def is_cut_json(content: bytes) -> bool:
    """Whether what was cut off is JSON, whatever it says that it is."""
    return _CUT.match(content) is not None


def whole_lines(content: bytes) -> bytes:
    """Those of a body that was cut off, where each is a document of its own; nothing where it is one document."""
    lines, end, _ = content.rpartition(b"\n")
    try:
        json.loads(lines.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return b""
    return lines + end
