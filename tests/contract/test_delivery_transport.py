"""TLS, client certificates, proxies, a session of the user's, and no trace of the POST itself."""

import base64
import contextlib
import http.server
import ipaddress
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
import trustme
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.delivery import APPLICATION_ID, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _tls(authority: trustme.CA, *names: str, **settings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",)), **settings).configure_cert(context)
    return context


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_private_authority_is_trusted_where_its_file_is_named(authority, authority_file) -> None:
    events = make_events(3)
    with (
        FaultyServer(tls=_tls(authority)) as server,
        open_sender(server.url, certificate_file=authority_file) as sender,
    ):
        for event in events:
            assert sender.send([event])
        assert set(server.arrived) == ids_of(events)
        assert server.connections == 1


def test_a_name_is_resolved_where_no_thread_can_be_started_for_it(monkeypatch) -> None:
    def refused(*_: object) -> None:
        # As gevent's resolver under Python 3.12 at the end of a process: tests/e2e/test_gevent_workers.py has the real one.
        message = "can't create new thread at interpreter shutdown"
        raise RuntimeError(message)

    events = make_events(1)
    with FaultyServer() as server, open_sender(server.url) as sender:
        monkeypatch.setattr(socket, "getaddrinfo", refused)
        assert sender.send(events)
        assert set(server.arrived) == ids_of(events)


def test_the_deadline_holds_over_tls_as_well(authority, authority_file) -> None:
    events = make_events(2)
    with (
        FaultyServer(["answer byte by byte"], tls=_tls(authority)) as server,
        open_sender(server.url, certificate_file=authority_file, timeout=0.5) as sender,
    ):
        assert sender.send(events)
        assert sender.force_flush(200_000)
        assert set(server.arrived) == ids_of(events)
        assert len(server.posts) > 1  # the first one's answer takes 20 s


def test_a_connection_closed_over_tls_is_replaced_at_once(authority, authority_file) -> None:
    with (
        FaultyServer(["close the kept connection silently"] * 3, tls=_tls(authority)) as server,
        open_sender(server.url, certificate_file=authority_file) as sender,
    ):
        for _ in range(4):
            assert sender.send(make_events(1))
            assert sender.force_flush(0)
        assert server.connections == 4


def test_the_authorities_that_openssl_is_told_of_are_trusted(authority, authority_file, tmp_path, monkeypatch) -> None:
    directory = tmp_path / "authorities"
    directory.mkdir()
    (directory / "one.pem").write_bytes(Path(authority_file).read_bytes())
    subprocess.run(["openssl", "rehash", str(directory)], check=True)
    with FaultyServer(tls=_tls(authority)) as server:
        for variable, value in (("SSL_CERT_FILE", authority_file), ("SSL_CERT_DIR", str(directory))):
            monkeypatch.setenv(variable, value)
            with open_sender(server.url) as sender:
                sender.send(make_events(1))
            monkeypatch.delenv(variable)
        assert len(server.arrived) == 2
        with open_sender(server.url) as sender:
            sender.send(make_events(1))
        assert len(server.arrived) == 2


def test_the_systems_authorities_are_those_that_openssl_finds_and_no_list_of_our_own(monkeypatch, tmp_path) -> None:
    # SSL_CERT_FILE stands for a system that trusts nobody else than this one: what `requests` brings is not added.
    ours, theirs = trustme.CA(), trustme.CA()
    bundle = tmp_path / "certifi.pem"
    theirs.cert_pem.write_to_path(str(bundle))
    named = tmp_path / "system.pem"
    ours.cert_pem.write_to_path(str(named))
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    with FaultyServer(tls=_tls(theirs)) as server, open_sender(server.url) as sender:
        sender.send(make_events(1))
        assert server.posts == []


def test_a_file_of_authorities_that_is_not_there_is_said(authority, monkeypatch, tmp_path, caplog) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with FaultyServer(tls=_tls(authority)) as server, open_sender(server.url) as sender:
        sender.send(make_events(1))
        assert server.posts == []
    assert "1 event waits (file from 127.0.0.1)" in caplog.text


YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (None, "OTEL_EXPORTER_MOESIF_CERTIFICATE"),
        ((("other.example",), {}), "another host name"),
        ((("127.0.0.1",), {"not_after": YESTERDAY}), "has expired"),
    ],
    ids=["unknown authority", "wrong host name", "expired"],
)
def test_a_certificate_that_is_not_right_keeps_the_events_and_says_what_is_wrong(
    certificate, expected, authority, authority_file, caplog
) -> None:
    names, settings = certificate or (("127.0.0.1",), {})
    with (
        FaultyServer(tls=_tls(authority, *names, **settings)) as server,
        open_sender(server.url, certificate_file=authority_file if certificate else None) as sender,
    ):
        assert sender.send(make_events(1))
        assert server.posts == []
        assert expected in caplog.text
        assert not sender.answers


def test_a_certificate_file_that_is_gone_keeps_the_events_and_names_the_setting(authority, tmp_path, caplog) -> None:
    with (
        FaultyServer(tls=_tls(authority)) as server,
        open_sender(server.url, certificate_file=str(tmp_path / "none.pem")) as sender,
    ):
        assert sender.send(make_events(1))
        assert "OTEL_EXPORTER_MOESIF_CERTIFICATE" in caplog.text


def test_a_client_certificate_is_shown_to_a_server_that_asks_for_it(authority, authority_file, tmp_path) -> None:
    context = _tls(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    own = authority.issue_cert("service@example.com")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    own.cert_chain_pems[0].write_to_path(str(certificate))
    own.private_key_pem.write_to_path(str(key))
    with FaultyServer(tls=context) as server:
        with open_sender(server.url, certificate_file=authority_file) as sender:
            sender.send(make_events(1))
            assert server.posts == []
        with open_sender(
            server.url,
            certificate_file=authority_file,
            client_certificate_file=str(certificate),
            client_key_file=str(key),
        ) as sender:
            sender.send(make_events(1))
            assert len(server.arrived) == 1


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Forwards plain requests and tunnels."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers.get("Proxy-Authorization")))
        with requests.Session() as onwards:
            onwards.trust_env = False  # or it would ask itself
            answer = onwards.post(self.path, data=body, headers=dict(self.headers), timeout=60)
        self.send_response(answer.status_code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_CONNECT(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Proxy-Authorization")))
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            self.send_response(200)
            self.end_headers()
            while True:
                ready, _, _ = select.select([self.connection, target], [], [], 5)
                for source in ready:
                    chunk = source.recv(65536)
                    if not chunk:
                        return
                    (target if source is self.connection else self.connection).sendall(chunk)
                if not ready:
                    return

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture
def proxy():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_proxy_of_the_environment_carries_plain_http(proxy, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://user:word@127.0.0.1:{proxy.server_port}")
    with FaultyServer() as server, open_sender(server.url) as sender:
        assert sender.send(make_events(1))
        assert len(server.arrived) == 1
        expected = "Basic " + base64.b64encode(b"user:word").decode()
        assert proxy.seen == [(f"{server.url}/collector/v1/events/batch", expected)]


def test_a_proxy_of_the_environment_tunnels_tls(proxy, monkeypatch, authority, authority_file) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_port}")
    with (
        FaultyServer(tls=_tls(authority)) as server,
        open_sender(server.url, certificate_file=authority_file) as sender,
    ):
        assert sender.send(make_events(1))
        assert len(server.arrived) == 1
        assert proxy.seen == [(f"127.0.0.1:{server.port}", None)]


def test_no_proxy_is_heeded(proxy, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FaultyServer() as server, open_sender(server.url) as sender:
        assert sender.send(make_events(1))
        assert len(server.arrived) == 1
    assert proxy.seen == []


def test_a_proxy_that_is_down_is_named_in_the_hint(monkeypatch, caplog) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with FaultyServer() as server, open_sender(server.url) as sender:
            sender.send(make_events(1))
    assert "HTTPS_PROXY" in caplog.text


def test_a_session_of_the_users_is_used_and_not_changed(authority, authority_file) -> None:
    session = requests.Session()
    session.headers["X-Of-The-User"] = "yes"
    session.verify = authority_file
    before = dict(session.headers), dict(session.adapters), session.verify, session.trust_env, session.max_redirects
    with FaultyServer(tls=_tls(authority)) as server, open_sender(server.url, session=session) as sender:
        assert sender.send(make_events(1))
        assert server.headers[0]["x-of-the-user"] == "yes"
        assert server.headers[0]["x-moesif-application-id"] == APPLICATION_ID
    after = dict(session.headers), dict(session.adapters), session.verify, session.trust_env, session.max_redirects
    assert before == after


def test_a_session_of_the_users_that_raises_costs_no_event(own_metrics) -> None:
    class Unwell(requests.Session):
        unwell = True

        def request(self, *arguments, **settings):
            if self.unwell:
                message = "boom"
                raise KeyError(message)
            return super().request(*arguments, **settings)

    session = Unwell()
    with (
        FaultyServer() as server,
        open_sender(server.url, session=session, meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(make_events(1))
        session.unwell = False
        assert sender.force_flush(200_000)
        assert len(server.arrived) == 1


def test_the_post_says_what_it_is_and_carries_the_users_headers() -> None:
    with FaultyServer() as server, open_sender(server.url, headers={"X-Team": "api", "user-agent": "theirs"}) as sender:
        sender.send(make_events(1))
        headers = server.headers[0]
    assert headers["content-type"] == "application/json"
    assert headers["content-encoding"] == "gzip"
    assert headers["x-team"] == "api"
    assert headers["user-agent"].startswith("opentelemetry-exporter-moesif/")


def test_compression_none_sends_plain_json_also_after_waiting() -> None:
    with FaultyServer([503]) as server, open_sender(server.url, compression="none") as sender:
        sender.send(make_events(2))
        assert sender.force_flush(200_000)
        assert len(server.arrived) == 2
        assert all("content-encoding" not in headers for headers in server.headers)


@contextlib.contextmanager
def _instrumented():
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    instrumentors = [RequestsInstrumentor(), URLLib3Instrumentor()]
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=provider)
    try:
        yield spans
    finally:
        for instrumentor in instrumentors:
            instrumentor.uninstrument()


def test_the_post_leaves_no_span_of_its_own_from_export_or_from_the_drain_thread() -> None:
    with _instrumented() as spans, FaultyServer([503]) as server, open_sender(server.url) as sender:
        requests.get(f"{server.url}/traced", timeout=60)
        before = len(spans.get_finished_spans())
        sender.send(make_events(1))
        sender.force_flush(200_000)
        assert before > 0
        assert len(spans.get_finished_spans()) == before
        assert len(server.arrived) == 1


def test_plain_http_to_another_host_warns_once_and_to_the_loopback_does_not(caplog) -> None:
    with open_sender("http://collector.example"):
        pass
    assert caplog.text.count("plain http") == 1
    caplog.clear()
    for host in ("localhost", "127.0.0.1", "[::1]"):
        with open_sender(f"http://{host}:1"):
            pass
    with open_sender("https://collector.example"):
        pass
    assert "plain http" not in caplog.text


def test_a_name_whose_first_addresses_are_dead_still_connects(monkeypatch) -> None:
    with FaultyServer() as server:
        real = socket.getaddrinfo

        def several_addresses(_host, port, *rest, **more):
            dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 9))
            # As IPv6 on a kernel without it.
            unknown = (socket.AF_APPLETALK, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 9))
            return [unknown, dead, *real("127.0.0.1", port, *rest, **more)]

        assert ipaddress.ip_address("127.0.0.2").is_loopback
        monkeypatch.setattr(socket, "getaddrinfo", several_addresses)
        with open_sender(f"http://localhost:{server.port}") as sender:
            sender.send(make_events(1))
            assert len(server.arrived) == 1


class _ConfigServer(http.server.ThreadingHTTPServer):
    """Answers every GET with a sampling configuration, under an ETag in the header that it is told."""

    def __init__(self, document: bytes, etag_header: str = "ETag") -> None:
        self.document = document
        self.etag_header = etag_header
        self.seen: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), _ConfigHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *details) -> None:
        self.shutdown()
        super().__exit__(*details)


class _ConfigHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["If-None-Match"]))
        known = self.headers["If-None-Match"] == "e1"
        self.send_response(304 if known else 200)
        self.send_header(self.server.etag_header, "e1")
        self.end_headers()
        if not known:
            self.wfile.write(self.server.document)

    def log_message(self, *_arguments) -> None:
        pass


@pytest.mark.parametrize("etag_header", ["ETag", "X-Moesif-Config-ETag"])
def test_the_sampling_configuration_is_fetched_with_its_etag(etag_header: str) -> None:
    document = b'{"sample_rate": 50}'
    with (
        _ConfigServer(document, etag_header) as server,
        open_sender(f"http://127.0.0.1:{server.server_port}") as sender,
    ):
        assert sender.fetch_config(None) == (200, "e1", document)
        assert sender.fetch_config("e1") == (304, "e1", b"")
    assert server.seen == [("/collector/v1/config", None), ("/collector/v1/config", "e1")]
    with open_sender("http://127.0.0.1:9") as sender:
        assert sender.fetch_config(None) is None


def test_a_sampling_configuration_with_a_rate_for_each_of_many_users_arrives_whole() -> None:
    document = json.dumps({"user_sample_rate": {f"user-{number}": 50 for number in range(20_000)}}).encode()
    with _ConfigServer(document) as server, open_sender(f"http://127.0.0.1:{server.server_port}") as sender:
        assert sender.fetch_config(None, 10.0) == (200, "e1", document)


_WHERE_WARNINGS_ARE_ERRORS = """
import json, sys, warnings
from support.delivery import make_events, open_sender
url, authority = sys.argv[1:]
with open_sender(url, certificate_file=authority) as sender:
    print(json.dumps([sender.send(make_events(1)), sender.force_flush(200_000), warnings.filters[0][0]]))
"""


def test_where_warnings_are_errors_events_arrive_all_the_same(authority, authority_file) -> None:
    with FaultyServer([503], tls=_tls(authority)) as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", _WHERE_WARNINGS_ARE_ERRORS, server.url, authority_file],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stdout.strip() == '[true, true, "error"]', ended.stderr
        assert len(server.arrived) == 1
