"""One exchange with the collector: bytes out, an `Answer` back. Never raises an `Exception`.

`requests` and `ssl` (60 ms, 10 MB) are loaded by the first exchange.
"""

from __future__ import annotations

import math
import platform
import time
import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer
from opentelemetry_exporter_moesif.delivery.exchange.endpoint import Endpoint
from opentelemetry_exporter_moesif.fork_safety import importing
from opentelemetry_exporter_moesif.interrupts import is_interrupt, is_of_gevent

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.deadline import Deadline
    from opentelemetry_exporter_moesif.delivery.exchange.sockets import Exchange

USER_AGENT = f"opentelemetry-exporter-moesif/{__version__} Python/{platform.python_version()}"

IDLE_SECONDS = 30.0
"""A connection that was idle for as long is not used again: load balancers drop theirs after a minute or so."""

# What is read of an answer: its content says nothing that its status does not, but a whole answer is the proof that
# the collector had the whole request, and leaves the connection ready for the next one.
_ANSWER_BYTES = 64 * 1024

# A sampling configuration has a rate for each user that an account sets one for: 100,000 of them fit.
_CONFIGURATION_BYTES = 8 * 1024 * 1024


class Send(Protocol):
    """Sends one request within the exchange's time; raises whatever requests raises."""

    def __call__(self, method: str, url: str, headers: dict[str, str], data: bytes | None = None) -> Answer:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Waits for the whole answer."""


class Client:
    """Posts payloads with the application id, over one session a process, made at the first exchange.

    A session that the user passed in is used and never changed.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._endpoint = Endpoint(config.endpoint)
        self._verify: str | bool | None = None
        certificate, key = config.client_certificate_file, config.client_key_file
        self._client_certificate = (certificate, key) if certificate and key else certificate
        self._session: Any = None
        self._inherited = False
        self._getting_ready = False
        self._ready_at = -math.inf
        self._last_used = time.monotonic()

    def get_ready(self) -> None:
        """Loads what the first exchange needs. To be called before a deadline is set: on a cold disk it takes seconds.

        Never raises an `Exception`: the exchange will meet the same failure.
        """
        if self._session is None:
            self._getting_ready = True
            try:
                with suppress(Exception):
                    self._prepare()
            finally:
                self._ready_at = time.monotonic()
                self._getting_ready = False

    @property
    def ready_at(self) -> float:
        """Since when it can send, by the monotonic clock; this very moment while it gets ready."""
        return time.monotonic() if self._getting_ready else self._ready_at

    def post(self, body: bytes, deadline: Deadline, *, gzipped: bool) -> Answer:
        """POSTs a payload, to the other path too where the answer asks for it."""
        headers = self._post_headers(gzipped=gzipped)
        return self._exchange(deadline, lambda send: self._endpoint.post(lambda url: send("POST", url, headers, body)))

    def post_to(self, url: str, body: bytes, deadline: Deadline, *, gzipped: bool) -> Answer:
        """POSTs to this very URL, whatever it answers: `moesif-otel check` does."""
        headers = self._post_headers(gzipped=gzipped)
        return self._exchange(deadline, lambda send: send("POST", url, headers, body))

    def get_config(self, etag: str | None, deadline: Deadline) -> Answer:
        """GETs the sampling configuration."""
        headers = self._headers({} if etag is None else {"If-None-Match": etag})
        return self._exchange(deadline, lambda send: send("GET", self._endpoint.config_url, headers))

    def after_fork(self) -> None:
        """In a forked child: the parent's connections are the parent's."""
        if self._session is not None and self._config.session is None:
            from opentelemetry_exporter_moesif.delivery.exchange.sockets import (  # noqa: PLC0415 - loaded by now
                forget_inherited_sockets,
            )

            forget_inherited_sockets()
        self._inherited = self._session is not None
        self._session = None
        self._getting_ready = False

    def close(self) -> None:
        """Closes our own session; one that the user passed in is the user's to close."""
        if self._session is not None and self._config.session is None:
            self._session.close()

    def _exchange(self, deadline: Deadline, work: Callable[[Send], Answer]) -> Answer:
        """Has `work` send requests that share one deadline."""
        try:
            self._prepare()
            from opentelemetry_exporter_moesif.delivery.exchange.sockets import exchange  # noqa: PLC0415 - loaded by now

            with exchange(deadline) as this:
                return work(partial(self._send, this))
        # Whatever a session, an adapter or a proxy raises is no answer, also what would end a thread.
        except BaseException as error:
            if is_interrupt(error) or is_of_gevent(error):
                raise
            from opentelemetry_exporter_moesif.delivery.exchange.failure import failed  # noqa: PLC0415 - it imports ssl

            return failed(error)
        finally:
            self._last_used = time.monotonic()

    def _prepare(self) -> None:
        if self._session is None:
            # Where warnings are errors, those of an import of others are not to keep us from sending for ever.
            with importing(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # All that a request needs: a child forked in the middle of a later import would wait for it for ever.
                from opentelemetry_exporter_moesif.delivery.exchange import failure  # noqa: F401, PLC0415 - see its callers
                from opentelemetry_exporter_moesif.delivery.exchange.session import (  # noqa: PLC0415 - see the module
                    DirectSession,
                    authorities,
                )
            config = self._config
            self._verify = authorities(config.certificate_file) if config.session is None else config.certificate_file
            self._session = config.session or DirectSession(self._endpoint.url)
            if config.session is not None and self._inherited:
                self._session.close()  # drops the pooled connections; the session itself goes on
            self._inherited = False
        elif self._config.session is None and time.monotonic() - self._last_used > IDLE_SECONDS:
            self._session.close()

    def _send(
        self, this: Exchange, method: str, url: str, headers: dict[str, str], data: bytes | None = None
    ) -> Answer:
        from opentelemetry_exporter_moesif.delivery.exchange.failure import is_stale  # noqa: PLC0415 - it imports ssl

        try:
            return self._once(this, method, url, headers=headers, data=data)
        except Exception as error:
            if this.connected or not is_stale(error):
                raise
            # A pooled connection that the other side had closed meanwhile: nobody has read the request.
            return self._once(this, method, url, headers=headers, data=data)

    def _once(self, this: Exchange, method: str, url: str, **request: Any) -> Answer:
        from opentelemetry_exporter_moesif.delivery.exchange.sockets import CONNECT_SECONDS  # noqa: PLC0415 - loaded by now

        left = this.remaining()
        response = self._session.request(
            method,
            url,
            timeout=(min(CONNECT_SECONDS, left), left),
            allow_redirects=False,
            stream=True,
            verify=self._verify,
            cert=self._client_certificate,
            **request,
        )
        with response:
            is_get = method == "GET"
            body = _read(response.raw, _CONFIGURATION_BYTES if is_get else _ANSWER_BYTES, decoded=is_get)
            headers = response.headers
            etag = headers.get("X-Moesif-Config-ETag")
            return Answer(
                status=response.status_code,
                retry_after=headers.get("Retry-After"),
                location=headers.get("Location"),
                config_etag=etag,
                # Moesif's own clients know a configuration by the name that POSTs announce it under.
                etag=headers.get("ETag") or etag,
                body=body if is_get else b"",
            )

    def _post_headers(self, *, gzipped: bool) -> dict[str, str]:
        return self._headers({"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if gzipped else {})})

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {
            **self._config.headers,
            **more,
            "User-Agent": USER_AGENT,
            "X-Moesif-Application-Id": self._config.application_id or "",
        }


def _read(raw: Any, max_bytes: int, *, decoded: bool) -> bytes:
    """The answer's body, up to a bound; reading on until it ends is what notices that it broke off."""
    body = bytearray()
    while len(body) < max_bytes:
        chunk = raw.read(min(_ANSWER_BYTES, max_bytes - len(body)), decode_content=decoded)
        if not chunk:
            break
        body += chunk
    return bytes(body)
