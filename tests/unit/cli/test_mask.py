"""`moesif-otel mask`: what would be left of a file, and why the rest would not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opentelemetry_exporter_moesif.cli import main

EVENT = {
    "request": {
        "time": "2026-01-01T00:00:00Z",
        "verb": "GET",
        "uri": "https://h.test/?accessToken=hunter2",
        "headers": {"Cookie": "hunter2"},
        "body": {"user": {"password": "hunter2"}},
    },
    "metadata": {"note": "ghp_0123456789abcdefghij0123456789"},
}


@pytest.fixture
def mask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(content: bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "given"
        path.write_bytes(content)
        code = main(["mask", str(path), *options])
        return code, *capsys.readouterr()

    return run


def test_an_event_is_shown_as_it_would_be_sent_and_each_mask_has_its_reason(mask: Any) -> None:
    code, out, _ = mask(json.dumps(EVENT).encode(), "--json")

    found = json.loads(out)
    reasons = {each["place"]: each["why"] for each in found["masked"]}
    assert code == 0
    assert "hunter2" not in out
    assert reasons["request.headers.Cookie"] == "the name cookie"
    assert reasons["request.body.user.password"] == "the name password"
    assert reasons["request.uri"] == "the name accesstoken"
    assert reasons["metadata.note"] == "the shape key"


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (b"login failed: password=hunter2\n", "login failed: password=[REDACTED]\n"),
        (b"a=1&password=hunter2\n", "a=1&password=[REDACTED]\n"),
        (b"nothing here\n", "nothing here\n"),
        (b"https://u:hunter2@h.test/\n", "https://h.test/\n"),
    ],
)
def test_a_text_and_a_form_are_shown_as_what_is_left_of_them(mask: Any, content: bytes, left: str) -> None:
    code, out, err = mask(content)

    assert (code, out) == (0, left)
    assert ("masked by" in err) is (content.decode() != left)


def test_a_body_of_json_is_shown_with_its_masks(mask: Any) -> None:
    _, out, err = mask(b'{"a": [{"token": "hunter2", "b": 1}]}')

    assert json.loads(out) == {"a": [{"token": "[REDACTED]", "b": 1}]}
    assert err == "masked by the name token at a[0].token\n"


@pytest.mark.parametrize(
    ("content", "options", "left", "said"),
    [
        (b"token: x", [], "token: [REDACTED]\n", "as a body, nothing of it is sent: it holds a secret"),
        (b"token: x", ["--content-type", "text/plain"], "", "nothing of it is sent: it holds a secret"),
        (b"token: 'x'", ["--content-type", "text/plain"], "token: '[REDACTED]'\n", "masked by the name token"),
        (b"<p>x</p>", ["--content-type", "application/json"], "", "it is not what its content type says"),
        (b"[" * 300 + b"]" * 300, [], "", "it is not what its content type says"),
        (b"a=1;b=2&pin=x", ["--content-type", "application/x-www-form-urlencoded"], "a=1;b=2&pin=x\n", ""),
        (b'"token=x"', [], '"token=[REDACTED]"\n', "masked by the name token"),
        (b'{"a": NaN}', [], '{\n  "a": "NaN"\n}\n', ""),
        (b"", ["--content-type", "text/plain"], "", "nothing of it is sent: it is empty"),
    ],
)
def test_a_body_is_shown_by_its_content_type_as_a_live_call_would_send_it(
    mask: Any, content: bytes, options: list[str], left: str, said: str
) -> None:
    code, out, err = mask(content, *options)

    assert (code, out) == (0, left)
    assert said in err
    assert bool(said) is bool(err)


def test_the_body_of_an_event_is_shown_as_one(mask: Any) -> None:
    _, out, err = mask(json.dumps({"request": {**EVENT["request"], "body": "token: hunter2"}}).encode())

    shown = json.loads(out)
    assert "body" not in shown["request"]
    assert shown["metadata"] == {"request_body": "withheld"}
    assert "masked by the name token at request.body\n" in err


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("keeps", "masked by mask_event"),
        ("drops", "nothing of it is sent: mask_event drops it"),
        ("fails", "nothing of it is sent: mask_event failed"),
    ],
)
def test_an_event_goes_through_the_hook_that_masks_it(
    mask: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: str, said: str
) -> None:
    tmp_path.joinpath("hooks_of_mask.py").write_text(
        "def keeps(event):\n    event['metadata'] = {'seen': 1}\n    return event\n"
        "def drops(event):\n    return None\n"
        "def fails(event):\n    raise ValueError('hunter2')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_MASK_EVENT", f"hooks_of_mask:{hook}")

    code, out, err = mask(json.dumps(EVENT).encode())

    assert code == 0
    assert said in err
    assert bool(out) is (hook == "keeps")
    assert not out or json.loads(out)["metadata"] == {"seen": 1}
    assert "hunter2" not in out + err


def test_neither_a_key_nor_the_name_of_a_file_tells_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "ghp_0123456789abcdefghij0123456789"
    path = tmp_path / f"{secret}.json"
    path.write_text(json.dumps({secret: {"a": 1}, "b": [{f"password={secret}": "token=x"}]}))

    for options in ([], ["--json"]):
        assert main(["mask", str(path), *options]) == 0
        assert secret not in "".join(capsys.readouterr())


def test_an_event_that_is_nested_too_deep_is_not_sent(mask: Any) -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]

    _, out, err = mask(json.dumps({"request": EVENT["request"], "metadata": {"a": deep}}).encode())

    assert (out, err) == ("", "nothing of it is sent: it is nested deeper than an event can be\n")


def test_a_file_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "/nowhere/at-all"]) == 1
    assert "/nowhere/at-all cannot be read" in capsys.readouterr().err
