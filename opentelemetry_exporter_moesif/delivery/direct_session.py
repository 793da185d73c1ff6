"""As much of a `requests.Session` as one collector needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from requests.structures import CaseInsensitiveDict

from opentelemetry_exporter_moesif.delivery.deadline import DeadlineAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping


class DirectSession:
    """Hands requests to one adapter.

    Without what a `requests.Session` does for cookies, redirects, hooks and credentials of a ~/.netrc, none of which a
    collector is to set: that takes 0.15 ms of the 0.4 to 0.5 that a POST costs. The environment's proxies are read
    once, and not at every request.

    Args:
        url: Where requests go, for the proxy of the environment that fits.
    """

    def __init__(self, url: str) -> None:
        self._adapter = DeadlineAdapter()
        self._proxies = requests.utils.get_environ_proxies(url)
        self._headers = requests.utils.default_headers()
        self._urls: dict[str, str | None] = {}

    def request(  # noqa: PLR0913 - the part of `requests.Session.request` that is used here
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        data: bytes | None,
        timeout: tuple[float, float],
        verify: str | bool | None,
        cert: str | tuple[str, str] | None,
        stream: bool,
        allow_redirects: bool,
    ) -> requests.Response:
        """See `requests.Session.request`. No redirect is followed, whatever `allow_redirects` says."""
        del allow_redirects
        request = requests.PreparedRequest()
        request.method = method
        request.url = self._prepared(url)
        request.headers = CaseInsensitiveDict(self._headers)
        request.headers.update(headers)  # ours last, whatever the case of the user's
        request.prepare_body(data, None)
        return self._adapter.send(
            request,
            stream=stream,
            timeout=timeout,
            verify=True if verify is None else verify,
            cert=cert,
            proxies=self._proxies,
        )

    def close(self) -> None:
        """Drops the pooled connections; new ones are opened where there is a next request."""
        self._adapter.close()

    def _prepared(self, url: str) -> str | None:
        if url not in self._urls:  # the events' address, the other path, and the configuration's
            self._urls[url] = requests.Request("GET", url).prepare().url
        return self._urls[url]
