"""One exchange with the collector: bytes out, an `Answer` back. Never raises."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.delivery.endpoint import Endpoint
from opentelemetry_exporter_moesif.delivery.outcome import Answer

if TYPE_CHECKING:
    import requests

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Payload
    from opentelemetry_exporter_moesif.delivery.deadline import Exchange

CONNECT_SECONDS = 3.0
"""The most that connecting takes, over all the addresses of a name."""

IDLE_SECONDS = 30.0
"""A connection that was idle for as long is not used again: load balancers drop theirs after a minute or so."""

USER_AGENT = f"opentelemetry-exporter-moesif/{__version__} Python/{platform.python_version()}"

# What is read of an answer: its content says nothing that its status does not, but a whole answer is the proof that
# the collector had the whole request, and leaves the connection ready for the next one.
_ANSWER_BYTES = 64 * 1024


class Client:
    """Posts payloads with the application id, over one session a process, made at the first exchange."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._endpoint = Endpoint(config.endpoint)
        self._session: requests.Session | None = None
        self._last_used = 0.0
        self._inherited = False

    def post(self, payload: Payload, seconds: float) -> Answer:
        """POSTs a payload within `seconds`, to the other path too where the answer asks for it."""
        return self._within(seconds, lambda this: self._endpoint.post(lambda url: self._post_once(this, url, payload)))

    def post_to(self, url: str, payload: Payload, seconds: float) -> Answer:
        """POSTs to this very URL, whatever it answers: `moesif-otel check` does."""
        return self._within(seconds, lambda this: self._post_once(this, url, payload))

    def get_config(self, etag: str | None, seconds: float) -> tuple[int, str | None, bytes] | None:
        """GETs the sampling configuration: (status, ETag, body); None where there was no whole answer."""
        headers = {"User-Agent": USER_AGENT, "X-Moesif-Application-Id": self._config.application_id or ""}
        if etag is not None:
            headers["If-None-Match"] = etag
        body = b""
        answer_etag: str | None = None

        def get(this: Exchange) -> Answer:
            nonlocal body, answer_etag
            answer, body, answer_etag = self._exchange(
                this, "GET", self._endpoint.config_url, headers={**self._config.headers, **headers}
            )
            return answer

        answer = self._within(seconds, get)
        return None if answer.status is None or answer.failure else (answer.status, answer_etag, body)

    def after_fork(self) -> None:
        """In a forked child: the parent's connections are the parent's."""
        if self._session is not None and self._config.session is None:
            from opentelemetry_exporter_moesif.delivery.deadline import (  # noqa: PLC0415 - it was loaded before
                forget_inherited_sockets,
            )

            forget_inherited_sockets()
        self._inherited = self._session is not None and self._config.session is not None
        self._session = None

    def close(self) -> None:
        """Closes our own session; one that the user passed in is the user's to close."""
        if self._session is not None and self._config.session is None:
            self._session.close()

    def _within(self, seconds: float, work: Any) -> Answer:
        try:
            # Importing requests costs 60 ms and 10 MB, and this 25 ms: only a process that sends pays for it.
            from opentelemetry.instrumentation.utils import suppress_instrumentation  # noqa: PLC0415

            from opentelemetry_exporter_moesif.delivery.deadline import exchange  # noqa: PLC0415

            self._prepare_session()
            with suppress_instrumentation(), exchange(seconds) as this:
                answer: Answer = work(this)
        except Exception as error:  # noqa: BLE001 - whatever a session, an adapter or a proxy raises is no answer
            from opentelemetry_exporter_moesif.delivery.failure import failed  # noqa: PLC0415 - it needs ssl

            answer = failed(error)
        self._last_used = time.monotonic()
        return answer

    def _post_once(self, this: Exchange, url: str, payload: Payload) -> Answer:
        headers = {
            **self._config.headers,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Moesif-Application-Id": self._config.application_id or "",
        }
        if payload.gzipped:
            headers["Content-Encoding"] = "gzip"
        return self._exchange(this, "POST", url, headers=headers, data=payload.body)[0]

    def _exchange(self, this: Exchange, method: str, url: str, **request: Any) -> tuple[Answer, bytes, str | None]:
        try:
            return self._once(this, method, url, **request)
        except Exception as error:
            from opentelemetry_exporter_moesif.delivery.failure import is_stale  # noqa: PLC0415 - it needs ssl

            if this.connected or not is_stale(error):
                raise
            # A pooled connection that the other side had closed meanwhile: nobody has read the request.
            return self._once(this, method, url, **request)

    def _once(self, this: Exchange, method: str, url: str, **request: Any) -> tuple[Answer, bytes, str | None]:
        session = self._session
        if session is None:
            message = "no session"
            raise RuntimeError(message)
        left = this.remaining()
        response = session.request(
            method,
            url,
            timeout=(min(CONNECT_SECONDS, left), left),
            allow_redirects=False,
            stream=True,
            verify=self._verify(),
            cert=self._client_certificate(),
            **request,
        )
        with response:
            headers = response.headers
            body = _read(response.raw, decoded=method == "GET")
            answer = Answer(
                status=response.status_code,
                retry_after=headers.get("Retry-After"),
                location=headers.get("Location"),
                config_etag=headers.get("X-Moesif-Config-ETag"),
            )
            return answer, body, headers.get("ETag")

    def _prepare_session(self) -> None:
        if self._session is None:
            self._session = self._users_session() or self._own_session()
        elif self._config.session is None and time.monotonic() - self._last_used > IDLE_SECONDS:
            self._session.close()  # drops the pooled connections; the session itself goes on

    def _users_session(self) -> requests.Session | None:
        if self._inherited and self._config.session is not None:
            self._inherited = False
            self._config.session.close()
        return self._config.session

    def _own_session(self) -> requests.Session:
        import requests  # noqa: PLC0415 - see _within

        from opentelemetry_exporter_moesif.delivery.deadline import DeadlineAdapter  # noqa: PLC0415

        session = requests.Session()
        # The environment is read once and not at every request; nor does a ~/.netrc add credentials.
        session.trust_env = False
        session.proxies = dict(requests.utils.get_environ_proxies(self._endpoint.url))
        for scheme in ("http://", "https://"):
            session.mount(scheme, DeadlineAdapter())
        return session

    def _verify(self) -> str | bool | None:
        if self._config.certificate_file is not None:
            return self._config.certificate_file
        if self._config.session is not None:
            return None
        return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def _client_certificate(self) -> str | tuple[str, str] | None:
        certificate, key = self._config.client_certificate_file, self._config.client_key_file
        return (certificate, key) if certificate and key else certificate


def _read(raw: Any, *, decoded: bool) -> bytes:
    """The answer's body, up to a bound; reading on until it ends is what notices that it broke off."""
    body = b""
    while len(body) < _ANSWER_BYTES:
        chunk = raw.read(_ANSWER_BYTES - len(body), decode_content=decoded)
        if not chunk:
            break
        body += chunk
    return body
