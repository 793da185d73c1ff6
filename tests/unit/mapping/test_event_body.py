"""Bodies as events hold them: JSON as objects, all else as base64, compressed ones decoded, secrets taken out."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import tracemalloc
import zlib
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.json_codec import dumps
from opentelemetry_exporter_moesif.mapping.body import (
    BodyRules,
    CapturedBodies,
    CapturedBody,
    EventBody,
    add_bodies,
    event_body,
)
from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES

FIELDS = Redaction()
SECRET = "hush-Zq7"
FORM = "application/x-www-form-urlencoded"


def body(content: bytes, content_type: str = "application/json", **more: Any) -> EventBody:
    return event_body(CapturedBody(content, content_type, **more), FIELDS, 100_000)


def text_of(found: EventBody) -> str:
    assert found.transfer_encoding == "base64"
    return base64.b64decode(found.value).decode()


def text_of_part(part: dict[str, Any]) -> str:
    return text_of(EventBody(part["body"], part["transfer_encoding"]))


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", "text/json"]
)
def test_json_arrives_as_an_object(content_type: str) -> None:
    assert EventBody({"a": [1, None, "é"]}, "json") == body('{"a": [1, null, "é"]}'.encode(), content_type)


def test_json_without_its_content_type_arrives_as_an_object_too() -> None:
    assert EventBody([{"a": 1}], "json") == body(b' \n[{"a": 1}]', "")
    assert EventBody({"password": "[REDACTED]"}, "json") == body(b'{"password": 1}', "text/plain")


@pytest.mark.parametrize("scalar", [b'"text"', b"12", b"null"])
def test_json_that_is_no_object_and_no_array_arrives_as_text(scalar: bytes) -> None:
    assert json.loads(scalar) == json.loads(text_of(body(scalar)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_in_any_unicode_encoding_is_read(encoding: str) -> None:
    assert body('{"a": "é", "token": "x"}'.encode(encoding)).value == {"a": "é", "token": "[REDACTED]"}


def test_numbers_that_no_encoder_takes_become_text() -> None:
    found = body(
        b'{"a": NaN, "b": -Infinity, "c": 123456789012345678901234567890, "d": 1e999, "e": 1234567890123456789}'
    )

    assert found.value == {
        "a": "NaN",
        "b": "-Infinity",
        "c": "123456789012345678901234567890",
        "d": "inf",
        "e": 1234567890123456789,
    }
    dumps(found.value)


def test_text_and_binary_arrive_as_base64() -> None:
    assert EventBody(base64.b64encode(b"hello").decode(), "base64") == body(b"hello", "text/plain")
    assert EventBody(base64.b64encode(b"\xff\x00").decode(), "base64") == body(b"\xff\x00", "image/png")


@pytest.mark.parametrize(
    "content_type", ["text/event-stream", "application/x-ndjson", "application/grpc-web-text+proto; charset=utf-8"]
)
def test_a_stream_is_told_by_its_beginning_and_named_one(content_type: str) -> None:
    beginning = CapturedBody(b'data: {"token_count": 3}\n\ndata: {"to', content_type, cut="incomplete")

    found = event_body(beginning, FIELDS, 1000, with_streams=True)

    assert (text_of(found), found.note) == ('data: {"token_count": 3}\n\ndata: {"to', "stream")


def test_a_stream_that_holds_a_secret_does_not_show_it() -> None:
    beginning = CapturedBody(f'data: {{"password": "{SECRET}"}}\n\n'.encode(), "text/event-stream")

    assert SECRET not in str(event_body(beginning, FIELDS, 1000, with_streams=True))


def test_an_upload_arrives_as_its_fields_without_their_secrets() -> None:
    fields = {"name": "é", "password": SECRET, "photo": {"filename": "a.png", "content_type": "image/png", "size": 7}}

    found = event_body(CapturedBody(b"", "multipart/form-data", fields=fields), FIELDS, 1000)

    assert found == EventBody({**fields, "password": "[REDACTED]"}, "json")


def test_an_empty_body_is_none() -> None:
    assert EventBody(None) == body(b"")


def raw_deflate(content: bytes) -> bytes:
    """Without zlib's header, as some servers send it."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
        ("deflate, gzip", lambda content: gzip.compress(zlib.compress(content))),
        ("gzip", lambda content: gzip.compress(content[:4]) + gzip.compress(content[4:])),
    ],
)
def test_a_compressed_body_is_decoded_first(encoding: str, encode: Any) -> None:
    found = body(encode(b'{"password": "x", "a": 1}'), content_encoding=encoding)

    assert EventBody({"password": "[REDACTED]", "a": 1}, "json") == found


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_bomb_is_decoded_up_to_the_limit_only(encoding: str, encode: Any) -> None:
    found = event_body(CapturedBody(encode(b"x" * 10_000_000), "text/plain", encoding), FIELDS, 1000)

    assert EventBody(base64.b64encode(b"x" * 1000).decode(), "base64", "truncated") == found


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_bomb_takes_no_memory(encoding: str, encode: Any) -> None:
    bomb = encode(bytes(20_000_000))
    tracemalloc.start()
    try:
        event_body(CapturedBody(bomb, "text/plain", encoding), FIELDS, 1000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000


@pytest.mark.parametrize(
    "library", [None, SimpleNamespace(error=RuntimeError, Decompressor=lambda: SimpleNamespace(process=len))]
)
def test_without_a_library_that_knows_a_limit_brotli_is_not_decoded(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brotli", library)

    assert body(brotli.compress(b"{}"), content_encoding="br") == EventBody(None, note="undecodable")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "unheard-of"])
def test_a_body_whose_compression_cannot_be_undone_is_left_out_and_said_to_be(encoding: str) -> None:
    assert EventBody(None, note="undecodable") == body(b"\x00not compressed", content_encoding=encoding)


def test_the_start_of_a_compressed_text_is_decoded() -> None:
    compressed = gzip.compress(bytes(range(256)) * 100, compresslevel=0)[:1000]

    found = body(compressed, "application/octet-stream", content_encoding="gzip", cut="truncated")

    assert found.note == "truncated"
    assert base64.b64decode(found.value).startswith(bytes(range(256)))


def test_a_truncated_text_is_sent_and_said_to_be_truncated() -> None:
    assert EventBody(base64.b64encode(b"hello").decode(), "base64", "truncated") == body(
        b"hello", "text/plain", cut="truncated"
    )


@pytest.mark.parametrize("content_type", ["application/json", FORM, "application/vnd.api+json"])
def test_truncated_json_and_forms_are_not_sent_at_all(content_type: str) -> None:
    content = b"a=1&pass" if content_type == FORM else b'{"a": 1, "pass'

    assert body(content, content_type, cut="truncated") == EventBody(None, note="truncated")


@pytest.mark.parametrize(
    "content",
    [
        b'{"columns":["id","password"],"rows":[[1,"x"],[2,"ab',
        b'{"kty":"oct","k":"x","x',
        b'[[1,"x"],',
        b'\n[1, "x',
        b"{",
        b'\xef\xbb\xbf[{"a":1},{"b"',
    ],
)
@pytest.mark.parametrize("content_type", ["", "text/plain", "application/octet-stream", "application/x-amz-json-1.1"])
def test_truncated_json_is_not_sent_whatever_it_says_that_it_is(content: bytes, content_type: str) -> None:
    assert body(content, content_type, cut="truncated") == EventBody(None, note="truncated")


@pytest.mark.parametrize(
    "content", [b"[12] started", b"[2026-11-26 10:00:00] INFO", b"[a](b)", b"{% if a %}", b"[a]\nb=1"]
)
def test_a_truncated_text_that_starts_like_json_is_sent(content: bytes) -> None:
    assert body(content, "text/plain", cut="truncated").value == base64.b64encode(content).decode()


def test_of_truncated_lines_of_json_those_are_sent_that_are_whole() -> None:
    found = body(b'{"a":1}\n{"kty":"oct","k":"x"}\n{"kty":"oct","k":"xy', "application/octet-stream", cut="truncated")
    assert base64.b64decode(str(found.value)) == b'{"a":1}\n{"kty": "oct", "k": "[REDACTED]"}\n'
    assert found.note == "truncated"


@pytest.mark.parametrize("content_type", ["application/x-amz-json-1.1", "application/csp-report", "text/x-json"])
def test_what_a_type_of_json_says_that_is_none_is_not_sent(content_type: str) -> None:
    assert body(b"{'a': 1}", content_type) == EventBody(None, note="unparseable")


def test_a_table_of_one_column_is_told_by_its_type() -> None:
    found = body(b"password\ncorrect\nhorse", "text/csv; charset=utf-8")
    assert base64.b64decode(str(found.value)) == b"password\n[REDACTED]\n[REDACTED]"


def test_a_body_still_under_way_says_incomplete_and_not_truncated() -> None:
    assert EventBody(None, note="incomplete") == body(b'{"a"', cut="incomplete")
    assert EventBody(None, note="incomplete") == body(b"", "text/plain", cut="incomplete")


@pytest.mark.parametrize("content", [b'{"password": "x",}', b"not json", b"\xff\xfe\xfd", b"[" * 100_000])
def test_what_says_that_it_is_json_and_is_not_is_left_out_and_said_to_be(content: bytes) -> None:
    assert EventBody(None, note="unparseable") == body(content)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_nested_deeper_than_an_event_can_hold_is_left_out(opening: bytes, closing: bytes) -> None:
    assert body(opening * 190 + b"1" + closing * 190).value is not None
    assert EventBody(None, note="unparseable") == body(opening * 300 + b"1" + closing * 300)


WIDE = b",[]" * 200


@pytest.mark.parametrize("depth", [190, 300])
def test_a_body_of_many_brackets_may_be_as_deep_as_any(depth: int) -> None:
    content = b"[" + b"[" * depth + b"]" * depth + WIDE + b"]"

    assert (body(content).value is None) is (depth > 200)


@pytest.mark.parametrize(
    "disguised",
    [
        b'"{%70assword=SECRET}"',
        '{"to\u212aen": "SECRET"}'.encode(),
        b'{"to\\u212aen": "SECRET"}',
        b'{"\\u0070assword": "SECRET"}',
    ],
    ids=range(4),
)
def test_a_field_is_found_behind_any_disguise_in_a_body_of_many_brackets(disguised: bytes) -> None:
    sent = body(b"[" + disguised + WIDE + b"]").value

    assert sent is not None
    assert "SECRET" not in json.dumps(sent)


def test_fields_are_redacted_at_any_depth_whatever_their_spelling() -> None:
    document = {
        "Password": SECRET,
        "user": [{"accessToken": {"value": SECRET}, "name": "n"}, [{"card-number": [SECRET]}]],
        "a": {"b": {"c": {"cvv": 123, " TOKEN ": SECRET}}},
        "tokens": 3,
    }

    assert body(json.dumps(document).encode()).value == {
        "Password": "[REDACTED]",
        "user": [{"accessToken": "[REDACTED]", "name": "n"}, [{"card-number": "[REDACTED]"}]],
        "a": {"b": {"c": {"cvv": "[REDACTED]", " TOKEN ": "[REDACTED]"}}},
        "tokens": 3,
    }


@pytest.mark.parametrize("before", ["", "\n  ", "\ufeff"])
def test_json_inside_a_json_text_is_redacted_too(before: str) -> None:
    payload = before + json.dumps({"password": SECRET})
    found = body(json.dumps({"payload": payload, "note": "[see password policy]"}).encode())

    assert found.value == {"payload": before + '{"password": "[REDACTED]"}', "note": "[see password policy]"}


def test_fields_of_forms_are_redacted_and_the_rest_stays_to_the_letter() -> None:
    form = f"a=1%20+2&pass%77ord={SECRET}&user%5Bpassword%5D={SECRET}&b.token={SECRET}&c;cvv=1;d=%zz"

    assert (
        text_of(body(form.encode(), FORM))
        == "a=1%20+2&pass%77ord=[REDACTED]&user%5Bpassword%5D=[REDACTED]&b.token=[REDACTED]&c;cvv=[REDACTED]"
    )


def test_json_in_a_form_is_redacted_as_a_whole() -> None:
    form = urlencode({"payload": json.dumps({"token": SECRET}), "a": "1"})

    assert text_of(body(form.encode(), FORM)) == "payload=[REDACTED]&a=1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<login><password>{}</password></login>", "<login><password>[REDACTED]</password></login>"),
        ('<s:Body><ns:Password Type="text">{}</ns:Password></s:Body>', None),
        ('<user password="{}" name="x"/>', '<user password="[REDACTED]" name="x"/>'),
        ('{{"a": 1}}\n{{"access_token": "{}"}}', '{{"a": 1}}\n{{"access_token": "[REDACTED]"}}'),
    ],
)
def test_another_text_is_sent_without_the_secrets_in_it(content: str, expected: str | None, encoding: str) -> None:
    found = body(content.format(SECRET).encode(encoding), "text/plain")

    assert found.note is None
    assert base64.b64decode(found.value).decode(encoding) == (expected or content).format("[REDACTED]")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (f"user: me\npassword: {SECRET}\n", "application/yaml"),
        (f"access-token = {SECRET}", "text/plain"),
        (f"<login><password>{SECRET}", "application/xml"),
    ],
)
def test_a_text_is_withheld_where_nobody_can_tell_the_end_of_a_secret(content: str, content_type: str) -> None:
    assert EventBody(None, note="withheld") == body(content.encode(), content_type)
    assert EventBody(None, note="withheld") == body(content.encode("utf-16"), content_type)


def test_a_text_that_only_mentions_a_field_is_sent() -> None:
    assert text_of(body(b"Forgot your password? Tokens: 3", "text/plain")) == "Forgot your password? Tokens: 3"


def test_a_field_in_another_alphabet_is_redacted_in_either_case() -> None:
    fields = Redaction(fields=["contraseña"])

    assert event_body(CapturedBody('{"CONTRASEÑA": 1}'.encode()), fields, 1000).value == {"CONTRASEÑA": "[REDACTED]"}
    assert event_body(CapturedBody(b'{"contrase\\u00f1a": 1}'), fields, 1000).value == {"contraseña": "[REDACTED]"}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ('{"token": "x", "a": 1}', {"token": "[REDACTED]", "a": 1}),
        (b'{"a": 1}', {"a": 1}),
        (({"a": 1}, {"token": "x"}), [{"a": 1}, {"token": "[REDACTED]"}]),
        (7, None),
        (None, None),
    ],
)
def test_a_body_that_the_user_put_on_the_span_is_sent(value: Any, sent: Any) -> None:
    event: Any = {
        "request": {"headers": {}},
        "response": {"status": 200, "verb": "POST", "headers": {}},
        "metadata": {},
    }

    add_bodies(event, {"http.request.body": value}, None, FIELDS, BodyRules(1000))

    assert event["request"].get("body") == sent
    assert "body" not in event["response"]


def test_a_body_on_the_span_that_is_too_long_is_truncated() -> None:
    event: Any = {"request": {"headers": {}}, "metadata": {}}

    add_bodies(event, {"http.request.body": "x" * 20, "http.response.body": "y"}, None, FIELDS, BodyRules(10))

    assert text_of_part(event["request"]) == "x" * 10
    assert event["metadata"] == {"request_body": "truncated"}


@pytest.mark.parametrize(("verb", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 103)])
def test_answers_that_have_no_body_show_none_whatever_the_application_wrote(verb: str, status: int) -> None:
    event: Any = {
        "request": {"headers": {}},
        "response": {"status": status, "verb": verb, "headers": {}},
        "metadata": {},
    }
    written = CapturedBody(b"hello", "text/plain", cut="incomplete")

    add_bodies(event, {}, CapturedBodies(CapturedBody(b"asked", "text/plain"), written), FIELDS, BodyRules(1000))

    assert text_of_part(event["request"]) == "asked"
    assert "body" not in event["response"]
    assert event["metadata"] == {}


def test_of_a_file_that_the_server_sends_itself_its_size_is_told() -> None:
    event: Any = {
        "request": {"headers": {}},
        "response": {"status": 200, "verb": "GET", "headers": {}},
        "metadata": {},
    }

    add_bodies(
        event, {}, CapturedBodies(None, CapturedBody(b"", "image/png", cut="file", size=4711)), FIELDS, BodyRules(1000)
    )

    assert event["metadata"] == {"response_body": "file", "response_body_size": 4711}


def test_without_any_field_in_the_list_nothing_is_redacted() -> None:
    assert event_body(CapturedBody(b'{"password": 1}'), Redaction((), (), (), values=()), 1000).value == {"password": 1}


def test_fields_of_the_users_own_list_are_redacted() -> None:
    fields = Redaction((), (), ["social-security.number"])

    found = event_body(CapturedBody(b'{"socialSecurity.number": 1, "password": 2}'), fields, 1000)

    assert found.value == {"socialSecurity.number": "[REDACTED]", "password": 2}


names = st.sampled_from(sorted(name.strip("=") for name in DEFAULT_NAMES)).flatmap(
    lambda name: st.sampled_from([name, name.upper(), name.title(), name.replace("_", "-"), name.replace("_", "")])
)
planted = st.recursive(
    st.just(SECRET),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(), inner, min_size=1),
)
harmless = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
documents = st.recursive(
    st.dictionaries(st.text(), harmless, max_size=3).flatmap(
        lambda others: st.tuples(names, planted).map(lambda pair: {**others, pair[0]: pair[1]})
    ),
    lambda inner: st.lists(inner | harmless, max_size=4) | st.dictionaries(st.text(), inner | harmless, max_size=4),
    max_leaves=8,
)
encodings = st.sampled_from([("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)])
types = st.sampled_from(["application/json", "text/plain", "", "application/vnd.x+json", FORM, "application/xml"])


def nowhere(found: EventBody) -> bool:
    sent = dumps(found.value)
    decoded = base64.b64decode(found.value) if found.transfer_encoding == "base64" else b""
    return SECRET.encode() not in sent and SECRET.encode() not in decoded


@settings(max_examples=300, deadline=None)
@given(documents, st.booleans(), encodings, types, st.integers(0, 400))
def test_a_planted_secret_never_appears_wherever_in_a_json_body_it_was(
    document: Any, escaped: bool, encoding: tuple[str, Any], content_type: str, cut: int
) -> None:
    content = json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    for content_encoding, encode in (("", bytes), encoding):
        encoded = encode(content)
        assert nowhere(body(encoded, content_type, content_encoding=content_encoding))
        start = encoded[: max(0, len(encoded) - cut)]
        assert nowhere(body(start, content_type, content_encoding=content_encoding, cut="truncated"))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.text(), st.text())),
    names,
    st.sampled_from(["{}", "user[{}]", "a.{}", "a[0][{}]"]),
    st.booleans(),
)
def test_a_planted_secret_never_appears_wherever_in_a_form_it_was(
    pairs: list[tuple[str, str]], name: str, pattern: str, escaped: bool
) -> None:
    name = pattern.format(name)
    secret = f"{quote(name, safe='') if escaped else name}={SECRET}"
    form = "&".join([*(f"{quote(key)}={quote(value)}" for key, value in pairs), secret, "z=1"])

    assert nowhere(body(form.encode(), FORM))
    assert nowhere(body(form.encode(), "text/plain"))


@pytest.mark.parametrize(
    ("status", "span_status", "told"), [(200, None, False), (302, None, False), (404, None, True), (200, "ERROR", True)]
)
def test_bodies_of_errors_alone(status: int, span_status: str | None, told: bool) -> None:
    event: Any = {
        "request": {"headers": {}},
        "response": {"status": status, "verb": "POST", "headers": {}},
        "metadata": {},
        "span": {"status": span_status} if span_status else {},
    }
    captured = CapturedBodies(CapturedBody(b'{"a": 1}', "application/json"), CapturedBody(b"oh", "text/plain"))

    add_bodies(event, {}, captured, FIELDS, BodyRules(1000, only_of_errors=True))

    assert ("body" in event["request"], "body" in event["response"]) == (told, told)
