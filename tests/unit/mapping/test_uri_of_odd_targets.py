"""Requests with unusual targets, as real services put them on their spans: the URI is what was asked for."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event

RULES = mapping_rules(resolve_config({"application_id": "test-id"}, {}))
CONTRIB = "opentelemetry.instrumentation."


def uri(scope: str, name: str = "GET", **attributes: str) -> str:
    """The URI for a span of an instrumentation; an attribute's underscore stands for a dot."""
    named = {attribute.replace("_", "."): value for attribute, value in attributes.items()}
    span = ReadableSpan(
        name,
        kind=SpanKind.SERVER,
        attributes={"http.method": "GET", "http.host": "api.example.com", **named},
        instrumentation_scope=InstrumentationScope(scope),
        start_time=0,
        end_time=0,
    )
    return span_to_event(span, RULES)["request"]["uri"].removeprefix("http://api.example.com")


@pytest.mark.parametrize("framework", ["wsgi", "flask", "django", "falcon", "pyramid.callbacks", "aiohttp_server"])
def test_a_target_in_absolute_form_gives_its_path_and_query(framework: str) -> None:
    """As a client of a proxy sends it (RFC 9112, section 3.2.2)."""
    target = "http://api.example.com/items%2F7?z=1"

    assert uri(CONTRIB + framework, "GET /items/<int:item_id>", http_target=target) == "/items%2F7?z=1"


@pytest.mark.parametrize("framework", ["asgi", "fastapi", "starlette"])
def test_a_question_mark_or_an_escape_in_an_asgi_path_is_part_of_the_path(framework: str) -> None:
    """`/why%3F/%252F` was asked for; ASGI's legacy target is the decoded path, and never holds a query."""
    assert uri(CONTRIB + framework, http_target="/why?/%2F") == "/why%3F/%252F"


@pytest.mark.parametrize(
    "scope", [CONTRIB + "fastapi", CONTRIB + "asgi", CONTRIB + "aiohttp_server", "fastapi", "starlette"]
)
def test_a_percent_sign_in_a_decoded_path_stands_for_itself(scope: str) -> None:
    """`/per%25cent` was asked for, and `%ce` is no escape."""
    assert uri(scope, url_path="/per%cent") == "/per%25cent"


def test_a_percent_sign_beside_what_only_decoded_text_holds_stands_for_itself() -> None:
    assert uri(CONTRIB + "django", url_path="/per%cent/é") == "/per%25cent/%C3%A9"
    assert uri(CONTRIB + "flask", url_path="/per%cent/Ã©") == "/per%25cent/%C3%A9"


@pytest.mark.parametrize("scope", [CONTRIB + "flask", CONTRIB + "tornado", "some.other.instrumentation"])
def test_the_escapes_of_a_path_that_may_be_raw_stay(scope: str) -> None:
    """The semantic conventions have it raw, and so had WSGI's instrumentation up to 0.57b0."""
    assert uri(scope, url_path="/missing%2Fx/%C3%A9") == "/missing%2Fx/%C3%A9"


def test_a_path_with_a_space_is_taken_from_the_spans_name_where_that_is_all_there_is() -> None:
    """wsgiref keeps no raw target; the name is the decoded path."""
    assert uri(CONTRIB + "wsgi", "GET /a b/per%cent") == "/a%20b/per%25cent"
