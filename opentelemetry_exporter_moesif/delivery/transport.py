"""The HTTP side of delivery. It imports requests and ssl (60 ms, 10 MB), so only the first exchange loads it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.instrumentation.utils import suppress_instrumentation

from opentelemetry_exporter_moesif.delivery.deadline import (
    CONNECT_SECONDS,
    Exchange,
    exchange,
    forget_inherited_sockets,
)
from opentelemetry_exporter_moesif.delivery.direct_session import DirectSession
from opentelemetry_exporter_moesif.delivery.failure import failed, is_stale
from opentelemetry_exporter_moesif.delivery.outcome import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.config import Config

IDLE_SECONDS = 30.0
"""A connection that was idle for as long is not used again: load balancers drop theirs after a minute or so."""

# What is read of an answer: its content says nothing that its status does not, but a whole answer is the proof that
# the collector had the whole request, and leaves the connection ready for the next one.
_ANSWER_BYTES = 64 * 1024

# A sampling configuration has a rate for each user that an account sets one for: 100,000 of them fit.
_CONFIGURATION_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what only a GET needs of it."""

    answer: Answer
    body: bytes = b""
    etag: str | None = None


class Send(Protocol):
    """Sends one request within the exchange's time; raises whatever requests raises."""

    def __call__(self, method: str, url: str, headers: dict[str, str], data: bytes | None = None) -> Reply:  # pyright: ignore[reportReturnType]  # a protocol has no body
        """Waits for the whole answer."""


class Transport:
    """One session of a process: our own, or the user's, which is used and never changed.

    Args:
        config: the exporter's settings.
        url: where requests go, for the proxy of the environment that fits.
        inherited: the user's session has connections of a parent process.
    """

    def __init__(self, config: Config, url: str, *, inherited: bool) -> None:
        self._verify = _verify(config)
        certificate, key = config.client_certificate_file, config.client_key_file
        self._client_certificate = (certificate, key) if certificate and key else certificate
        self._is_own = config.session is None
        self._session = config.session or DirectSession(url)
        self._last_used = time.monotonic()
        if inherited:
            self._session.close()

    def within(self, seconds: float, work: Callable[[Send], Reply]) -> Reply:
        """Has `work` send requests that share one deadline. Never raises."""
        if self._is_own and time.monotonic() - self._last_used > IDLE_SECONDS:
            self._session.close()  # drops the pooled connections; the session itself goes on
        try:
            with suppress_instrumentation(), exchange(seconds) as this:
                return work(partial(self._send, this))
        except Exception as error:  # noqa: BLE001 - whatever a session, an adapter or a proxy raises is no answer
            return Reply(failed(error))
        finally:
            self._last_used = time.monotonic()

    def close(self) -> None:
        """Closes our own session; one that the user passed in is the user's to close."""
        if self._is_own:
            self._session.close()

    def after_fork(self) -> None:
        """In a forked child: closes its copies of our connections."""
        if self._is_own:
            forget_inherited_sockets()

    def _send(self, this: Exchange, method: str, url: str, headers: dict[str, str], data: bytes | None = None) -> Reply:
        try:
            return self._once(this, method, url, headers=headers, data=data)
        except Exception as error:
            if this.connected or not is_stale(error):
                raise
            # A pooled connection that the other side had closed meanwhile: nobody has read the request.
            return self._once(this, method, url, headers=headers, data=data)

    def _once(self, this: Exchange, method: str, url: str, **request: Any) -> Reply:
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
            headers = response.headers
            is_get = method == "GET"
            body = _read(response.raw, _CONFIGURATION_BYTES if is_get else _ANSWER_BYTES, decoded=is_get)
            answer = Answer(
                status=response.status_code,
                retry_after=headers.get("Retry-After"),
                location=headers.get("Location"),
                config_etag=headers.get("X-Moesif-Config-ETag"),
            )
            # Moesif's own clients know a configuration by the name that POSTs announce it under.
            return Reply(answer, body, headers.get("ETag") or answer.config_etag)


def _verify(config: Config) -> str | bool | None:
    if config.certificate_file is not None:
        return config.certificate_file
    if config.session is not None:
        return None
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _read(raw: Any, max_bytes: int, *, decoded: bool) -> bytes:
    """The answer's body, up to a bound; reading on until it ends is what notices that it broke off."""
    body = bytearray()
    while len(body) < max_bytes:
        chunk = raw.read(min(_ANSWER_BYTES, max_bytes - len(body)), decode_content=decoded)
        if not chunk:
            break
        body += chunk
    return bytes(body)
