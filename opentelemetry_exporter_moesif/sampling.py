"""Moesif's dynamic sampling: rates that an account sets in Moesif, applied here (optional).

Until the first answer, and with one that cannot be read, every event is kept.
"""

from __future__ import annotations

import logging
import math
import re
import threading
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.mapping.weight import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry_exporter_moesif.mapping.event import Event

_logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_REQUESTS = 60.0
_REQUEST_TIMEOUT = 1.0
_EVERYTHING = 100.0
_OK = 200
_NOT_MODIFIED = 304
_MOST_ETAGS = 32

_PATH_OF_URI = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*(?P<path>/[^?#]*)?", re.IGNORECASE)


class ConfigSource(Protocol):
    """What dynamic sampling needs of a sender."""

    @property
    def config_etag(self) -> str | None:
        """The last `X-Moesif-Config-ETag` that an answer to a POST carried."""

    def fetch_config(self, etag: str | None, timeout: float = ...) -> tuple[int, str | None, bytes] | None:
        """`GET …/config`: status, ETag and body; None where there was no answer."""


class _RegexRule(NamedTuple):
    conditions: tuple[tuple[str, re.Pattern[str]], ...]
    rate: float

    def matches(self, values: Mapping[str, str]) -> bool:
        return all(path in values and pattern.search(values[path]) for path, pattern in self.conditions)


@dataclass(frozen=True)
class SamplingRules:
    """Rates in percent, from 0 (nothing is kept) to 100 (everything is)."""

    default: float = _EVERYTHING
    by_user: Mapping[str, float] = field(default_factory=dict)
    by_company: Mapping[str, float] = field(default_factory=dict)
    by_regex: tuple[_RegexRule, ...] = ()

    def rate(self, event: Event) -> float:
        """The rate of an event: by regular expressions, then its user, then its company, then the default."""
        if self.by_regex:
            values = _condition_values(event)
            for rule in self.by_regex:
                if rule.matches(values):
                    return rule.rate
        rate = self.by_user.get(event.get("user_id", ""))
        if rate is None:
            rate = self.by_company.get(event.get("company_id", ""))
        return self.default if rate is None else rate


def read_rules(document: Any) -> SamplingRules:
    """Reads Moesif's configuration. A part of it that cannot be read counts as absent.

    Args:
        document: The parsed body of `GET …/config`.
    """
    if not isinstance(document, dict):
        return SamplingRules()
    default = _rate(document.get("sample_rate"))
    return SamplingRules(
        default=_EVERYTHING if default is None else default,
        by_user=_rates(document.get("user_sample_rate")),
        by_company=_rates(document.get("company_sample_rate")),
        by_regex=tuple(filter(None, map(_regex_rule, _list(document.get("regex_config"))))),
    )


class DynamicSampling:
    """Keeps or drops events by the rates that Moesif gives.

    Args:
        source: The sender whose collector is asked.
        clock: Monotonic seconds.
    """

    def __init__(self, source: ConfigSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._rules = SamplingRules()
        self._etag: str | None = None
        self._next_request = -math.inf
        self._announced: dict[str, float] = {}
        # Tried for and never waited for: one asks at a time. Inside is a GET, and whatever that runs.
        self._asking = threading.Lock()
        start_anew_after_fork(self)

    def weight_factor(self, event: Event, trace_id: int, span_id: int) -> float | None:
        """Decides on an event, always in the same way for the same span.

        Returns:
            How many such events a kept one stands for (100 / rate); None where the event is to be dropped.
        """
        rate = self._rules.rate(event)
        if rate >= _EVERYTHING:
            return 1.0
        return _EVERYTHING / rate if draw(b"sampling", trace_id, span_id) * _EVERYTHING < rate else None

    def refresh(self) -> None:
        """Asks for the rates, after a POST. It takes a second at most, and does nothing most of the time.

        Moesif is asked once a minute at most, whatever it answered; and at once when the answer to a POST announced a
        configuration that is not the one at hand, once a minute at most for each.
        """
        now = self._clock()
        announced = self._source.config_etag
        if now < self._next_request and not self._is_news(announced, now):
            return
        if not self._asking.acquire(blocking=False):
            return
        try:
            self._next_request = now + _SECONDS_BETWEEN_REQUESTS
            if announced is not None:
                self._note(announced, now)
            self._take(self._source.fetch_config(self._etag, timeout=_REQUEST_TIMEOUT))
        finally:
            self._asking.release()

    def _is_news(self, announced: str | None, now: float) -> bool:
        if announced is None or announced == self._etag:
            return False
        return now >= self._announced.get(announced, -math.inf) + _SECONDS_BETWEEN_REQUESTS

    def _note(self, announced: str, now: float) -> None:
        self._announced.pop(announced, None)
        self._announced[announced] = now
        if len(self._announced) > _MOST_ETAGS:
            del self._announced[next(iter(self._announced))]

    def _take(self, answer: tuple[int, str | None, bytes] | None) -> None:
        if answer is None or answer[0] != _OK:
            if answer is not None and answer[0] != _NOT_MODIFIED:
                _logger.debug("Moesif exporter: no sampling configuration (status %d); the last one holds", answer[0])
            return
        _, etag, body = answer
        try:
            document = loads(body)
        except ValueError:
            document = None
        self._etag = etag if isinstance(document, dict) else None  # what cannot be read is asked for again
        if not isinstance(document, dict):
            _logger.warning("Moesif exporter: the sampling configuration cannot be read; every event is kept")
        self._rules = read_rules(document)

    def after_fork(self) -> None:
        """Takes a new lock: whoever held the old one does not exist here."""
        # Tried for and never waited for: one asks at a time. Inside is a GET, and whatever that runs.
        self._asking = threading.Lock()


def _condition_values(event: Event) -> dict[str, str]:
    request = event["request"]
    match = _PATH_OF_URI.match(request["uri"])
    values = {
        "request.verb": request["verb"],
        "request.route": (match and match["path"]) or "/",
        "request.ip_address": request["ip_address"],
    }
    if "response" in event:
        values["response.status"] = str(event["response"]["status"])
    return values


def _rate(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(min(max(value, 0.0), _EVERYTHING))


def _rates(value: Any) -> dict[str, float]:
    rates = {name: _rate(rate) for name, rate in value.items()} if isinstance(value, dict) else {}
    return {name: rate for name, rate in rates.items() if rate is not None}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _compiled(expression: str) -> re.Pattern[str]:
    """An expression of the account's. Where a service has warnings as errors, its style is still no reason to fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(expression)


def _regex_rule(value: Any) -> _RegexRule | None:
    """Reads one rule; None where it can never match, or cannot be read."""
    if not isinstance(value, dict):
        return None
    rate = _rate(value.get("sample_rate"))
    try:
        conditions = tuple(
            (str(condition["path"]), _compiled(str(condition["value"]))) for condition in _list(value.get("conditions"))
        )
    # The last two are what `re` raises for an expression that is too large.
    except (KeyError, TypeError, re.error, OverflowError, RecursionError):
        return None
    return _RegexRule(conditions, rate) if conditions and rate is not None else None
