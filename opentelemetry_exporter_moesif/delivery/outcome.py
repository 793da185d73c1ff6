"""What an answer of the collector, or the lack of one, means. Tables first.

What an exception stands for is in `failure`, which imports `ssl`: only a process that sends pays for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit


class Verdict(Enum):
    """What follows from one POST."""

    DELIVERED = "delivered"
    KEEP = "keep"
    """Not now: it waits, and the pause window grows."""
    HALVE = "halve"
    """One event at least is bad."""
    SHRINK = "shrink"
    """Too large."""
    MISCONFIGURED = "misconfigured"
    """Nothing will be taken until somebody mends a setting: it waits, and is tried once a minute."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one POST: a status, or the kind of failure (`refused`, `timeout`, `tls`…)."""

    status: int | None = None
    failure: str | None = None
    hint: str | None = None
    retry_after: str | None = None
    location: str | None = None
    config_etag: str | None = None

    @property
    def error_type(self) -> str:
        """The value of `error.type`: the status code, or the kind of failure."""
        return str(self.status) if self.failure is None else self.failure


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer judged: what follows, why, and what a person can do about it."""

    verdict: Verdict
    error_type: str
    hint: str | None = None
    retry_after: str | None = None


_BY_STATUS = {
    400: Verdict.HALVE,
    408: Verdict.KEEP,
    413: Verdict.SHRINK,
    429: Verdict.KEEP,
}
_BY_CLASS = {
    2: Verdict.DELIVERED,
    3: Verdict.MISCONFIGURED,
    4: Verdict.MISCONFIGURED,
    5: Verdict.KEEP,
}

_HINTS = {
    400: "the collector refuses what is sent: is OTEL_EXPORTER_MOESIF_ENDPOINT Moesif's?",
    401: "the application id is refused: set OTEL_EXPORTER_MOESIF_APPLICATION_ID to the Collector Application Id"
    " of Moesif's API keys page",
    402: "the Moesif subscription is not active: see its billing page",
    403: "the application id or a proxy on the way forbids it: see OTEL_EXPORTER_MOESIF_APPLICATION_ID, HTTPS_PROXY",
    404: "no such path there: see OTEL_EXPORTER_MOESIF_ENDPOINT",
    405: "the path takes no POST: see OTEL_EXPORTER_MOESIF_ENDPOINT",
    407: "the proxy asks for a password: put it into HTTPS_PROXY",
    410: "the path is gone: see OTEL_EXPORTER_MOESIF_ENDPOINT",
    413: "it is too large for the collector, or for a proxy on the way",
    429: "Moesif asks for fewer calls",
}
_HINTS_BY_CLASS = {5: "the collector, or a proxy on the way, is in trouble: there is nothing to mend here"}


def judge(answer: Answer) -> Outcome:
    """What follows from an answer (the table of docs/delivery.md)."""
    if answer.failure is not None or answer.status is None:
        return Outcome(Verdict.KEEP, answer.error_type, answer.hint)
    verdict = _BY_STATUS.get(answer.status) or _BY_CLASS.get(answer.status // 100, Verdict.KEEP)
    return Outcome(verdict, answer.error_type, _status_hint(answer), answer.retry_after)


def _status_hint(answer: Answer) -> str | None:
    if answer.status is not None and answer.status // 100 == 3:  # noqa: PLR2004 - redirection, RFC 9110, 15.4
        where = _without_secrets(answer.location or "")
        return f"redirects are not followed; it points to {where}: is OTEL_EXPORTER_MOESIF_ENDPOINT right?"
    status = answer.status or 0
    return _HINTS.get(status) or _HINTS_BY_CLASS.get(status // 100)


def _without_secrets(location: str) -> str:
    """Where a redirect points, without user information and query."""
    try:
        target = urlsplit(location)
    except ValueError:
        return "nowhere"
    return f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path or "nowhere"
