"""The user's own functions: found at the first call, asked of each one, and never a reason to lose a batch."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import uuid
from collections import UserDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from opentelemetry.trace import SpanKind
from support.spans import GET, captured, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.encoding.event_encoder import EventEncoder
from opentelemetry_exporter_moesif.encoding.hooks import NAMES, MaskFailedError

ID_HOOKS = {"identify_user": "user_id", "identify_company": "company_id", "get_session_token": "session_token"}
SPAN = http_span({**GET, "url.path": "/a", **captured(accept="*/*")}, parent=None)

CYCLE: dict[str, Any] = {}
CYCLE["again"] = CYCLE

DEEP: dict[str, Any] = {}
for _ in range(500):
    DEEP = {"deeper": DEEP}


def refuse(_: object) -> Any:
    message = "no such user"
    raise KeyError(message)


def event_by(span: Any = SPAN, **hooks: Any) -> Any:
    encoded = Encoder(resolve_config(hooks, {})).encode_span(span)
    return None if encoded is None else json.loads(encoded)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes an application's module; returns its name."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def write(source: str) -> str:
        name = f"hooks_of_{uuid.uuid4().hex}"
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        names.append(name)
        return name

    yield write
    for name in names:
        sys.modules.pop(name, None)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


# --- what they are given, and what becomes of their answers


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mask_event"])
def test_a_hook_is_given_the_span(name: str) -> None:
    given = []

    event_by(**{name: given.append})

    assert given == [SPAN]


@pytest.mark.parametrize("name", NAMES)
def test_no_hook_is_asked_of_what_is_no_call(name: str) -> None:
    given: list[object] = []

    assert event_by(http_span(GET, kind=SpanKind.INTERNAL), **{name: given.append}) is None
    assert given == [] or name == "skip"


def test_the_mask_is_given_the_whole_event_after_all_else() -> None:
    seen = []

    def mask(event: Any) -> Any:
        seen.append(json.loads(json.dumps(event)))
        return event

    sent = event_by(
        http_span({**GET, **captured(authorization="secret")}),
        mask_event=mask,
        identify_user=lambda _: "user-1",
        get_metadata=lambda _: {"plan": "pro"},
    )

    assert seen == [sent]
    assert (sent["user_id"], sent["metadata"]["plan"]) == ("user-1", "pro")
    assert sent["request"]["headers"] == {"Authorization": "[REDACTED]"}


@pytest.mark.parametrize(
    ("answer", "told"), [(True, False), (1, False), ("yes", False), (False, True), (None, True), ("", True)]
)
def test_skip_leaves_a_call_out_where_its_answer_is_true(answer: Any, told: bool) -> None:
    assert told is (event_by(skip=lambda _: answer) is not None)


@pytest.mark.parametrize("hook", ID_HOOKS)
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("user-1", "user-1"),
        (" user-1\n", "user-1"),
        (17, "17"),
        (0, "0"),
        (10**5000, hex(10**5000)),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("\ud800", "\ufffd"),
        (None, None),
        ("", None),
        ("  ", None),
        (False, None),
    ],
    ids=[
        "text",
        "blanks",
        "a number",
        "zero",
        "a huge number",
        "a UUID",
        "a surrogate",
        "None",
        "empty",
        "blank",
        "False",
    ],
)
def test_an_identity_hooks_answer_is_the_id_as_text(
    hook: str, answer: Any, told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert told == event_by(**{hook: lambda _: answer}).get(ID_HOOKS[hook])
    assert not caplog.records


@pytest.mark.parametrize("hook", ID_HOOKS)
@pytest.mark.parametrize("answer", [[], ["user-1"], {"id": 1}, {"user-1"}, (), b"user-1", True], ids=repr)
def test_an_answer_that_is_no_id_is_left_out_with_a_warning(
    hook: str, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """`answer in {…}` raises on some of these, which would cost the event."""
    event = event_by(**{hook: lambda _: answer})

    assert ID_HOOKS[hook] not in event
    (warning,) = warnings(caplog)
    assert hook in warning
    assert type(answer).__name__ in warning
    assert "user-1" not in warning


def test_a_hooks_id_wins_over_the_spans() -> None:
    span = http_span({**GET, "user.id": "of the span"})

    assert event_by(span, identify_user=lambda _: "of the hook")["user_id"] == "of the hook"
    assert event_by(span, identify_user=lambda _: None)["user_id"] == "of the span"
    assert event_by(span, identify_user=refuse)["user_id"] == "of the span"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"plan": "pro", "seats": 5}, {"plan": "pro", "seats": 5}),
        ({"nested": {"a": [1]}}, {"nested": {"a": [1]}}),
        (UserDict(plan="pro"), {"plan": "pro"}),
        ({5: "number"}, {"5": "number"}),
        ({"none": None}, {}),
        ({"nan": float("nan"), "inf": float("inf")}, {}),
        ({"huge": 2**70}, {"huge": "1180591620717411303424"}),
        ({"enormous": 10**5000}, {"enormous": hex(10**5000)}),
        ({"set": {1}}, {"set": [1]}),
        ({"when": datetime(2016, 8, 16, tzinfo=timezone.utc)}, {"when": "2016-08-16T00:00:00+00:00"}),
        ({"odd": "\ud800"}, {"odd": "\ufffd"}),
        ({}, {}),
        (None, {}),
    ],
    ids=range(13),
)
def test_a_mapping_is_added_to_the_metadata_as_json_holds_it(
    answer: Any, told: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    metadata = event_by(get_metadata=lambda _: answer)["metadata"]

    assert told | {"resource": {"service.name": "shop"}} == metadata
    assert not caplog.records


@pytest.mark.parametrize(
    "answer", ["text", 5, ["plan"], [("plan", "pro")], {"plan"}, b"x", True, CYCLE, DEEP], ids=range(9)
)
def test_metadata_that_are_no_mapping_of_json_are_left_out_with_a_warning(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    event = event_by(get_metadata=lambda _: answer)

    assert event["metadata"] == {"resource": {"service.name": "shop"}}
    assert len(warnings(caplog)) == 1


def test_what_the_hook_keeps_of_its_metadata_is_its_own() -> None:
    kept = {"nested": {"a": 1}}

    def mask(event: Any) -> Any:
        event["metadata"]["nested"]["a"] = "masked"
        return event

    assert event_by(get_metadata=lambda _: kept, mask_event=mask)["metadata"]["nested"] == {"a": "masked"}
    assert kept == {"nested": {"a": 1}}


# --- open and closed


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mask_event"])
def test_a_hook_that_raises_costs_what_it_knows_and_not_the_call(name: str, caplog: pytest.LogCaptureFixture) -> None:
    encoder = Encoder(resolve_config({name: refuse}, {}))

    events = [encoder.encode_span(SPAN) for _ in range(5)]

    assert len(set(events)) == 1
    assert events[0] == Encoder(resolve_config({}, {})).encode_span(SPAN)
    (warning,) = warnings(caplog)  # the others within the minute are counted in the next line
    assert name in warning
    assert "KeyError" in warning


class _Wordless(BaseException):
    """An exception of the user's own that cannot even say what it is."""

    def __str__(self) -> str:
        raise ValueError


ENDINGS = [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, _Wordless]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "mask_event"])
def test_a_hook_that_raises_what_ends_programs_ends_nothing(
    name: str, ending: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """It would end the thread of the batch processor, or a request."""

    def hook(_: object) -> Any:
        raise ending

    assert event_by(**{name: hook}) == event_by()
    (warning,) = warnings(caplog)
    assert ending.__name__ in warning


def test_a_hook_that_exits_by_sys_exit_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert event_by(identify_user=lambda _: sys.exit("a parser of command lines, in a hook")) == event_by()
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_mask_that_raises_what_ends_programs_fails(ending: type[BaseException]) -> None:
    def mask(_: object) -> Any:
        raise ending

    with pytest.raises(MaskFailedError, match=ending.__name__):
        event_by(mask_event=mask)


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("name", [name for name in NAMES if name != "mask_event"])
def test_an_async_hook_is_no_answer(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A coroutine is true: as a `skip` it would silently leave every call out."""

    async def hook(_: object) -> bool:
        return True

    assert event_by(**{name: hook}) is not None
    (warning,) = warnings(caplog)
    assert name in warning
    assert "async" in warning


def test_a_truth_that_cannot_be_told_skips_nothing() -> None:
    class Undecided:
        def __bool__(self) -> bool:
            raise ValueError

    assert event_by(skip=lambda _: Undecided()) is not None


def test_a_mask_that_returns_none_leaves_the_call_out(caplog: pytest.LogCaptureFixture) -> None:
    assert event_by(mask_event=lambda _: None) is None
    assert not caplog.records


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize(
    "answer", ["text", 5, True, [], {}, {"a": 1}, {"request": None}, {"request": "text"}, b"x"], ids=repr
)
def test_a_mask_that_answers_no_event_fails(answer: Any) -> None:
    with pytest.raises(MaskFailedError, match=type(answer).__name__):
        event_by(mask_event=lambda _: answer)


def test_a_mask_that_raises_fails_without_a_word_of_the_event() -> None:
    def mask(event: Any) -> Any:
        raise ValueError(event)

    with pytest.raises(MaskFailedError) as failure:
        event_by(mask_event=mask)

    assert str(failure.value) == "ValueError"


def test_an_async_mask_fails() -> None:
    async def mask(event: Any) -> Any:
        return event

    with pytest.warns(RuntimeWarning, match="never awaited"), pytest.raises(MaskFailedError, match="coroutine"):
        event_by(mask_event=mask)


def test_what_a_mask_changes_is_what_is_sent() -> None:
    def mask(event: Any) -> Any:
        event["request"]["uri"] = "https://masked/"
        del event["response"]
        return {**event, "metadata": {"odd": {1, 2}, 5: 10**5000}}

    sent = event_by(mask_event=mask)

    assert sent["request"]["uri"] == "https://masked/"
    assert "response" not in sent
    assert sent["metadata"] == {"odd": [1, 2], "5": hex(10**5000)}


def test_what_a_mask_changes_of_the_resource_is_not_changed_in_the_next_event() -> None:
    """All events of a process share what they say of the service."""
    before = []

    def mask(event: Any) -> Any:
        before.append(dict(event["metadata"]["resource"]))
        event["metadata"]["resource"]["service.name"] = "masked"
        event["metadata"]["resource"]["more"] = 1
        return event

    encoder = Encoder(resolve_config({"mask_event": mask}, {}))
    for _ in range(3):
        encoder.encode_span(SPAN)

    assert before == [{"service.name": "shop"}] * 3
    assert event_by()["metadata"]["resource"] == {"service.name": "shop"}


@pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": 5}, {"metadata": {"resource": 5}}])
def test_a_recorded_event_without_what_ours_have_is_masked_all_the_same(metadata: dict[str, Any]) -> None:
    event: Any = {"request": {"uri": "https://api.test/"}, **metadata}
    encoder = EventEncoder(resolve_config({"mask_event": lambda given: given}, {}))

    assert json.loads(encoder.finish(event) or b"") == event


# --- by name


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_by_name_is_imported_at_the_first_call_and_not_before(
    name: str, module: Callable[[str], str], tmp_path: Path
) -> None:
    """Any earlier it would import the application's framework before that is instrumented."""
    imported = tmp_path / "imported"
    written = module(
        f"open({str(imported)!r}, 'x').close()\nclass Hooks:\n    @staticmethod\n    def answer(given): return None\n"
    )

    encoder = Encoder(resolve_config({name: f"{written}:Hooks.answer"}, {}))
    assert not imported.exists()

    encoder.encode_span(SPAN)
    encoder.encode_span(SPAN)
    assert imported.exists()


def test_a_hook_by_name_is_called_as_one_that_was_passed(module: Callable[[str], str]) -> None:
    written = module("def user(span): return span.attributes['url.path']")

    assert event_by(identify_user=f"{written}:user")["user_id"] == "/a"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mask_event"])
@pytest.mark.parametrize(
    ("source", "attribute", "reason"),
    [
        ("", "missing", "AttributeError"),
        ("answer = 5", "answer", "not callable"),
        ("raise RuntimeError('broken')", "answer", "RuntimeError: broken"),
        ("import sys; sys.exit(3)", "answer", "SystemExit"),
        ("def (", "answer", "SyntaxError"),
        (None, "answer", "ModuleNotFoundError"),
    ],
    ids=["no such name", "not callable", "raises", "exits", "no Python", "no module"],
)
def test_a_hook_that_cannot_be_loaded_is_one_error_and_left_out(
    name: str,
    source: str | None,
    attribute: str,
    reason: str,
    module: Callable[[str], str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = "no_such_module_anywhere" if source is None else module(source)
    encoder = Encoder(resolve_config({name: f"{written}:{attribute}"}, {}))

    events = [encoder.encode_span(SPAN) for _ in range(3)]

    assert events == [Encoder(resolve_config({}, {})).encode_span(SPAN)] * 3
    (error,) = errors(caplog)
    assert name in error
    assert reason in error


@pytest.mark.parametrize("given", ["no_such_module_anywhere:mask", "not a name", "json:no_such_function"])
def test_nothing_leaves_without_a_mask_that_was_asked_for(given: str, caplog: pytest.LogCaptureFixture) -> None:
    encoder = Encoder(resolve_config({"mask_event": given}, {}))

    for _ in range(3):
        with pytest.raises(MaskFailedError):
            encoder.encode_span(SPAN)

    (error,) = errors(caplog) or warnings(caplog)
    assert "mask_event" in error
    assert "nothing will be sent" in error.lower()


def test_a_span_that_is_no_call_is_not_lost_to_a_mask_that_is_missing() -> None:
    assert event_by(http_span({}), mask_event="no_such_module_anywhere:mask") is None


def test_many_threads_that_find_a_hook_missing_say_so_once(caplog: pytest.LogCaptureFixture) -> None:
    encoder = Encoder(resolve_config({"identify_user": "no_such_module_anywhere:user"}, {}))
    start = Barrier(16)

    def serve(_: int) -> bytes | None:
        start.wait()
        return encoder.encode_span(SPAN)

    with ThreadPoolExecutor(16) as pool:
        events = list(pool.map(serve, range(16)))

    assert None not in events
    assert len(errors(caplog)) == 1


# --- the hint about headers


def hints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]


def encode_times(times: int, encoder: Encoder, **headers: str) -> None:
    for _ in range(times):
        encoder.encode_span(
            http_span({**GET, "user_agent.original": "curl", "http.request.body.size": 5, **captured(**headers)})
        )


def test_ten_calls_without_a_captured_header_bring_one_hint(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    encoder = Encoder(resolve_config({}, {}))

    encode_times(9, encoder)
    assert hints(caplog) == []

    encode_times(1, encoder)
    (hint,) = hints(caplog)
    assert "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST" in hint

    encode_times(300, encoder)
    assert len(hints(caplog)) == 1


def test_one_call_with_a_captured_header_needs_no_hint(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    encoder = Encoder(resolve_config({}, {}))

    encode_times(1, encoder, accept="*/*")
    encode_times(200, encoder)

    assert hints(caplog) == []


def test_a_captured_header_of_the_response_is_one_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    encoder = Encoder(resolve_config({}, {}))
    encoder.encode_span(http_span({**GET, "http.response.header.content_type": ("text/plain",)}))

    encode_times(200, encoder)

    assert hints(caplog) == []


def test_many_threads_bring_one_hint_and_lose_no_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    encoder = Encoder(resolve_config({}, {}))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: encode_times(50, encoder), range(16)))

    assert len(hints(caplog)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"password": "hunter2"},
        {"a": {"apiKey": ["hunter2"]}},
        {"note": "password=hunter2"},
        {"link": "https://u:hunter2@h.test/?token=hunter2"},
        {"auth": ["bob", "hunter2"]},
        {"sent": '{"client_secret": "hunter2"}'},
    ],
)
def test_metadata_of_a_hook_is_told_without_its_secrets(answer: dict[str, Any]) -> None:
    event = event_by(get_metadata=lambda _: {**answer, "plan": "pro"})

    assert "hunter2" not in json.dumps(event)
    assert event["metadata"]["plan"] == "pro"
