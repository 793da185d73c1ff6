"""The table of answers."""

import socket
import ssl

import pytest
import requests
import urllib3

from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer, Verdict
from opentelemetry_exporter_moesif.delivery.exchange.failure import failed, is_stale

DELIVERED, KEEP, HALVE, SHRINK, MISCONFIGURED = Verdict


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 201, 202, 204, 299), DELIVERED),
        ((408, 429, 500, 502, 503, 504, 599, 199, 700), KEEP),
        ((400,), HALVE),
        ((413,), SHRINK),
        ((300, 301, 302, 307, 308, 304, 401, 402, 403, 404, 405, 406, 410, 418, 499), MISCONFIGURED),
    ],
)
def test_every_status_has_its_verdict(statuses: tuple[int, ...], verdict: Verdict) -> None:
    assert {status: Answer(status).verdict for status in statuses} == dict.fromkeys(statuses, verdict)


@pytest.mark.parametrize(
    ("status", "word"),
    [(401, "APPLICATION_ID"), (402, "subscription"), (404, "ENDPOINT"), (407, "HTTPS_PROXY"), (503, "nothing to fix")],
)
def test_a_hint_says_what_a_person_can_do(status: int, word: str) -> None:
    assert word in (Answer(status).hint or "")


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://user:word@new.example/path?token=t", "https://new.example/path:"),
        ("/login?next=x", "/login:"),
        (None, "nowhere"),
        ("//[bad", "nowhere"),
        ("/\x1b[2J\r\n\x07é", r"/\x1b[2J\x07\xe9"),
        ("https://x/" + "y" * 9_999, "https://x/yyy"),
    ],
)
def test_a_redirects_hint_says_where_it_points_and_no_secret(location: str | None, shown: str) -> None:
    hint = Answer(302, location=location).hint
    assert hint is not None
    assert shown in hint
    assert "token" not in hint
    assert "word" not in hint
    assert hint.isprintable()
    assert len(hint) < 400


class _Expired(ssl.SSLCertVerificationError):
    verify_code = 10


ERRORS = {
    "refused": requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "x")),
    "timeout": requests.ReadTimeout(),
    "connect_timeout": requests.ConnectTimeout(urllib3.exceptions.ConnectTimeoutError()),
    "proxy": requests.exceptions.ProxyError(urllib3.exceptions.ProxyError("x", ConnectionRefusedError())),
    "dns": requests.ConnectionError(socket.gaierror(-2, "unknown")),
    "tls": requests.exceptions.SSLError(ssl.SSLError("wrong version")),
    "tls_expired": requests.exceptions.SSLError(_Expired()),
    "reset": requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(104, "x"))),
    "broken_answer": requests.exceptions.ChunkedEncodingError(urllib3.exceptions.IncompleteRead(1, 2)),
    "request": requests.exceptions.InvalidHeader("the value is secret"),
    "file": OSError("could not find the certificate file"),
    "KeyError": KeyError("whatever a session raises"),
    "memory": MemoryError(),
    "recursion": RecursionError(),
    "import": ModuleNotFoundError("no module named requests"),
    "descriptors": requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "x")),
}
ERRORS["descriptors"].__cause__ = OSError(24, "Too many open files")
ERRORS["refused"].__cause__ = ConnectionRefusedError(111, "refused")


@pytest.mark.parametrize("kind", ERRORS)
def test_every_failure_has_its_kind_and_is_kept(kind: str) -> None:
    answer = failed(ERRORS[kind])
    assert answer.error_type == kind
    assert answer.verdict is KEEP
    assert "secret" not in repr(answer)


def test_only_a_connection_that_was_closed_before_the_answer_is_stale() -> None:
    assert is_stale(ERRORS["reset"])
    assert is_stale(requests.ConnectionError(urllib3.exceptions.ProtocolError("x", ssl.SSLEOFError())))
    assert not is_stale(ERRORS["timeout"])
    assert not is_stale(ERRORS["refused"])


def test_a_certificate_that_is_being_replaced_is_a_file_and_no_fault_of_the_payload() -> None:
    gone = FileNotFoundError(2, "No such file or directory")
    for error in (urllib3.exceptions.SSLError(gone), urllib3.exceptions.ProtocolError("Connection aborted.", gone)):
        assert failed(error).failure == "file"


def test_an_exception_that_refers_to_itself_is_judged_too() -> None:
    error = requests.ConnectionError()
    error.args = (error,)
    assert failed(error).failure == "ConnectionError"
