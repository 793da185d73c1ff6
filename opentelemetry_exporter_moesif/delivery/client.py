"""One exchange with the collector: bytes out, an `Answer` back. Never raises."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.delivery.endpoint import Endpoint
from opentelemetry_exporter_moesif.fork_safety import importing

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.delivery.batching import Payload
    from opentelemetry_exporter_moesif.delivery.outcome import Answer
    from opentelemetry_exporter_moesif.delivery.transport import Reply, Send, Transport

USER_AGENT = f"opentelemetry-exporter-moesif/{__version__} Python/{platform.python_version()}"


class Client:
    """Posts payloads with the application id, over one session a process, made at the first exchange."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._endpoint = Endpoint(config.endpoint)
        self._made_transport: Transport | None = None
        self._inherited = False

    def post(self, payload: Payload, seconds: float) -> Answer:
        """POSTs a payload within `seconds`, to the other path too where the answer asks for it."""

        def work(send: Send) -> Reply:
            return _reply(self._endpoint.post(lambda url: self._post_with(send, url, payload).answer))

        return self._transport().within(seconds, work).answer

    def post_to(self, url: str, payload: Payload, seconds: float) -> Answer:
        """POSTs to this very URL, whatever it answers: `moesif-otel check` does."""
        return self._transport().within(seconds, lambda send: self._post_with(send, url, payload)).answer

    def get_config(self, etag: str | None, seconds: float) -> tuple[int, str | None, bytes] | None:
        """GETs the sampling configuration: (status, ETag, body); None where there was no whole answer."""
        headers = self._headers({} if etag is None else {"If-None-Match": etag})
        reply = self._transport().within(seconds, lambda send: send("GET", self._endpoint.config_url, headers))
        return None if reply.answer.status is None else (reply.answer.status, reply.etag, reply.body)

    def after_fork(self) -> None:
        """In a forked child: the parent's connections are the parent's."""
        if self._made_transport is not None:
            self._made_transport.after_fork()
            self._inherited = self._config.session is not None
        self._made_transport = None

    def close(self) -> None:
        """Closes our own session; one that the user passed in is the user's to close."""
        if self._made_transport is not None:
            self._made_transport.close()

    def _transport(self) -> Transport:
        if self._made_transport is None:
            with importing():
                from opentelemetry_exporter_moesif.delivery.transport import Transport  # noqa: PLC0415 - see there
            self._made_transport = Transport(self._config, self._endpoint.url, inherited=self._inherited)
            self._inherited = False
        return self._made_transport

    def _post_with(self, send: Send, url: str, payload: Payload) -> Reply:
        encoding = {"Content-Encoding": "gzip"} if payload.gzipped else {}
        return send("POST", url, self._headers({"Content-Type": "application/json", **encoding}), payload.body)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {
            **self._config.headers,
            **more,
            "User-Agent": USER_AGENT,
            "X-Moesif-Application-Id": self._config.application_id or "",
        }


def _reply(answer: Answer) -> Reply:
    from opentelemetry_exporter_moesif.delivery.transport import Reply  # noqa: PLC0415 - loaded by now

    return Reply(answer)
