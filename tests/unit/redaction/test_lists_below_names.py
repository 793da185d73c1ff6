"""Lists, blocks and here documents below a name: all of them goes, and what follows stays."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Recovery codes:\n- abcd1234\n- {MARK}\n\nBye", "Recovery codes:\n[REDACTED]\n\nBye"),
        (f"Your backup codes are:\nabcd1234\n{MARK}\n\nBye", "Your backup codes are:\n[REDACTED]\n\nBye"),
        (f"Recovery codes\n1. abcd1234\n2. {MARK}\n\nBye", "Recovery codes\n1. [REDACTED]\n2. [REDACTED]\n\nBye"),
        (f"## Backup codes\n\n- abcd1234\n- {MARK}\n", "## Backup codes\n\n- [REDACTED]\n- [REDACTED]\n"),
        (f"### Password\n\n{MARK}\n", "### Password\n\n[REDACTED]\n"),
        (f"password:\n- abc\n- {MARK}\nb: 1", "password:\n[REDACTED]\nb: 1"),
        (f"secrets:\n- name: a\n  value: abc\n- name: b\n  value: {MARK}\nb: 1", "secrets:\n[REDACTED]\nb: 1"),
        (f"- password:\n    - abc\n    - {MARK}\n- b: 1", "- password:\n    [REDACTED]\n- b: 1"),
        (f"password<<EOF\n{MARK}\nEOF\nb=1", "password<<EOF\n[REDACTED]\nEOF\nb=1"),
        (f"token=<<EOF\n{MARK} EOF\nEOF\nb=1", "token=<<EOF\n[REDACTED]\nEOF\nb=1"),
        ("token = <<~X\n  Xk9!mQ*v2\nX\nb", "token = <<~X\n  [REDACTED]\nX\nb"),
        (f"curl -u bob:P@{MARK} https://h.test/", "curl -u [REDACTED] https://h.test/"),
        (f"curl -u 'bob:P@{MARK}' https://h.test/", "curl -u [REDACTED] https://h.test/"),
        (f'login("bob", "Abc1){MARK}") failed', "login([REDACTED]) failed"),
    ],
)
def test_all_of_it_goes_and_what_follows_stays(text: str, expected: str) -> None:
    assert REDACTION.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\npassword: null\nb: 2",
        "password: true",
        "password: string",
        "Authorization: required",
        "cout<<token<<endl;\nreturn;",
        "cout << password << ENDL\nx",
        "Forgot your password?\n- no",
        "# Password\n\nmanager",
        "API tokens\n1. Create\n2. Delete\n",
        "Password policy\n- min12chars\n",
        "Items\n- abcd1234\n- abcd1235\n",
        "-u a@h -v",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert REDACTION.text(text) == text
