"""Frameworks that authenticate in child spans: whose call it was arrives with the call, and with no other."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import instrumented, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

KEY = "only-for-tests, and thirty-two bytes long"
_UVICORN = ("uvicorn", "--host", "127.0.0.1", "--port", "{port}")
_DJANGO = {"DJANGO_SETTINGS_MODULE": "identity_django_settings"}
SERVERS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "flask": (("gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "identity_flask_app:app"), {}),
    "django-wsgi": (("gunicorn", "--bind", "127.0.0.1:{port}", "identity_django_app:wsgi"), _DJANGO),
    "django-asgi": ((*_UVICORN, "identity_django_app:asgi"), _DJANGO),
    "fastapi": ((*_UVICORN, "identity_fastapi_app:app"), {}),
}
USERS = [f"Zoë {number}" for number in range(12)]


def token_of(user: str) -> str:
    return f"Bearer {jwt.encode({'sub': user, 'org': 'o-1'}, KEY, algorithm='HS256')}"


def call(port: int, path: str, headers: dict[str, str]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer)


@pytest.fixture(scope="module", params=SERVERS)
def events(request: pytest.FixtureRequest) -> Iterator[dict[str, dict[str, Any]]]:
    """The events of all calls, by their path and query."""
    command, settings = SERVERS[request.param]
    captured = {"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": "authorization,x-user"}
    options = {
        # Every span of its own batch: what child spans say arrives long before their server span.
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1",
        "OTEL_EXPORTER_MOESIF_USER_ID_HEADER": "X-User",
        "OTEL_EXPORTER_MOESIF_AUTHORIZATION_COMPANY_ID_FIELD": "org",
    }
    with LocalCollector(APPLICATION_ID) as collector:
        environment = exporting_to(collector, **settings, **captured, **options)
        with serving(lambda port: instrumented([part.format(port=port) for part in command]), environment) as server:
            with ThreadPoolExecutor(8) as pool:
                answers = list(
                    pool.map(
                        lambda number: call(server.port, f"/whoami?n={number}", {"X-Token": token_of(USERS[number])}),
                        range(len(USERS)),
                    )
                )
            assert [answer["user"] for answer in answers] == USERS
            basic = base64.b64encode(b"ann:hush").decode()
            call(server.port, "/whoami?company=c-1", {"X-Token": token_of("u-1")})
            call(server.port, "/whoami?nobody", {})
            call(server.port, "/whoami?jwt", {"Authorization": token_of("by the token")})
            call(server.port, "/whoami?basic", {"Authorization": f"Basic {basic}"})
            call(server.port, "/whoami?header", {"X-User": "by the header", "Authorization": token_of("u-2")})
            collector.wait_for(len(USERS) + 5, timeout=100)
            server.interrupt()
        assert collector.invalid() == []
        yield {event["request"]["uri"].partition("/whoami")[2]: event for event in collector.events()}


def ids(event: dict[str, Any]) -> dict[str, str]:
    return {name: event[name] for name in ("user_id", "company_id", "session_token") if name in event}


def test_the_ids_that_a_child_span_holds_arrive_with_their_own_call(events: dict[str, dict[str, Any]]) -> None:
    for number, user in enumerate(USERS):
        assert ids(events[f"?n={number}"]) == {"user_id": user, "session_token": "s-1"}


def test_identify_in_a_child_span_tags_the_call_and_adds_to_its_metadata(events: dict[str, dict[str, Any]]) -> None:
    event = events["?company=c-1"]

    assert ids(event) == {"user_id": "u-1", "company_id": "c-1", "session_token": "s-1"}
    assert event["metadata"]["plan"] == "gold"


def test_a_call_of_nobody_has_no_ids(events: dict[str, dict[str, Any]]) -> None:
    assert ids(events["?nobody"]) == {}


def test_credentials_and_headers_tell_what_no_span_does(events: dict[str, dict[str, Any]]) -> None:
    assert ids(events["?jwt"]) == {"user_id": "by the token", "company_id": "o-1"}
    assert ids(events["?basic"]) == {"user_id": "ann"}
    assert ids(events["?header"]) == {"user_id": "by the header", "company_id": "o-1"}


def test_the_credentials_themselves_never_arrive(events: dict[str, dict[str, Any]]) -> None:
    sent = json.dumps(list(events.values()))

    assert "hush" not in sent
    assert "eyJ" not in sent
    assert events["?basic"]["request"]["headers"]["Authorization"] == "[REDACTED]"
