"""Scripts of a page: a program stays as it is, and the secrets that it quotes go."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"


def page(script: str, attributes: str = "") -> str:
    return f"<html><body><script{attributes}>\n{script}\ndone();\n</script><p>Bye</p></body></html>"


@pytest.mark.parametrize(
    "script",
    [
        "fetch('/a', {headers: {'X-CSRFToken': getCookie('csrftoken')}})",
        "const token = document.querySelector('meta[name=csrf-token]').content;",
        "if (password !== confirm) { alert('x'); }",
        "axios.defaults.headers.common['X-CSRF-TOKEN'] = token.content;",
        "localStorage.setItem('token', data.token);",
        "form.append('password', password.value);",
        "var password = $('#password').val();",
        "let token = null;",
        "token = a || b;",
        "data: {password: password, user: user},",
        "return {token: qp, valid: isValid};",
        "password.type = password.type === 'password' ? 'text' : 'password';",
        "const API_KEY = process.env.API_KEY;",
        "// the 'token'\narr = v.replace('=', ':');",
        "say('token' + \"no code received from the server. \" +\n  (a ? 'b' : 'c'));",
    ],
)
@pytest.mark.parametrize("attributes", ["", " type='module'", " async src=/a.js"])
def test_a_program_stays_as_it_is(script: str, attributes: str) -> None:
    assert REDACTION.text(page(script, attributes)) == page(script, attributes)
    assert REDACTION.bodies.text(page(script, attributes).encode()) == page(script, attributes).encode()


@pytest.mark.parametrize("secret", [MARK, "correct horse", "482913"])
@pytest.mark.parametrize(
    "script",
    [
        "var token = '{}';",
        "window.csrf = `{}`;",
        "var token = given || '{}';",
        "var token = cond ? given : '{}';",
        "data: {{password: user.password || '{}'}}",
        "form.append('password', '{}');",
        "token = atob('{}');",
        "if (token === '{}') {{",
        "fields = [{{name: 'token', value: '{}'}}]",
    ],
)
def test_a_secret_that_it_quotes_is_masked(script: str, secret: str) -> None:
    assert secret not in REDACTION.text(page(script.format(secret)))


@pytest.mark.parametrize(
    ("script", "attributes"),
    [("token = {};", ""), ("password: {}", " type='text/x-template'"), ("password: monkey;", " type=text/plain")],
)
def test_what_is_no_name_of_a_program_or_no_program_is_masked(script: str, attributes: str) -> None:
    text = REDACTION.text(page(script.format(MARK), attributes))

    assert MARK not in text
    assert "monkey" not in text


def test_behind_a_script_nothing_is_a_program() -> None:
    assert "monkey" not in REDACTION.text("<script>a;</script> password: monkey;")


@pytest.mark.parametrize(
    "text",
    [
        '<script>var token = "+{}";</script>',
        "<script>x = {{password: ';{}=='}}</script>",
        "<script>// password: {}\n</script>",
        "<script>/* password: {} */</script>",
        "<script>var u='token={};path=/';</script>",
        "q=<script>alert(1) password={}, user=bob",
        "GET /?q=<script>\npassword: {}\n",
    ],
)
@pytest.mark.parametrize("secret", [MARK, "Correcthrsebtry"])
def test_what_a_program_says_in_texts_and_comments_is_masked(text: str, secret: str) -> None:
    assert secret not in REDACTION.text(text.format(secret))


def test_what_is_compared_with_a_token_is_masked_where_it_looks_like_one() -> None:
    assert MARK not in REDACTION.text(f'<script>token.split("{MARK}")</script>')
