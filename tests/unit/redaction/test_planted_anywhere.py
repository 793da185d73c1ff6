"""A secret under any spelling of any name, in any place and encoding: nothing of it is sent, logged or spooled."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import Event, ReadableSpan
from support.faulty_server import FaultyServer
from support.spans import GET, http_span

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.encoding.known_calls import KnownCallEncoder
from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES
from opentelemetry_exporter_moesif.replay.formats import moesif
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

HALVES = ("hunterZq7", "maRk93xyz")
SECRET = "".join(HALVES)
CONFIG = resolve_config({"application_id": "x"}, {})
ENCODER, KNOWN, RULES = Encoder(CONFIG), KnownCallEncoder(CONFIG), mapping_rules(CONFIG)
EXAMPLES = 300  # ten thousand were tried once
BATCHES, CALLS = 6, 50  # that go through files and sockets

names = st.sampled_from(sorted(name.strip("=") for name in DEFAULT_NAMES))
spellings = st.sampled_from(
    [
        str,
        str.upper,
        str.title,
        lambda name: name.replace("_", "-"),
        lambda name: name.replace("_", ""),
        lambda name: name.title().replace("_", ""),
        lambda name: f"{name}2" if name in DEFAULT_NAMES else name,
        lambda name: quote(name[0]) + f"%{ord(name[1]):02x}" + name[2:],
        lambda name: "".join(f"%25{ord(letter):02X}" for letter in name),
        lambda name: "".join(f"%2525{ord(letter):02X}" for letter in name),
        lambda name: "".join(f"%u{ord(letter):04x}" for letter in name),
        lambda name: f"\\{ord(name[0]):03o}{name[1:]}",
        lambda name: name[0] + "\u200b" + name[1:],
        lambda name: "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in name),
    ]
)
# How the value is written: as it is, percent-encoded with what must be, or with what would end it elsewhere.
values = st.sampled_from([SECRET, f"{HALVES[0]}%26{HALVES[1]}", f"{HALVES[0]}/{HALVES[1]}", f"{HALVES[0]};{HALVES[1]}"])
quoted = st.sampled_from([SECRET, f"{HALVES[0]} {HALVES[1]}", f"{HALVES[0]}&{HALVES[1]}", f"{HALVES[0]}, {HALVES[1]}"])


@st.composite
def structures(draw: st.DrawFn, name: str) -> Any:
    """A structure that holds the secret somewhere."""
    inner: Any = {name: draw(quoted)}
    for _ in range(draw(st.integers(0, 3))):
        inner = draw(
            st.sampled_from([[inner], {"a": inner, "b": 1}, json.dumps(inner), {"name": "x", "c": [1, inner]}])
        )
    return draw(
        st.sampled_from(
            [inner, {"name": name, "value": SECRET}, [[name, SECRET]], {"loc": ["a", name], "input": SECRET}]
        )
    )


@st.composite
def texts(draw: st.DrawFn, name: str) -> str:
    """A text that tells the secret."""
    value = draw(quoted)
    form = draw(
        st.sampled_from(
            [
                "kaboom {0}={1}",
                "{0}: {1}",
                "{{'{0}': '{1}'}}",
                '{{"{0}": "{1}"}}',
                "<{0}>{1}</{0}>",
                "x {0}='{1}' y",
                '<a {0}="{1}"/>',
                "a: b\n{0}: {1}\n",
                'login({0}: "{1}") {{ id }}',
                "--{0}='{1}'",
                "('{0}', '{1}')",
                "{0}['x'] = '{1}'",
                "{0} too short: '{1}'",
                "Invalid value '{1}' for parameter {0}",
                "- name: {0}\n  value: '{1}'\n",
                "| a | {0} |\n|---|---|\n| b | {1} |",
                "['x', '--{0}', '{1}']",
                "INSERT INTO t (a, {0}) VALUES (1, '{1}')",
                'Content-Disposition: form-data; name="{0}"\r\n\r\n{1}\r\n--x',
            ]
        )
    )
    return form.format(name, value)


@st.composite
def urls(draw: st.DrawFn, name: str) -> str:
    """A URL that tells the secret, perhaps inside of another one."""
    value = draw(values)
    url = draw(
        st.sampled_from(
            [f"https://h.test/a?x=1&{name}={value}", f"https://u:{SECRET}@h.test/", f"https://h.test/#{name}={value}"]
        )
    )
    for _ in range(draw(st.integers(0, 2))):
        url = f"https://h.test/cb?next={quote(url, safe='')}"
    return url


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    """Attributes of a call with the secret in one place."""
    plain = draw(names)
    name = draw(spellings)(plain)
    text, url, structure = draw(texts(plain)), draw(urls(name)), draw(structures(name))
    body = draw(st.sampled_from([json.dumps(structure), text, f"a=1&{name}={SECRET}"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
    side = draw(st.sampled_from(["request", "response"]))
    return draw(
        st.sampled_from(
            [
                {f"http.{side}.header.{name}": (SECRET,)},
                {f"http.{side}.header.x_debug": (text,)},
                {f"http.{side}.header.destination": (url,)},
                {"url.query": url.partition("?")[2]},
                {"url.full": url, "http.url": url},
                {f"app.{name}": SECRET},
                {"app.x": text},
                {"app.x": url},
                {"app.x": json.dumps(structure)},
                {"app.x": (text, url)},
                {"http.route": f"/a {text}"},
                {"moesif.tags": text},
                {f"http.{side}.body": body.encode(encoding)},
                {"exception": text},
                {"name": text},
            ]
        )
    )


def span_of(planted: dict[str, Any]) -> ReadableSpan:
    fields: dict[str, Any] = {}
    planted = dict(planted)
    if "exception" in planted:
        fields["events"] = [Event("exception", {"exception.type": "E", "exception.message": planted.pop("exception")})]
    if "name" in planted:
        fields["name"] = f"GET {planted.pop('name')}"
    return http_span({**GET, "url.path": "/a", **planted}, **fields)


def everything_of(event: bytes) -> str:
    found = json.loads(event)
    sides = (found["request"], found.get("response") or {})
    bodies = [base64.b64decode(side["body"]) for side in sides if side.get("transfer_encoding") == "base64"]
    return event.decode() + "".join(body.decode("utf-8", "replace").replace("\0", "") for body in bodies)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(attributes())
def test_a_planted_secret_is_nowhere_in_what_is_sent(planted: dict[str, Any]) -> None:
    encoded = ENCODER.encode_span(span_of(planted))

    assert encoded is not None
    assert not any(half in everything_of(encoded) for half in HALVES)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_planted_secret_is_nowhere_in_an_event_that_is_replayed(data: st.DataObject) -> None:
    plain = data.draw(names)
    name = data.draw(spellings)(plain)
    text, url, structure = data.draw(texts(plain)), data.draw(urls(name)), data.draw(structures(name))
    part = {"headers": {name: SECRET, "X-Debug": text, "Destination": url}, "body": structure}
    event = moesif.whole_event(
        {
            "request": {"time": "2026-01-01T00:00:00Z", "verb": "GET", "uri": url, **part},
            "response": {"time": "2026-01-01T00:00:00Z", "status": 200, **part},
            "action_name": text,
            "metadata": {name: SECRET, "a": text, "b": structure, "exception": {"message": text}},
        }
    )

    moesif.redact(event, RULES)

    encoded = KNOWN.finish(event)  # type: ignore[arg-type]  # as it is told
    assert encoded is not None
    assert not any(half in everything_of(encoded) for half in HALVES)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(names.flatmap(texts))
def test_a_planted_secret_is_in_no_line_of_the_log(text: str) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("opentelemetry_exporter_moesif")
    logger.addHandler(handler)
    try:
        ThrottledLog().log("a kind", logging.WARNING, 1, f"the hook skip failed: ValueError: {text}")
    finally:
        logger.removeHandler(handler)

    assert lines
    assert not any(half in line for half in HALVES for line in lines)


def spooled(directory: Path) -> list[bytes]:
    """What the files of a spool hold, and their names."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    names = [str(path).encode() for path in files]
    return [*names, *(gzip.decompress(path.read_bytes()) for path in files if ".json.gz" in path.name)]


@settings(max_examples=BATCHES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(attributes(), min_size=CALLS, max_size=CALLS))
def test_a_planted_secret_is_in_no_file_of_the_spool_and_in_no_post(planted: list[dict[str, Any]]) -> None:
    posts: list[Any] = []

    def read(_headers: dict[str, str], body: bytes) -> list[Any]:
        posts.extend(json.loads(body))
        return []

    spans = [span_of(each) for each in planted]
    with tempfile.TemporaryDirectory() as directory, FaultyServer([503] * 99, read=read) as server:
        place = {"endpoint": f"{server.url}/collector/v1", "spool_directory": directory}
        exporter = MoesifSpanExporter(application_id="x", **place)  # type: ignore[arg-type]  # both are texts
        exporter.export(spans)
        exporter.shutdown()
        kept = spooled(Path(directory))
        server.script.clear()
        posts.clear()
        exporter = MoesifSpanExporter(application_id="x", **place)  # type: ignore[arg-type]  # the same
        exporter.export(spans[:1])
        exporter.force_flush(200_000)
        exporter.shutdown()

    events = [event for content in kept if content.startswith(b"[") for event in json.loads(content)]
    assert len(events) == CALLS
    assert len(posts) == CALLS + 1
    for event in [*events, *posts]:
        assert not any(half in everything_of(json.dumps(event, ensure_ascii=False).encode()) for half in HALVES)
    assert not any(half.encode() in content for half in HALVES for content in kept)
