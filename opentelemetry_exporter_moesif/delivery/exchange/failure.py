"""What an exception stands for that came in place of an answer. Tables first."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINTS = {
    "refused": "nothing listens there: see OTEL_EXPORTER_MOESIF_ENDPOINT, or the collector is down",
    "dns": "the name cannot be resolved: see OTEL_EXPORTER_MOESIF_ENDPOINT and the network",
    "connect_timeout": "no connection in time: a firewall, or HTTPS_PROXY is missing",
    "timeout": "no answer in time: see OTEL_EXPORTER_MOESIF_TIMEOUT",
    "proxy": "the proxy does not let it through: see HTTPS_PROXY and NO_PROXY",
    "tls": "no TLS with that server: is the endpoint https?",
    "tls_certificate": "the server's certificate is not trusted: OTEL_EXPORTER_MOESIF_CERTIFICATE names the CA's file",
    "tls_expired": "the server's certificate has expired",
    "tls_host": "the server's certificate is for another host name: see OTEL_EXPORTER_MOESIF_ENDPOINT",
    "reset": "the connection was closed without an answer: is something else, or no http, at that port?",
    "broken_answer": "what answered does not speak HTTP: see OTEL_EXPORTER_MOESIF_ENDPOINT",
    "unreachable": "there is no way to that address: see the network, or HTTPS_PROXY is missing",
    "file": "a file cannot be read: see OTEL_EXPORTER_MOESIF_CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY",
    "request": "the request cannot be made: see OTEL_EXPORTER_MOESIF_ENDPOINT and _HEADERS",
    "descriptors": "this process may open no more files: raise its limit (ulimit -n)",
    "memory": "this process has no memory left",
    "import": "a module cannot be imported: was the service's virtual environment replaced while it runs?",
    "recursion": "this process had too deep a stack",
}

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATE_ERRORS = {10: "tls_expired", 62: "tls_host", 64: "tls_host"}

# By the names of classes of requests and urllib3, so that judging does not import them. The first that fits counts.
_BY_ERROR_CLASS = {
    "ProxyError": "proxy",
    "CertificateError": "tls_host",  # urllib3 compares the names itself, version 1 always
    "SSLError": "tls",
    "NameResolutionError": "dns",
    "ConnectTimeoutError": "connect_timeout",
    "ConnectTimeout": "connect_timeout",
    "ReadTimeoutError": "timeout",
    "TimeoutError": "timeout",
    "Timeout": "timeout",
    "IncompleteRead": "broken_answer",
    "InvalidChunkLength": "broken_answer",
    "BadStatusLine": "broken_answer",
    "LineTooLong": "broken_answer",
    "HTTPException": "broken_answer",
    "DecodeError": "broken_answer",
    "ContentDecodingError": "broken_answer",
    "InvalidURL": "request",
    "MissingSchema": "request",
    "InvalidSchema": "request",
    "InvalidHeader": "request",
    "UnicodeError": "request",
}

# How a connection looks that the other side has closed. http.client's RemoteDisconnected is a ConnectionResetError.
_RESET = (
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)

_BY_ERROR: dict[type[BaseException] | tuple[type[BaseException], ...], str] = {
    MemoryError: "memory",
    ImportError: "import",
    RecursionError: "recursion",
    FileNotFoundError: "file",  # of a certificate that is being replaced
    ConnectionRefusedError: "refused",
    socket.gaierror: "dns",
    _RESET: "reset",
    ssl.SSLError: "tls",
}
_BY_ERROR_NUMBER: dict[int | None, str] = {
    errno.EMFILE: "descriptors",
    errno.ENFILE: "descriptors",
    errno.ENOMEM: "memory",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
}


def failed(error: BaseException) -> Answer:
    """The answer that stands for an exception. Its text is not used: it may hold a header's value."""
    kind = _kind(error)
    return Answer(failure=kind, advice=_HINTS.get(kind))


def is_stale(error: BaseException) -> bool:
    """Whether the connection was closed or reset before a byte of the answer came."""
    return any(isinstance(cause, _RESET) for cause in _causes(error))


def _kind(error: BaseException) -> str:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATE_ERRORS.get(cause.verify_code, "tls_certificate")
    numbers = (getattr(cause, "errno", None) for cause in causes)
    if own := next((_BY_ERROR_NUMBER[number] for number in numbers if number in _BY_ERROR_NUMBER), None):
        return own
    named = _by_class_name(causes)
    for cause in causes:
        kind = next((kind for classes, kind in _BY_ERROR.items() if isinstance(cause, classes)), None)
        if kind and named != "proxy":
            return kind
    if named:
        return named
    return "file" if type(error) in {OSError, FileNotFoundError, PermissionError} else type(error).__name__


def _by_class_name(causes: list[BaseException]) -> str | None:
    names = [base.__name__ for cause in causes for base in type(cause).__mro__]
    return next((kind for name, kind in _BY_ERROR_CLASS.items() if name in names), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it wraps: by `from`, as an argument (urllib3's habit), or as its `reason`."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
