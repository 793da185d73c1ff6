"""`moesif-otel check` against servers that fail in each way for real: what it says, and what a script can read."""

import os
import socket
import ssl
from datetime import datetime, timedelta, timezone

import pytest
import trustme
from support.command_line import APPLICATION_ID, call
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.local_collector import LocalCollector

TWO_PATHS = ("/moesifapi/events", "/v1/events")


@pytest.fixture(autouse=True)
def application_id(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("OTEL_", "MOESIF_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID", APPLICATION_ID)


@pytest.fixture
def check(capfd):
    """Calls check both ways, for people and for programs, and holds them to the same truth."""

    def checked(endpoint, *arguments):
        said = call(capfd, "check", "--endpoint", endpoint, *arguments)
        as_json = call(capfd, "check", "--json", "--endpoint", endpoint, *arguments)
        assert said.code == as_json.code
        result = as_json.json()
        assert result["ok"] == (said.code == 0)
        assert endpoint in said.out
        if result["hint"]:
            assert result["hint"] in said.out
        for text in (said.out, said.err, as_json.out, as_json.err):
            assert APPLICATION_ID not in text
        return said, result

    return checked


def test_an_event_that_is_taken_gives_0_and_names_the_path_the_status_and_the_time(check):
    with LocalCollector(APPLICATION_ID) as collector:
        said, result = check(collector.url)
        events = collector.wait_for(2, timeout=100)
        assert [(post.path, post.status, post.events) for post in collector.posts()] == [(TWO_PATHS[0], 201, 1)] * 2
        assert collector.invalid() == []

    assert said.code == 0
    assert f"POST {collector.url}/moesifapi/events: 201 in 0." in said.out
    assert "Taken." in said.out
    assert result["url"] == f"{collector.url}/moesifapi/events"
    assert result["status"] == 201
    assert result["transaction_id"] == events[1]["transaction_id"]
    assert 0 < result["seconds"] < 30


def test_the_newer_path_is_found_where_the_older_one_is_gone(check):
    with LocalCollector(APPLICATION_ID, families=["/v1"]) as collector:
        said, result = check(collector.url)

    assert said.code == 0
    assert [attempt["status"] for attempt in result["attempts"]] == [404, 201]
    assert result["url"] == f"{collector.url}/v1/events"


@pytest.mark.parametrize("ending", ["/collector/v1", "/collector/v1/events/batch"])
def test_an_endpoint_with_a_path_of_its_own_is_asked_there_alone(check, ending):
    with LocalCollector(APPLICATION_ID) as collector:
        said, result = check(collector.url + ending)

    assert said.code == 0
    assert [attempt["url"] for attempt in result["attempts"]] == [f"{collector.url}/collector/v1/events"]


def test_without_an_application_id_nothing_is_sent_and_the_variable_is_named(check, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID")
    with LocalCollector() as collector:
        said, result = check(collector.url)
        assert collector.posts() == []

    assert said.code == 1
    assert "OTEL_EXPORTER_MOESIF_APPLICATION_ID" in said.out
    assert result["attempts"] == []


def test_a_wrong_application_id_says_where_the_right_one_is(check):
    with LocalCollector("another") as collector:
        said, result = check(collector.url)

    assert (said.code, result["status"]) == (1, 401)
    assert "the application id is refused: set OTEL_EXPORTER_MOESIF_APPLICATION_ID" in said.out
    assert [attempt["url"].removeprefix(collector.url) for attempt in result["attempts"]] == list(TWO_PATHS)


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (402, "subscription is not active"),
        (404, "no such path there: see OTEL_EXPORTER_MOESIF_ENDPOINT"),
        (429, "fewer calls"),
        (500, "in trouble: there is nothing to fix here"),
        (503, "in trouble: there is nothing to fix here"),
    ],
)
def test_each_refusal_says_what_to_mend(check, status, hint):
    with LocalCollector(fail=str(status)) as collector:
        said, result = check(collector.url)

    assert (said.code, result["status"], result["transaction_id"]) == (1, status, None)
    assert hint in result["hint"]
    assert f": {status} in " in said.out


def test_a_redirect_is_not_followed_and_its_target_is_named(check):
    target = "https://www.moesif.example/login"
    with FaultyServer([(302, {"Location": target})] * 4) as server:
        said, result = check(server.url)

    assert (said.code, result["status"]) == (1, 302)
    assert target in result["hint"]


def test_an_answer_of_something_else_than_moesif_is_doubted(check):
    with FaultyServer([200, 200]) as server:
        said, result = check(server.url)

    assert (said.code, result["status"]) == (0, 200)
    assert "is it Moesif" in said.out


def test_a_name_that_nobody_knows_is_a_dns_failure(check):
    said, result = check("http://collector.moesif-otel.invalid")

    assert said.code == 1
    assert result["attempts"][0]["error"] == "dns"
    assert "the name cannot be resolved" in said.out


def test_a_port_where_nothing_listens_is_refused(check):
    said, result = check(f"http://127.0.0.1:{closed_port()}")

    assert (said.code, result["attempts"][0]["error"]) == (1, "refused")
    assert "nothing listens there" in said.out


def test_a_server_that_never_answers_is_a_timeout_after_the_time_that_was_set(check):
    with FaultyServer(["hang before reading"] * 2) as server:
        said, result = check(server.url, "--timeout", "0.3")

    assert (said.code, result["attempts"][0]["error"]) == (1, "timeout")
    assert "OTEL_EXPORTER_MOESIF_TIMEOUT" in said.out


def test_a_closed_proxy_is_named_without_its_password(check, monkeypatch):
    port = closed_port()
    monkeypatch.setenv("HTTP_PROXY", f"http://user:the-password@127.0.0.1:{port}")
    said, result = check("http://collector.example")

    assert (said.code, result["attempts"][0]["error"]) == (1, "proxy")
    assert f"by way of the proxy http://127.0.0.1:{port}" in said.out
    assert "HTTPS_PROXY" in said.out
    assert "the-password" not in said.out + said.err


@pytest.mark.parametrize("fault", ["garbage", "close without an answer"])
def test_something_else_than_http_is_told_as_such(check, fault):
    with FaultyServer([fault] * 8) as server:
        said, result = check(server.url)

    assert said.code == 1
    assert result["attempts"][0]["error"] in {"broken_answer", "reset"}
    assert result["hint"]


def test_plain_http_behind_an_https_address_is_a_tls_failure(check):
    with LocalCollector() as collector:
        said, result = check(collector.url.replace("http:", "https:"))

    assert (said.code, result["attempts"][0]["error"]) == (1, "tls")
    assert "is the endpoint https?" in said.out


@pytest.mark.parametrize(
    ("name", "expired", "trusted", "error", "hint"),
    [
        ("127.0.0.1", False, False, "tls_certificate", "OTEL_EXPORTER_MOESIF_CERTIFICATE names the CA's file"),
        ("127.0.0.1", True, True, "tls_expired", "has expired"),
        ("other.example", False, True, "tls_host", "for another host name"),
    ],
    ids=["unknown authority", "expired", "another host's"],
)
def test_a_certificate_that_is_not_right_says_why(check, monkeypatch, tmp_path, name, expired, trusted, error, hint):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    if trusted:
        monkeypatch.setenv("OTEL_EXPORTER_MOESIF_CERTIFICATE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    authority.issue_cert(name, **({"not_after": yesterday} if expired else {})).configure_cert(context)
    with FaultyServer(tls=context) as server:
        said, result = check(server.url)

    assert (said.code, result["attempts"][0]["error"]) == (1, error)
    assert hint in said.out


def test_an_endpoint_that_is_none_is_wrong_usage(capfd):
    said = call(capfd, "check", "--endpoint", "api.moesif.net")

    assert said.code == 2
    assert "it must start with http:// or https://" in said.err


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
