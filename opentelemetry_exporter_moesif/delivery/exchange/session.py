"""As much of a `requests.Session` as one collector needs, with connections under a deadline."""

from __future__ import annotations

import errno
import os
import ssl
import sys
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.timeout import Timeout

from opentelemetry_exporter_moesif.delivery.exchange.connections import POOLS

if TYPE_CHECKING:
    from collections.abc import Mapping


def authorities(certificate_file: str | None) -> str | bool:
    """Who is trusted: a file or a directory of authorities, or True for the system's.

    Args:
        certificate_file: The setting, which wins over REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, as in `requests`.
    """
    return certificate_file or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _system_has_authorities() -> bool:
    """Whether OpenSSL knows any: those of SSL_CERT_FILE and SSL_CERT_DIR where one is set, else of the system.

    Slim containers have none, nor has a Python of python.org on a Mac: then those that `requests` brings are used.

    Raises:
        FileNotFoundError: SSL_CERT_FILE names none.
    """
    named = os.environ.get("SSL_CERT_FILE")
    if named and not os.path.isfile(named):  # noqa: PTH113 - text, as ssl has it
        raise FileNotFoundError(errno.ENOENT, "SSL_CERT_FILE", named)
    if named or os.environ.get("SSL_CERT_DIR") or sys.platform == "win32":
        return True
    paths = ssl.get_default_verify_paths()
    try:
        return bool(paths.cafile or (paths.capath and os.listdir(paths.capath)))  # noqa: PTH208 - text, as ssl has it
    except OSError:
        return False


class DeadlineAdapter(HTTPAdapter):
    """The adapter of our own session. Two connections are enough: one POST at a time, and the configuration's GET."""

    def __init__(self) -> None:
        super().__init__(pool_connections=2, pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """See `HTTPAdapter`: with connections under the deadline."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """See `HTTPAdapter`: with connections under the deadline; a SOCKS proxy has connections of its own kind."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOLS
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """See `HTTPAdapter`: True stands for the system's authorities, and not for the list that `requests` brings."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]  # typeshed leaves it out
        if verify is True and _system_has_authorities():
            conn.ca_certs = conn.ca_cert_dir = None

    def connections(self, request: requests.PreparedRequest, proxies: Mapping[str, str], **tls: Any) -> Any:
        """The pool of connections for a request."""
        if hasattr(self, "get_connection_with_tls_context"):
            return self.get_connection_with_tls_context(request, proxies=proxies, **tls)
        return self.get_connection(request.url or "", proxies)  # before requests 2.32


class Response:
    """What of a `requests.Response` is used here.

    Args:
        raw: The answer as urllib3 reads it.
    """

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.status_code: int = raw.status
        self.headers: Mapping[str, str] = raw.headers

    def __enter__(self) -> Response:  # noqa: PYI034 - Self is younger than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.raw.close()  # the connection, too, unless the whole answer was read
        self.raw.release_conn()


class DirectSession:
    """Hands requests to the connections of one adapter.

    Without what a `requests.Session` does for cookies, redirects, hooks and credentials of a ~/.netrc, none of which a
    collector is to set, and what its adapter asks anew for each request: that takes 0.35 ms of the 0.6 that a POST
    costs. The environment's proxies are read once, and not at every request.

    Args:
        url: Where requests go, for the proxy of the environment that fits.
    """

    def __init__(self, url: str) -> None:
        self._adapter = DeadlineAdapter()
        self._proxies = requests.utils.get_environ_proxies(url)
        self._headers = requests.utils.default_headers()
        self._ways: dict[tuple[Any, ...], tuple[Any, str]] = {}

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
    ) -> Response:
        """See `requests.Session.request`. The answer is read by whoever asked, and no redirect is followed."""
        del stream, allow_redirects
        pool, target = self._way(url, verify=True if verify is None else verify, cert=cert)
        connect, read = timeout
        sent = self._headers.copy()
        sent.update(headers)  # ours last, whatever the case of the user's
        raw = pool.urlopen(
            method,
            target,
            body=data,
            headers=sent,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            enforce_content_length=True,  # urllib3 1.26 takes a cut-off answer for a whole one
            retries=self._adapter.max_retries,
            timeout=Timeout(connect=connect, read=read),
        )
        return Response(raw)

    def close(self) -> None:
        """Drops the pooled connections; new ones are opened where there is a next request."""
        self._ways.clear()
        self._adapter.close()

    def _way(self, url: str, **tls: Any) -> tuple[Any, str]:
        """The connections to a URL (the events' address, the other path, the configuration's), and its target there."""
        key = (url, *tls.values())
        way = self._ways.get(key)
        if way is None:
            request = requests.Request("GET", url).prepare()
            pool = self._adapter.connections(request, self._proxies, **tls)
            self._adapter.cert_verify(pool, request.url or url, **tls)
            way = self._ways[key] = pool, self._adapter.request_url(request, self._proxies)
        return way
