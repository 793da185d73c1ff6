"""Access logs of AWS load balancers: Application Load Balancers, and the classic ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.formats.access_fields import LONGEST_LINE, call_of_line
from opentelemetry_exporter_moesif.replay.moments import duration, moment

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

LABEL = "AWS load balancer logs"

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html, in their order.
_FIELDS = (
    "type time elb client:port target:port request_processing_time target_processing_time response_processing_time"
    " elb_status_code target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol"
    " target_group_arn trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time"
    " actions_executed redirect_url error_reason target:port_list target_status_code_list classification"
    " classification_reason"
).split()
_TYPES = ("http", "https", "h2", "ws", "wss", "grpcs")
_FIRST_LINE = re.compile(r"(?:(?:http|https|h2|wss?|grpcs) )?\d{4}-\d{2}-\d{2}T[\d:.]+Z \S+ [0-9A-Fa-f.:\[\]]+ \S+ ")
_FIELD = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>\S+)')
# Told otherwise in the event, or of no use to whoever reads it.
_LEFT_OUT = frozenset("type time client:port request elb_status_code user_agent request_creation_time".split())


def call_of(line: str, recorded: Any = None) -> Call | None:
    """The call of a line; None where it is none of such a log. Each tells its times."""
    if len(line) > LONGEST_LINE or not _FIRST_LINE.match(line):
        return None
    values = [match["plain"] or match["quoted"] or "" for match in _FIELD.finditer(line)]
    if values[0] not in _TYPES:  # a classic one
        values.insert(0, "")
    fields: dict[str, Any] = dict(zip(_FIELDS, values, strict=False))
    telling = {name: value for name, value in fields.items() if name not in _LEFT_OUT and value != "-"}
    telling |= {
        "request": fields.get("request", ""),
        "status": fields.get("elb_status_code", ""),
        "client": fields["client:port"],
        "user_agent": fields.get("user_agent", ""),
        "end_time": fields["time"],
        "start_time": fields.get("request_creation_time") or _start(fields),
    }
    return call_of_line(telling, line, recorded)


def _start(fields: dict[str, Any]) -> str | None:
    """When a call of a classic one began: it tells the end, and three times that sum up to all of it."""
    end = moment(fields["time"])
    took = [duration(fields.get(f"{part}_processing_time"), 1e9) for part in _PARTS]
    return None if end is None or None in took else str(end - sum(part or 0 for part in took))


_PARTS = ("request", "target", "response")
