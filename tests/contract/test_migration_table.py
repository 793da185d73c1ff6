"""The page for those who come from Moesif's middlewares: every option of theirs is in it, and every line of it holds."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jwt
import pytest
import urllib3
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk import environment_variables as sdk_variables
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from support.called_server import called_server

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.capture import MoesifBodyCapture
from opentelemetry_exporter_moesif.config import SETTINGS
from opentelemetry_exporter_moesif.local_collector import LocalCollector

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from-moesif-middlewares.md").read_text()
TABLE = PAGE.partition("<!-- options: begin -->")[2].partition("<!-- options: end -->")[0]
PACKAGES = ("moesifwsgi", "moesifasgi", "moesifdjango", "moesifpythonrequest")

_WORD = re.compile(r"""['"]([A-Z][A-Z_]{3,})['"]""")
_OF_WSGI = re.compile(r"HTTP_|CONTENT_|REMOTE_ADDR|QUERY_STRING|PATH_INFO|SCRIPT_NAME|REQUEST_METHOD")


def rows() -> Iterator[tuple[str, str]]:
    """Each option of the table, and what stands for it here ("" for nothing)."""
    for line in TABLE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("`"):
            yield cells[0].strip("`"), cells[1].strip("`") if cells[1] != "nothing" else ""


HERE = dict(rows())


def options_of(package: str) -> set[str]:
    """Every option that a package's source asks its settings for."""
    found = set()
    for file in files(package) or ():
        if file.suffix == ".py":
            found.update(_WORD.findall(Path(str(file.locate())).read_text()))
    return {word for word in found if not _OF_WSGI.match(word)}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_option_of_the_package_is_in_the_table(package: str) -> None:
    options = options_of(package)

    assert "APPLICATION_ID" in options
    assert options - HERE.keys() == set()


def test_the_table_has_no_option_that_none_of_the_packages_knows() -> None:
    assert HERE.keys() - set().union(*map(options_of, PACKAGES)) == set()


def test_whatever_the_table_names_exists() -> None:
    settings = {name for name in HERE.values() if name and not name.startswith("OTEL_")}

    assert settings - SETTINGS.keys() == set()
    for name in set(HERE.values()) - settings - {""}:
        assert getattr(sdk_variables, name) == name


# What each line promises, tried.

ATTRIBUTES: dict[str, Any] = {
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "url.path": "/orders",
    "http.request.header.content_type": ("application/json",),
    "http.request.header.authorization": (f"Bearer {jwt.encode({'sub': 'ann', 'uid': 'u-7'}, 'k' * 32)}",),
    "http.request.header.x_consumer": ("consumer-1",),
    "http.request.header.x_token": (jwt.encode({"uid": "u-8"}, "k" * 32),),
    "http.request.header.x_internal": ("hush",),
    "http.response.header.x_internal": ("hush",),
    "http.request.body": '{"pin": "hush", "a": 1}',
    "http.response.body": '{"pin": "hush", "a": 1}',
}


def event(kind: SpanKind = SpanKind.SERVER, **settings: Any) -> dict[str, Any] | None:
    """What arrives of one call, if anything."""
    with LocalCollector("test-id") as collector:
        exporter = MoesifSpanExporter(application_id="test-id", **{"endpoint": collector.url, **settings})
        context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
        exporter.export([ReadableSpan("POST", context, kind=kind, attributes=ATTRIBUTES, start_time=1, end_time=2)])
        exporter.shutdown()
        return next(iter(collector.events()), None)


def outgoing(**settings: Any) -> dict[str, Any] | None:
    return event(SpanKind.CLIENT, capture_outgoing=True, **settings)


def says(value: Any) -> Callable[[ReadableSpan], Any]:
    return lambda _: value


def is_outgoing(span: ReadableSpan) -> bool:
    return span.kind is SpanKind.CLIENT


def masked(found: dict[str, Any]) -> dict[str, Any]:
    found["request"]["headers"] = {}
    return found


def application_id() -> bool:
    return event() is not None


def api_version() -> bool:
    return event(api_version="1.0")["request"]["api_version"] == "1.0"


def endpoint() -> bool:
    with LocalCollector("test-id") as collector:
        event(endpoint=f"{collector.url}/collector/v1")
        return len(collector.events()) == 1


def debug() -> bool:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("opentelemetry_exporter_moesif")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        event()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    return any(record.levelno == logging.DEBUG for record in records)


def skip() -> bool:
    return event(skip=says(True)) is None and event(excluded_urls="/orders") is None


def identify_user() -> bool:
    return event(identify_user=says("bob"))["user_id"] == "bob"


def identify_company() -> bool:
    return event(identify_company=says("acme"))["company_id"] == "acme"


def get_session_token() -> bool:
    return event(get_session_token=says("s-1"))["session_token"] == "s-1"


def get_metadata() -> bool:
    return event(get_metadata=says({"plan": "gold"}))["metadata"]["plan"] == "gold"


def mask_event() -> bool:
    def failing(_: Any) -> None:
        raise ValueError

    return event(mask_event=masked)["request"]["headers"] == {} and event(mask_event=failing) is None


def log_body() -> bool:
    return not SETTINGS["capture_bodies"].read("false") and SETTINGS["capture_bodies"].read("true")


def header_name() -> bool:
    as_it_stands = event(user_id_header="X-Missing,X-Consumer")["user_id"] == "consumer-1"
    return as_it_stands and event(user_id_header="X-Token", authorization_user_id_field="UID")["user_id"] == "u-8"


def claim() -> bool:
    return event()["user_id"] == "ann" and event(authorization_user_id_field="uid")["user_id"] == "u-7"


def header_masks() -> bool:
    found = event(redact_headers="+x-internal")
    sides = [found[side]["headers"]["X-Internal"] for side in ("request", "response")]
    return sides == ["[REDACTED]"] * 2 and found["request"]["headers"]["Authorization"] == "[REDACTED]"


def body_masks() -> bool:
    found = event(redact_body_fields=["PIN"])
    return all(found[side]["body"] == {"pin": "[REDACTED]", "a": 1} for side in ("request", "response"))


def capture_outgoing() -> bool:
    return outgoing()["direction"] == "Outgoing" and event(SpanKind.CLIENT) is None


def skip_outgoing() -> bool:
    return outgoing(skip=is_outgoing) is None and event(skip=is_outgoing) is not None


def outgoing_bodies() -> bool:
    with LocalCollector("test-id") as collector, called_server() as called:
        provider = TracerProvider()
        settings = {"capture_bodies": True, "capture_outgoing": True}
        exporter = MoesifSpanExporter(application_id="test-id", endpoint=collector.url, **settings)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=60_000))
        URLLib3Instrumentor().instrument(tracer_provider=provider)
        MoesifBodyCapture().instrument()
        try:
            pool = urllib3.PoolManager()
            pool.request(
                "POST", f"{called.url}/client/json", body=b'{"a": 1}', headers={"Content-Type": "application/json"}
            )
            pool.clear()
        finally:
            MoesifBodyCapture().uninstrument()
            URLLib3Instrumentor().uninstrument()
        provider.shutdown()
        (found,) = collector.events()
    return (found["request"]["body"], found["response"]["body"]["answer"]) == ({"a": 1}, 42)


def transaction_id() -> bool:
    return event()["transaction_id"] == event()["transaction_id"]


def batched(calls: int, patience: float = 200.0, **variables: str) -> list[int]:
    """How many events each POST held, of calls that the batch processor exported by itself."""
    with pytest.MonkeyPatch.context() as environment, LocalCollector("test-id") as collector:
        for name, value in variables.items():
            environment.setenv(name, value)
        provider = TracerProvider()
        exporter = MoesifSpanExporter(application_id="test-id", endpoint=collector.url)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        for _ in range(calls):
            provider.get_tracer("test").start_span("POST", kind=SpanKind.SERVER, attributes=ATTRIBUTES).end()
        collector.wait_for(calls, timeout=patience)
        posts = [post.events for post in collector.posts()]
        provider.shutdown()
        return posts


def batch_size() -> bool:
    return batched(3, OTEL_BSP_SCHEDULE_DELAY="600000", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1") == [1, 1, 1]


def batch_timeout() -> bool:
    for _ in range(20):  # a busy machine may take seconds over one of them; the default takes five over each
        with suppress(TimeoutError):
            return batched(1, patience=4.0, OTEL_BSP_SCHEDULE_DELAY="50") == [1]
    return False


def queue_size() -> bool:
    with pytest.raises(ValueError, match="max_queue_size"):  # smaller than a batch: it was read
        batched(1, OTEL_BSP_MAX_QUEUE_SIZE="1")
    return True


def no_thread() -> bool:
    with LocalCollector("test-id") as collector:
        before = set(threading.enumerate())
        exporter = MoesifSpanExporter(application_id="test-id", endpoint=collector.url)
        context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
        exporter.export([ReadableSpan("POST", context, kind=SpanKind.SERVER, attributes=ATTRIBUTES)])
        started = [thread.name for thread in set(threading.enumerate()) - before]
        # The collector is in this process, too, and serves from a pool of its own.
        return len(collector.events()) == 1 and not [name for name in started if "moesif" in name]


PROOFS: dict[str, Callable[[], bool]] = {
    "APPLICATION_ID": application_id,
    "API_VERSION": api_version,
    "BASE_URI": endpoint,
    "LOCAL_MOESIF_BASEURL": endpoint,
    "DEBUG": debug,
    "LOCAL_DEBUG": debug,
    "SKIP": skip,
    "IDENTIFY_USER": identify_user,
    "IDENTIFY_COMPANY": identify_company,
    "GET_SESSION_TOKEN": get_session_token,
    "GET_METADATA": get_metadata,
    "MASK_EVENT_MODEL": mask_event,
    "LOG_BODY": log_body,
    "AUTHORIZATION_HEADER_NAME": header_name,
    "AUTHORIZATION_USER_ID_FIELD": claim,
    "REQUEST_HEADER_MASKS": header_masks,
    "RESPONSE_HEADER_MASKS": header_masks,
    "REQUEST_BODY_MASKS": body_masks,
    "RESPONSE_BODY_MASKS": body_masks,
    "CAPTURE_OUTGOING_REQUESTS": capture_outgoing,
    "SKIP_OUTGOING": skip_outgoing,
    "IDENTIFY_USER_OUTGOING": lambda: outgoing(identify_user=says("bob"))["user_id"] == "bob",
    "IDENTIFY_COMPANY_OUTGOING": lambda: outgoing(identify_company=says("acme"))["company_id"] == "acme",
    "GET_SESSION_TOKEN_OUTGOING": lambda: outgoing(get_session_token=says("s"))["session_token"] == "s",
    "GET_METADATA_OUTGOING": lambda: outgoing(get_metadata=says({"plan": "gold"}))["metadata"]["plan"] == "gold",
    "LOG_BODY_OUTGOING": outgoing_bodies,
    "DISABLE_TRANSACTION_ID": transaction_id,
    "DISABLED_TRANSACTION_ID": transaction_id,
    "BATCH_SIZE": batch_size,
    "EVENT_QUEUE_SIZE": queue_size,
    "EVENT_BATCH_TIMEOUT": batch_timeout,
    "EVENT_WORKER_COUNT": no_thread,
}


@pytest.mark.parametrize("option", HERE)
def test_the_line_of_the_option_holds(option: str) -> None:
    assert PROOFS[option]()
