"""Which URL takes the events: the two path families of Moesif, and the switch between them."""

from __future__ import annotations

import ipaddress
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer

_logger = logging.getLogger(__name__)

_BATCH = "/events/batch"

FAMILIES = ("/moesifapi", "/v1")
"""The path of the first publication (August 2016), and the one of the present API reference.

The first-published one is tried first: the product's contract names it, and Moesif still takes events there. Where it
is refused, the other one is tried at once with the same payload, so the order costs one request in a process's life."""

_NOT_THE_PATHS_FAULT = frozenset({408, 413, 429})
_GONE = frozenset({404, 405, 410})
_SUCCESS, _REDIRECTION, _CLIENT_ERROR, _SERVER_ERROR = 2, 3, 4, 5


def batch_urls(endpoint: str) -> tuple[str, ...]:
    """The URLs that may take a batch, in the order in which they are tried: two for a bare host, else one."""
    base = endpoint.rstrip("/")
    if base.endswith(_BATCH):
        return (base,)
    if urlsplit(base).path:
        return (base + _BATCH,)
    return tuple(base + family + _BATCH for family in FAMILIES)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself (RFC 6761, section 6.3, for the names)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def warn_of_plain_http(endpoint: str) -> None:
    """Warns where events would travel in the open, beyond this machine."""
    target = urlsplit(endpoint)
    host = target.hostname or ""
    if target.scheme == "http" and not is_loopback(host):
        _logger.warning(
            "Moesif exporter: events go to %s over plain http: anyone on the way can read them, use https", host
        )


class Endpoint:
    """Remembers which URL has answered 2xx. Used by one POST at a time."""

    def __init__(self, endpoint: str) -> None:
        self._urls = batch_urls(endpoint)
        self._current = 0
        self._proven = False
        self._server_errors = 0

    @property
    def url(self) -> str:
        """The URL that is tried first now."""
        return self._urls[self._current]

    @property
    def config_url(self) -> str:
        """The URL of the sampling configuration. The older path family has none: the newer one's is asked."""
        return self._urls[-1].removesuffix(_BATCH) + "/config"

    def post(self, send: Callable[[str], Answer]) -> Answer:
        """Sends by way of `send`, to the other path as well where the answer says that this one is wrong."""
        answer = send(self.url)
        self._learn(answer)
        if not self._is_doubtful(answer):
            return answer
        second = send(self._urls[1 - self._current])
        if _class(second) == _SUCCESS:
            self._current = 1 - self._current
            self._proven = True
            _logger.info(
                "Moesif exporter: events are taken at %s (the other path answered %s)", self.url, answer.error_type
            )
            return second
        # Where a path is not there at all, what the other one said is the answer that helps.
        return second if answer.status in _GONE else answer

    def _learn(self, answer: Answer) -> None:
        """A path that has answered 2xx is the right one, until it is gone."""
        if _class(answer) == _SUCCESS:
            self._proven = True
        elif answer.failure is None and answer.status in _GONE:
            self._proven = False
        self._server_errors = self._server_errors + 1 if _class(answer) == _SERVER_ERROR else 0

    def _is_doubtful(self, answer: Answer) -> bool:
        """Whether the other path is worth a try: there is one, and this one was not taken by anything yet."""
        if len(self._urls) == 1 or self._proven:
            return False
        if _class(answer) == _SERVER_ERROR:
            return self._server_errors % 2 == 0
        return _class(answer) in {_REDIRECTION, _CLIENT_ERROR} and answer.status not in _NOT_THE_PATHS_FAULT


def _class(answer: Answer) -> int | None:
    """The class of the status (RFC 9110, 15), None where there was no whole answer."""
    return answer.status // 100 if answer.failure is None and answer.status is not None else None
