"""What the documentation's tables say is what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from opentelemetry_exporter_moesif import mapping
from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping.event import Event, EventRequest, EventResponse

ROOT = Path(__file__).parents[3]
MAPPING_PAGE = (ROOT / "docs" / "how-a-span-becomes-an-event.md").read_text()
FIELD_TABLE = MAPPING_PAGE.partition("<!-- fields: begin -->")[2].partition("<!-- fields: end -->")[0]
RULES = mapping.mapping_rules(resolve_config({"application_id": "id"}, {}))

# A value that each attribute may have, and that no default and no other source gives.
VALUES: dict[str, Any] = {
    "http.request.method": "PUT",
    "http.method": "PUT",
    "url.scheme": "https",
    "http.scheme": "https",
    "url.full": "https://told.example/told?told=1",
    "http.url": "https://told.example/told?told=1",
    "url.path": "/told",
    "http.target": "/told?told=1",
    "url.query": "told=1",
    "server.address": "told.example",
    "http.host": "told.example",
    "net.host.name": "told.example",
    "http.response.status_code": 418,
    "http.status_code": 418,
    "http.request.header.accept": ("told",),
    "http.response.header.etag": ("told",),
    "http.request.body.size": 4180,
    "http.response.body.size": 4180,
    "http.request_content_length": 4180,
    "http.response_content_length": 4180,
    "http.route": "/told",
}
ADDRESS = "203.0.113.77"
MUST_SHOW = {
    "its scheme": "https://",
    "its host": "told.example",
    "its path": "/told",
    "its query": "told=1",
    "request.verb": "PUT",
    "ip_address": ADDRESS,
    "status": "418",
    "content": "4180",
}


def _rows() -> Iterator[tuple[str, str]]:
    for line in FIELD_TABLE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            for attribute in re.findall(r"`([^`]+)`", cells[1] + cells[2]):
                yield cells[0], attribute


def _value(attribute: str) -> Any:
    is_address = attribute.endswith(("address", "_ip", ".addr", ".ip")) and attribute != "server.address"
    return ADDRESS if is_address else VALUES.get(attribute, "told")


def _event(**attributes: Any) -> dict[str, Any]:
    span = ReadableSpan(
        "GET",
        SpanContext(1, 2, is_remote=False),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": "GET", "http.response.status_code": 200} | attributes,
        start_time=0,
        end_time=1_000_000,
    )
    event = mapping.span_to_event(span, RULES)
    assert event is not None
    return dict(event)


def _field(event: dict[str, Any], path: str) -> Any:
    found: Any = event
    for name in path.split("."):
        found = found.get(name, {})
    return found


@pytest.mark.parametrize(("field", "attribute"), sorted(set(_rows())))
def test_each_attribute_of_the_table_is_told_in_its_field(field: str, attribute: str) -> None:
    path = field.split("`")[1]
    sources = {attribute: _value(attribute)}
    if attribute in {"http.status_code", "http.method"}:  # the stable name would win
        sources |= {f"http.{'response.status_code' if 'status' in attribute else 'request.method'}": None}
    told = str(_field(_event(**sources), path))
    expected = next((mark for end, mark in MUST_SHOW.items() if field.endswith((end, f"{end}`"))), None)
    if expected is None:
        expected = "4180" if attribute.endswith(("size", "length")) else "told"
    assert expected in told


def test_the_table_has_a_row_or_the_text_a_word_for_every_field_of_the_event() -> None:
    requests = [f"request.{name}" for name in EventRequest.__annotations__]
    responses = [f"response.{name}" for name in EventResponse.__annotations__]
    fields = {*Event.__annotations__, *requests, *responses} - {"request", "response"}
    shared = {name for name in fields if name.endswith("transfer_encoding")}
    assert "`transfer_encoding`" in MAPPING_PAGE
    assert sorted(name for name in fields - shared if f"`{name}`" not in MAPPING_PAGE) == []


def test_the_tables_that_are_written_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "docs_tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}run: python .ci/docs_tables.py"


def test_the_navigation_of_the_site_names_each_page_once() -> None:
    named = re.findall(r'"([\w-]+\.md)"', (ROOT / "zensical.toml").read_text())
    assert sorted(named) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))
