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
    """Nothing will be taken until somebody fixes a setting: it waits, and is tried once a minute."""


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
_REDIRECTION = 3
_TOO_MANY_REQUESTS = 429
_SHOWN_CHARACTERS = 200

# A failure of these kinds befalls whatever is sent.
_NOBODY_REACHED = frozenset(
    "refused dns connect_timeout proxy tls tls_certificate tls_expired tls_host unreachable file request"
    " descriptors import".split()
)

_HINTS_BY_CLASS = {5: "the collector, or a proxy on the way, is in trouble: there is nothing to fix here"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one request, and what it means (the table of docs/delivery.md).

    Attributes:
        status: The status code; None where there was no whole answer.
        failure: The kind of failure then (`refused`, `timeout`, `tls`…).
        advice: What a person can do about that failure.
        retry_after: The header `Retry-After`.
        location: The header `Location`.
        config_etag: The header `X-Moesif-Config-ETag`.
        etag: The header `ETag`, or else the one before.
        body: What a GET was answered.
    """

    status: int | None = None
    failure: str | None = None
    advice: str | None = None
    retry_after: str | None = None
    location: str | None = None
    config_etag: str | None = None
    etag: str | None = None
    body: bytes = b""

    @property
    def error_type(self) -> str:
        """The value of `error.type`: the status code, or the kind of failure."""
        return str(self.status) if self.failure is None else self.failure

    @property
    def verdict(self) -> Verdict:
        """What follows."""
        if self.failure is not None or self.status is None:
            return Verdict.KEEP
        return _BY_STATUS.get(self.status) or _BY_CLASS.get(self.status // 100, Verdict.KEEP)

    @property
    def hint(self) -> str | None:
        """What a person can do about it."""
        if self.failure is not None or self.status is None:
            return self.advice
        if self.status // 100 == _REDIRECTION:
            where = _without_secrets(self.location or "")
            return f"redirects are not followed; it points to {where}: is OTEL_EXPORTER_MOESIF_ENDPOINT right?"
        return _HINTS.get(self.status) or _HINTS_BY_CLASS.get(self.status // 100)

    @property
    def may_be_the_payloads_fault(self) -> bool:
        """Whether another payload might fare better: not where nobody was reached, or fewer calls are asked for."""
        if self.retry_after is not None or self.verdict is not Verdict.KEEP:
            return False
        return self.failure not in _NOBODY_REACHED and self.status != _TOO_MANY_REQUESTS


def _without_secrets(location: str) -> str:
    """Where a redirect points, without user information and query, and safe to show: a terminal obeys escapes."""
    try:
        target = urlsplit(location)
    except ValueError:
        return "nowhere"
    where = f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path or "nowhere"
    return where.encode("unicode_escape").decode("ascii")[:_SHOWN_CHARACTERS]
