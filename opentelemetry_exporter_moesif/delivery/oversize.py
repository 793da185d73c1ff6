"""An event that is too large, made smaller: first without its bodies, then without its metadata."""

from __future__ import annotations

import json
from typing import Any

OVERSIZE = "oversize"

_BODIES = {"request": "request_body", "response": "response_body"}


def shrunk(event: bytes) -> bytes | None:
    """The next smaller form of an event's JSON, or None where nothing is left to leave out.

    What was left out is said in the event's `metadata`.
    """
    try:
        fields: dict[str, Any] = json.loads(event)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not any(drop(fields) for drop in (_drop_bodies, _drop_metadata)):
        return None
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _drop_bodies(fields: dict[str, Any]) -> bool:
    notes = {}
    for name, note in _BODIES.items():
        part = fields.get(name)
        if isinstance(part, dict) and "body" in part:
            del part["body"]
            part.pop("transfer_encoding", None)
            notes[note] = OVERSIZE
    if notes:
        metadata = fields.get("metadata")
        fields["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), **notes}
    return bool(notes)


def _drop_metadata(fields: dict[str, Any]) -> bool:
    metadata = fields.get("metadata")
    kept = {
        note: OVERSIZE for note in _BODIES.values() if isinstance(metadata, dict) and metadata.get(note) == OVERSIZE
    }
    shortest = {**kept, "metadata": OVERSIZE}
    if not metadata or metadata in (kept, shortest):
        return False
    fields["metadata"] = shortest
    return True
