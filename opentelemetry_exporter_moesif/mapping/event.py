"""An event as Moesif takes it: what `mask_event` sees, and what is sent as one element of a batch.

Sources: the tables of Moesif's Event Ingestion API and its API reference, *Create event*.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

TransferEncoding = Literal["json", "base64"]


class _EventRequestRequired(TypedDict):
    time: str
    uri: str
    verb: str
    ip_address: str
    headers: dict[str, str]


class EventRequest(_EventRequestRequired, total=False):
    """What was asked. `time` is ISO 8601 in UTC with milliseconds, `uri` absolute with its query."""

    api_version: str
    body: Any
    transfer_encoding: TransferEncoding


class _EventResponseRequired(TypedDict):
    time: str
    status: int
    verb: str
    headers: dict[str, str]


class EventResponse(_EventResponseRequired, total=False):
    """What was answered."""

    ip_address: str
    body: Any
    transfer_encoding: TransferEncoding


class EventSpan(TypedDict, total=False):
    """The span that the event came from: 16 hex digits each, and the status where one was set."""

    id: str
    parent_id: str
    status: str


class _EventRequired(TypedDict):
    request: EventRequest


class Event(_EventRequired, total=False):
    """One API call. A key without a value is absent, never None."""

    response: EventResponse
    transaction_id: str
    trace_id: str
    span: EventSpan
    action_name: str
    direction: Literal["Incoming", "Outgoing"]
    user_id: str
    company_id: str
    subscription_id: str
    session_token: str
    weight: int
    metadata: dict[str, Any]
