"""A body as an event holds it: JSON as an object, all else as base64 text, and never what cannot be redacted.

Whatever says that it is JSON or a form and cannot be read as one is left out, and the metadata says why: nobody could
tell which of its bytes are a password.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from opentelemetry_exporter_moesif.mapping.content_encoding import UndecodableError, decode_content
from opentelemetry_exporter_moesif.mapping.json_looks import is_cut_json, is_json, whole_lines
from opentelemetry_exporter_moesif.mapping.metadata import metadata_value
from opentelemetry_exporter_moesif.redaction.steps import TooManyStepsError

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.event import Event, EventResponse
    from opentelemetry_exporter_moesif.redaction import Redaction

Cut = Literal["truncated", "incomplete", "aborted", "file", "unparseable"]
"""Why a captured body is not the whole of it.

``truncated``: it is longer than the limit. ``incomplete``: it was still under way when the span was exported, what made
it failed, or the application did not read all of it. ``aborted``: the other side went away. ``file``: the server sends
it by itself. ``unparseable``: it says that it is an upload, and is not.
"""

Note = Literal[Cut, "stream", "undecodable", "withheld"]
"""What the metadata say of a body that was not sent as it was.

``stream``: the beginning of a stream. ``undecodable``: its compression cannot be undone. ``unparseable``: as above, and
of what says that it is JSON and is not. ``withheld``: a text that holds a secret, and nobody can tell where that
ends, and what takes too long to look through.
"""

# What `capture_streams` is about. The first one has no end, and is left out without that setting.
_STREAMS = frozenset(
    "text/event-stream application/x-ndjson application/ndjson application/jsonl application/x-jsonlines"
    " application/json-seq application/stream+json application/grpc-web-text application/grpc-web-text+proto".split()
)
_FORM = "application/x-www-form-urlencoded"
_TABLES = frozenset(("text/csv", "text/tab-separated-values", "application/csv"))
_START_OF_JSON = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[\[{]")
# What some send under a form's name: taken apart as a form, a value of theirs could lose the name before it.
_NOT_A_FORM = re.compile(rb"\s*[\[{<]")
_WITHOUT_BODY = (204, 304)
# Each field of a form costs microseconds. Django and PHP take a thousand at most, too.
_MOST_FIELDS_OF_A_FORM = 2000


class CapturedBody(NamedTuple):
    """The bytes of a body, as they went over the wire.

    Args:
        content: The first bytes of it.
        content_type: The header's value, or empty.
        content_encoding: The header's value, or empty.
        cut: Why `content` is not all of it; None where it is.
        size: The bytes of a body that the server sends by itself; 0 where they are not known.
        fields: What an upload holds, in place of `content`.
    """

    content: bytes
    content_type: str = ""
    content_encoding: str = ""
    cut: Cut | None = None
    size: int = 0
    fields: dict[str, Any] | None = None


class CapturedBodies(NamedTuple):
    """The bodies of one call; None where there is nothing to say of one."""

    request: CapturedBody | None
    response: CapturedBody | None


class BodyRules(NamedTuple):
    """Which bodies are told.

    Args:
        max_bytes: At most this many bytes of one are used, decoded.
        with_streams: Whether a stream is told by its beginning.
        only_of_errors: Whether captured bodies are told of failed calls alone.
    """

    max_bytes: int
    with_streams: bool = False
    only_of_errors: bool = False


class EventBody(NamedTuple):
    """What an event holds of a body; `value` is None where it holds nothing."""

    value: dict[str, Any] | list[Any] | str | None
    transfer_encoding: Literal["json", "base64"] | None = None
    note: Note | None = None


BODY_ATTRIBUTES = frozenset(("http.request.body", "http.response.body"))


def add_bodies(
    event: Event,
    attributes: Mapping[str, Any],
    captured: CapturedBodies | None,
    redaction: Redaction,
    rules: BodyRules,
) -> None:
    """Puts the bodies of a call into its event: those that were captured, else those that the span's attributes hold.

    Args:
        event: The event, with its metadata, which say what was left out.
        attributes: The attributes of its span.
        captured: What was captured beside the span.
        redaction: What must not leave.
        rules: Which bodies are told.
    """
    response = event.get("response")
    if rules.only_of_errors and not _has_failed(event, response):
        captured = None
    sides = (("request", event["request"]), ("response", response))
    for side, part in sides[:1] if response and _has_no_body(response) else sides:
        body = getattr(captured, side) if captured else None
        if body is None and f"http.{side}.body" in attributes:
            body = _of_attribute(attributes[f"http.{side}.body"], part["headers"] if part else {}, rules.max_bytes)
        if body is None:
            continue
        value, transfer_encoding, note = event_body(body, redaction, rules.max_bytes, with_streams=rules.with_streams)
        if value is not None and transfer_encoding and part:
            part["body"] = value
            part["transfer_encoding"] = transfer_encoding
        if note:
            event["metadata"][f"{side}_body"] = note
        if body.size:
            event["metadata"][f"{side}_body_size"] = body.size


def _has_failed(event: Event, response: EventResponse | None) -> bool:
    raised = event.get("span", {}).get("status") == "ERROR"
    return raised or response is None or response["status"] >= 400  # noqa: PLR2004 - errors begin here


def _has_no_body(response: EventResponse) -> bool:
    """Whether HTTP gives such an answer no body, whatever the application wrote (RFC 9110, section 6.4.1)."""
    status = response["status"]
    return response["verb"] == "HEAD" or status in _WITHOUT_BODY or 100 <= status < 200  # noqa: PLR2004


def event_body(
    captured: CapturedBody, redaction: Redaction, max_bytes: int, *, with_streams: bool = False
) -> EventBody:
    """Turns a captured body into what an event holds.

    Args:
        captured: The body.
        redaction: What must not leave.
        max_bytes: At most this many bytes of it are used, decoded.
        with_streams: Whether a stream is told as one, by its beginning.
    """
    try:
        return _told(captured, redaction, max_bytes, with_streams=with_streams)
    except TooManyStepsError:
        return EventBody(None, note="withheld")


def _told(captured: CapturedBody, redaction: Redaction, max_bytes: int, *, with_streams: bool) -> EventBody:
    if captured.fields is not None:
        return _upload(captured.fields, captured.cut, redaction)
    try:
        content, cut = decode_content(captured.content, captured.content_encoding, max_bytes)
    except UndecodableError:
        return EventBody(None, note=captured.cut or "undecodable")
    note: Note | None = captured.cut or ("truncated" if cut else None)
    if not content:
        return EventBody(None, note=note)
    media_type = media_type_of(captured.content_type)
    if with_streams and media_type in _STREAMS:
        return _stream(content, redaction)
    return _readable(content, media_type, redaction, note)


def media_type_of(content_type: str) -> str:
    """The media type that a content type names (RFC 9110, section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def _upload(upload: dict[str, Any], cut: Cut | None, redaction: Redaction) -> EventBody:
    if cut == "unparseable":
        return EventBody(None, note=cut)
    return EventBody(redaction.bodies.fields(upload), "json", cut)


def _stream(content: bytes, redaction: Redaction) -> EventBody:
    clean = redaction.bodies.text(content)
    return EventBody(None, note="withheld") if clean is None else _text(clean, "stream")


def _of_attribute(value: Any, headers: Mapping[str, str], max_bytes: int) -> CapturedBody | None:
    """The body that a user put on the span: text, bytes, or what the SDK allows of sequences and mappings."""
    if isinstance(value, (tuple, Mapping)):
        value = metadata_value(value)
    content = value.encode("utf-8", "replace") if isinstance(value, str) else value
    if not isinstance(content, bytes):
        return None
    cut: Cut | None = "truncated" if len(content) > max_bytes else None
    return CapturedBody(content[:max_bytes], headers.get("Content-Type", ""), cut=cut)


def _readable(content: bytes, media_type: str, redaction: Redaction, note: Note | None) -> EventBody:
    if is_json(media_type):
        return EventBody(None, note=note) if note else _json(content, redaction) or EventBody(None, note="unparseable")
    if media_type == _FORM and not _NOT_A_FORM.match(content):
        return EventBody(None, note=note) if note else _form(content, redaction)
    if note and is_cut_json(content):
        content = whole_lines(content)  # as what is told by its place can be nowhere in a part of a document
        if not content:
            return EventBody(None, note=note)
    if not note and _START_OF_JSON.match(content):
        as_json = _json(content, redaction)
        if as_json:
            return as_json
    clean = redaction.bodies.text(content, is_table=media_type in _TABLES)
    return EventBody(None, note=note or "withheld") if clean is None else _text(clean, note)


def _json(content: bytes, redaction: Redaction) -> EventBody | None:
    try:
        document = redaction.bodies.json(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, (dict, list)):
        return EventBody(document, "json")
    return _text(json.dumps(document).encode())


def _form(content: bytes, redaction: Redaction) -> EventBody:
    if content.count(b"&") + content.count(b";") > _MOST_FIELDS_OF_A_FORM:
        return EventBody(None, note="withheld")
    clean = redaction.bodies.form(content)
    return EventBody(None, note="withheld") if clean is None else _text(clean)


def _text(content: bytes, note: Note | None = None) -> EventBody:
    return EventBody(base64.b64encode(content).decode("ascii"), "base64", note)
