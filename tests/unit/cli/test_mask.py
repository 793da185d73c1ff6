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


def test_a_file_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "/nowhere/at-all"]) == 1
    assert "/nowhere/at-all cannot be read" in capsys.readouterr().err
