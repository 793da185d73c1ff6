"""A call is a call, whatever kind its span was given: which spans of server instrumentations are calls of their own."""

from __future__ import annotations

import json
import logging
import random
import sys
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from support.spans import GET, RESOURCE, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding import candidates
from opentelemetry_exporter_moesif.encoding.candidate import Candidate
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.encoding.notices import UnseenServerWarning
from opentelemetry_exporter_moesif.mapping.body import CapturedBodies, CapturedBody
from opentelemetry_exporter_moesif.rendering.rendered import Rendered

ASGI = "opentelemetry.instrumentation.asgi"
SERVER, INTERNAL, CLIENT = SpanKind.SERVER, SpanKind.INTERNAL, SpanKind.CLIENT
TRACE = 2**100
NEVER_EXPORTED = SpanContext(TRACE, 77, is_remote=False)


def span(
    path: str,
    during: tuple[float, float],
    parent: ReadableSpan | SpanContext | None = None,
    *,
    kind: SpanKind = INTERNAL,
    scope: str = ASGI,
    resource: Resource = RESOURCE,
    **attributes: Any,
) -> ReadableSpan:
    start, end = during
    return http_span(
        {**GET, "url.path": path, **{name.replace("_", "."): value for name, value in attributes.items()}},
        name=path,
        context=SpanContext(TRACE, random.getrandbits(63) + 1, is_remote=False, trace_flags=TraceFlags(1)),
        parent=parent.context if isinstance(parent, ReadableSpan) else parent,
        kind=kind,
        start_time=int(start * 1e9),
        end_time=int(end * 1e9),
        resource=resource,
        instrumentation_scope=InstrumentationScope(scope),
    )


def plain_span(name: str, during: tuple[float, float], parent: Any = None, **attributes: Any) -> ReadableSpan:
    """A span that is not HTTP's, such as that of a command or a middleware."""
    made = span(name, during, parent, **attributes)
    kept = {each: value for each, value in made.attributes.items() if each not in {*GET, "url.path"}}
    return http_span(
        kept,
        name=name,
        context=made.context,
        parent=made.parent,
        kind=INTERNAL,
        start_time=made.start_time,
        end_time=made.end_time,
    )


@dataclass
class Service:
    """An encoder, and a clock that goes when it is told to."""

    settings: dict[str, Any] = field(default_factory=dict)
    now: float = 1000.0
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.encoder = Encoder(resolve_config(self.settings, {}), clock=lambda: self.now)

    def export(self, *spans: ReadableSpan) -> None:
        self._keep(self.encoder.encode(spans).events)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self._keep(self.encoder.encode_waiting().events)

    def flush(self) -> None:
        self._keep(self.encoder.encode_waiting(all_of_them=True).events)

    def _keep(self, encoded: list[bytes] | Rendered) -> None:
        self.events.extend(map(json.loads, encoded if isinstance(encoded, list) else encoded.events()))

    @property
    def paths(self) -> list[str]:
        return [event["request"]["uri"].removeprefix("http://localhost") for event in self.events]


@pytest.fixture
def service() -> Service:
    return Service()


# --- the four rows


@pytest.mark.parametrize("batches", ["one", "two", "outer first"])
def test_an_application_that_is_mounted_in_another_is_no_call_of_its_own(service: Service, batches: str) -> None:
    outer = span("/outer", (0, 10), kind=SERVER)
    inner = span("/inner", (1, 9), outer)
    innermost = span("/innermost", (2, 8), inner)

    if batches == "one":
        service.export(innermost, inner, outer)
    else:
        for each in (innermost, inner, outer) if batches == "two" else (innermost, outer, inner):
            service.export(each)
    service.wait(100)
    service.flush()

    assert service.paths == ["/outer"]


@pytest.mark.parametrize("batches", ["two", "each its own"])
def test_the_ids_and_the_route_of_a_mounted_application_go_to_the_outer_call(service: Service, batches: str) -> None:
    outer = span("/outer", (0, 10), kind=SERVER)
    middleware = plain_span("middleware", (0.5, 9.5), outer)
    inner = span("/inner", (1, 9), middleware, http_route="/inner/{id}", company_id="c")
    authenticate = plain_span("authenticate", (2, 3), inner, enduser_id="ada")

    if batches == "two":
        service.export(authenticate, inner)
        service.export(middleware, outer)
    else:
        for each in (authenticate, inner, middleware, outer):
            service.export(each)

    (event,) = service.events
    assert (event["user_id"], event["company_id"]) == ("ada", "c")
    assert event["metadata"]["http.route"] == "/inner/{id}"


def test_the_outer_call_keeps_the_route_and_the_ids_of_its_own(service: Service) -> None:
    outer = span("/outer", (0, 10), kind=SERVER, http_route="/outer", user_id="outer")
    service.export(span("/inner", (1, 9), outer, http_route="/inner", user_id="inner"), outer)

    (event,) = service.events
    assert (event["user_id"], event["metadata"]["http.route"]) == ("outer", "/outer")


@pytest.mark.parametrize("size", [1, 3, 100])
def test_each_call_of_a_connection_is_a_call_although_its_parent_is_the_one_before(service: Service, size: int) -> None:
    """So uvicorn makes them, where it read a request in the context of the former one."""
    calls = [span("/0", (0, 0.9), kind=SERVER)]
    for number in range(1, 10):
        calls.append(span(f"/{number}", (number, number + 0.9), calls[-1], user_id=f"user-{number}"))
    others = [span("/mounted", (number + 0.1, number + 0.8), call) for number, call in enumerate(calls)]
    spans = [each for pair in zip(others, calls, strict=True) for each in pair]

    for first in range(0, len(spans), size):
        service.export(*spans[first : first + size])
    service.wait(15)

    assert sorted(service.paths) == [f"/{number}" for number in range(10)]
    assert {event.get("user_id") for event in service.events} == {None, *(f"user-{n}" for n in range(1, 10))}


def test_a_call_that_begins_the_moment_its_parent_ends_is_a_call(service: Service) -> None:
    first = span("/first", (0, 1), kind=SERVER)
    service.export(first, span("/next", (1, 2), first), span("/inside", (1 - 2**-20, 2), first))

    assert service.paths == ["/first", "/next"]


def test_a_call_in_a_span_of_a_worker_is_a_call_when_that_span_has_ended(service: Service) -> None:
    job = plain_span("job", (0, 10))
    step = plain_span("step", (1, 9), job)
    call = span("/call", (2, 3), step)

    service.export(call)
    assert service.paths == []
    service.export(step)
    service.export(job)

    assert service.paths == ["/call"]


def test_a_call_below_a_span_whose_parent_is_in_another_process_is_a_call(service: Service) -> None:
    task = plain_span("task", (0, 10), SpanContext(TRACE, 5, is_remote=True))
    service.export(span("/a", (2, 3), task), task, span("/b", (2, 3), SpanContext(TRACE, 6, is_remote=True)))

    assert sorted(service.paths) == ["/a", "/b"]


def test_calls_of_a_command_that_has_a_span_of_its_own_are_sent_after_15_seconds_and_then_at_once(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service.export(span("/1", (1, 2), NEVER_EXPORTED), span("/2", (3, 4), NEVER_EXPORTED))
    service.wait(14)
    assert service.paths == []
    service.wait(1)
    assert service.paths == ["/1", "/2"]

    service.export(span("/3", (5, 6), NEVER_EXPORTED), plain_span("x", (6, 7)))

    assert service.paths == ["/1", "/2", "/3"]
    assert all("parent_id" not in event["span"] for event in service.events)
    (info,) = [record.getMessage() for record in caplog.records if "stands around" in record.getMessage()]
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=click" in info
    assert service.encoder.seconds_left is None


def test_spans_that_are_each_others_parents_are_calls_and_stop_nothing(service: Service) -> None:
    """No tracer makes them; a file of spans may hold them."""
    first = span("/first", (0, 1))
    second = span("/second", (2, 3), first)
    again = span("/again", (4, 5), second.context)
    itself = span("/itself", (6, 5))
    circle = http_span(
        first.attributes, context=again.context, parent=again.context, kind=INTERNAL, start_time=9, end_time=8,
        instrumentation_scope=InstrumentationScope(ASGI),
    )  # fmt: skip

    service.export(itself, circle, again, second, first)
    service.flush()

    assert {"/itself", "/second", "/first"} <= set(service.paths)


@pytest.mark.parametrize("ends", ["by waiting", "by a flush"])
def test_an_application_that_is_mounted_in_one_of_a_command_is_no_call_of_its_own(service: Service, ends: str) -> None:
    outer = span("/outer", (0, 10), NEVER_EXPORTED)
    inner = span("/inner", (1, 9), outer, user_id="ada")
    service.export(span("/innermost", (2, 8), inner))
    service.now += 1
    service.export(inner)
    service.now += 1
    service.export(outer)
    for _ in range(20):
        service.wait(1) if ends == "by waiting" else service.flush()

    assert service.paths == ["/outer"]
    assert service.events[0]["user_id"] == "ada"
    assert service.encoder.held_bytes == 0


def test_one_that_cannot_be_mapped_costs_itself_and_is_told(service: Service) -> None:
    lost: list[str] = []
    service.encoder = Encoder(resolve_config({}, {}), on_loss=lambda reason, _: lost.append(reason))
    service.export(span("/bad", (1, 10**30), plain_span("open", (0, 1))), span("/good", (1, 2), NEVER_EXPORTED))
    encoded = service.encoder.encode_waiting(all_of_them=True)

    assert [json.loads(event)["action_name"] for event in encoded.events] == ["/good"]
    assert (encoded.lost, lost) == (1, ["mapping_error"])


def test_a_flush_decides_with_what_is_known(service: Service) -> None:
    service.export(span("/1", (1, 2), NEVER_EXPORTED, user_id="ada"))
    service.flush()

    assert service.paths == ["/1"]
    assert service.events[0]["user_id"] == "ada"


def test_what_waits_says_how_long_it_still_does(service: Service) -> None:
    assert service.encoder.seconds_left is None
    service.export(span("/1", (1, 2), NEVER_EXPORTED))
    service.wait(5)
    assert service.encoder.seconds_left == 10


# --- what is no candidate


@pytest.mark.parametrize(
    "other",
    [
        span("/client", (1, 2), NEVER_EXPORTED, kind=CLIENT),
        span("/client", (1, 2), NEVER_EXPORTED, scope="opentelemetry.instrumentation.requests"),
        span("/own", (1, 2), NEVER_EXPORTED, scope="shop.own"),
        plain_span("/websocket", (1, 2), NEVER_EXPORTED),
    ],
    ids=["a call that was made", "of a client's instrumentation", "of the user's own", "without a method"],
)
def test_a_span_of_anything_but_a_server_is_none(service: Service, other: ReadableSpan) -> None:
    service.export(other)
    service.flush()

    assert service.paths == []


def test_a_call_inside_a_websockets_span_is_a_call(service: Service) -> None:
    socket = span("/socket", (0, 10), kind=SERVER)
    attributes = {name: value for name, value in socket.attributes.items() if name != "http.request.method"}
    socket = http_span(attributes, context=socket.context, parent=None, kind=SERVER, start_time=0, end_time=10**10)
    service.export(span("/call", (1, 2), socket), socket)

    assert service.paths == ["/call"]


# --- what they are like


def test_hooks_see_such_a_call_as_any_other() -> None:
    seen: list[ReadableSpan] = []
    service = Service({"skip": lambda given: seen.append(given) or given.attributes["url.path"] == "/2"})
    service.export(span("/1", (1, 2), NEVER_EXPORTED), span("/2", (3, 4), NEVER_EXPORTED))
    service.flush()

    assert service.paths == ["/1"]
    assert [(each.kind, each.name) for each in seen] == [(SERVER, "/1"), (SERVER, "/2")]


@pytest.mark.parametrize("sampler", [TraceIdRatioBased(0.1), ParentBased(TraceIdRatioBased(0.1))])
def test_such_calls_weigh_what_their_sampling_says(sampler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command's one trace was kept or not, with all its calls; that of a connection's first call is one of many."""
    resource = Resource({})
    provider = TracerProvider(sampler=sampler, resource=resource)
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)
    service = Service()
    of_the_provider = partial(span, resource=resource)
    first = of_the_provider("/first", (0, 1), kind=SERVER)
    next_one = of_the_provider("/next", (2, 3), first)
    foreign = of_the_provider("/foreign", (0, 1), SpanContext(TRACE, 9, is_remote=True), kind=SERVER)
    after_foreign = of_the_provider("/after", (2, 3), foreign)
    in_command = of_the_provider("/command", (4, 5), NEVER_EXPORTED)
    service.export(first, next_one, foreign, after_foreign, in_command)
    service.flush()

    weights = {path: event.get("weight", 1) for path, event in zip(service.paths, service.events, strict=True)}
    by_parent = sampler.get_description().startswith("ParentBased")
    assert weights == {
        "/first": 10,
        "/next": 10,
        "/foreign": 1 if by_parent else 10,
        "/after": 1 if by_parent else 10,
        "/command": 1,
    }


# --- bounds


def test_however_many_wait_each_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_MOST_WAITING", 50)
    service = Service()
    for number in range(200):
        service.export(span(f"/{number}", (1, 2), SpanContext(TRACE, number + 1, is_remote=False)))
    assert len(service.paths) >= 150
    service.flush()

    assert sorted(service.paths) == sorted(f"/{number}" for number in range(200))
    assert service.encoder.held_bytes == 0


def test_large_ones_wait_in_a_bounded_number_of_bytes() -> None:
    service = Service()
    for number in range(30):
        service.export(
            span(f"/{number}", (1, 2), SpanContext(TRACE, number + 1, is_remote=False), shop_text="x" * 10**6)
        )

    assert 20 <= len(service.paths) <= 25


def test_the_bodies_of_one_that_waits_count_with_it() -> None:
    response = CapturedBody(b"x" * 5000)
    call = span("/call", (1, 2), NEVER_EXPORTED)
    sizes = [Candidate.of(call, {}, bodies, 0.0).size for bodies in (CapturedBodies(None, response), None)]

    assert sizes[0] - sizes[1] == 5000


def test_ids_that_nobody_takes_keep_to_sixteen_mebibytes_and_what_may_be_a_call_is_sent_to_make_room() -> None:
    service = Service()
    service.export(span("/call", (1, 2), NEVER_EXPORTED))
    for number in range(1, 4000):
        never_exported = SpanContext(TRACE, 10_000 + number, is_remote=False)
        service.export(plain_span("inside", (1, 2), never_exported, user_id="x" * 5000))

    assert service.paths == ["/call"]
    assert 15.9 * 2**20 < service.encoder.held_bytes <= 16 * 2**20


# --- nothing comes


def test_a_thousand_spans_without_a_call_bring_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    service, call = Service(), span("/client", (1, 2), kind=CLIENT)
    service.export(*[call] * 999)
    assert not caplog.records
    service.export(call)
    assert caplog.records
    service.export(*[call] * 2000)

    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "1000 spans" in warning
    assert "SERVER" in warning


@pytest.mark.parametrize("call", [span("/call", (1, 2), kind=SERVER), span("/call", (1, 2), NEVER_EXPORTED)])
def test_one_call_among_them_needs_no_warning(call: ReadableSpan, caplog: pytest.LogCaptureFixture) -> None:
    service = Service()
    service.export(call)
    service.flush()
    service.export(*[span("/client", (1, 2), kind=CLIENT)] * 2000)

    assert not caplog.records


@pytest.mark.parametrize(("batches", "is_told"), [((99,), False), ((100,), True), ((64, 64), True)])
def test_a_server_that_nothing_instruments_is_told_of_after_a_hundred_spans(
    batches: tuple[int, ...],
    is_told: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("waitress.channel", "opentelemetry.instrumentation.auto_instrumentation"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for name in ("asgi", "wsgi"):
        monkeypatch.delitem(sys.modules, f"opentelemetry.instrumentation.{name}", raising=False)
    warning = UnseenServerWarning()
    for spans in batches:
        warning.count(spans)

    assert ["waitress serves here" in record.getMessage() for record in caplog.records] == [True] * is_told
