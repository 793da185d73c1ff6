"""Events that others made: what holds a secret in them, whatever they hold beside what an event has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction import protocols
from opentelemetry_exporter_moesif.redaction.masks import masked_value

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.rules import Redaction

IDS = ("user_id", "company_id", "subscription_id", "session_token")
"""The ids of an event: a credential is none."""

_SIDES = ("request", "response")


def mask_event(event: dict[str, Any], redaction: Redaction) -> None:
    """Takes the secrets out of all of an event but its bodies, in place.

    Args:
        event: Any object.
        redaction: The rules.

    Raises:
        TooDeepError: It is nested deeper than 200 levels.
    """
    for field in IDS:  # before they are masked, and all are one
        if isinstance(value := event.get(field), str) and redaction.id(value) is None:
            del event[field]
    others: dict[str, Any] = {}
    for key, value in event.items():
        if key in _SIDES and isinstance(value, dict):
            _mask_side(value, redaction)
        elif key == "metadata" and isinstance(value, dict):
            redaction.metadata(value)
        elif key in IDS:
            event[key] = redaction.structure(value)
        else:
            others[key] = value
    _mask_others(event, others, redaction)


def _mask_side(part: dict[str, Any], redaction: Redaction) -> None:
    others: dict[str, Any] = {}
    for key, value in part.items():
        if key == "headers" and isinstance(value, dict):
            for name, header in value.items():
                value[name] = _header(name, header, redaction)
        elif key == "uri" and isinstance(value, str):
            part[key] = redaction.uri(value)
        elif key != "body":
            others[key] = value
    _mask_others(part, others, redaction)


def _mask_others(part: dict[str, Any], others: dict[str, Any], redaction: Redaction) -> None:
    """Masks those fields of a part of an event that are like any object's: what is called a password is one."""
    clean = redaction.structure(others.copy())
    for key in others:
        if key in clean:
            part[key] = clean.pop(key)
        else:  # it held a secret itself
            del part[key]
    part |= clean


def _header(name: str, value: Any, redaction: Redaction) -> Any:
    """A header of any event, whatever it is called and holds."""
    if redaction.is_secret_header(name, str(value)):
        return masked_value(value)
    if isinstance(value, str) and name.title() == protocols.HEADER:
        value = protocols.masked(value, redaction.secret_headers)
    return redaction.structure(value)
