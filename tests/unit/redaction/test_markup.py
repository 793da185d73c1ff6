"""XML and HTML: what an element holds goes where its tag or its name is a secret's; an ordinary page stays readable."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

BODIES = Redaction().bodies
MARK = "hunter2X9q"


def page(content: str) -> bytes:
    return f"<!DOCTYPE html><html><body>{content}<p>Hello</p></body></html>".encode()


@pytest.mark.parametrize(
    "element",
    [
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{MARK}">',
        f'<input value="{MARK}" type="hidden" name="csrfmiddlewaretoken">',
        f"<input type='hidden' name='csrfmiddlewaretoken' value='{MARK}'>",
        f"<INPUT VALUE='{MARK}' NAME='csrfmiddlewaretoken' />",
        f"<input type=hidden name=csrfmiddlewaretoken value={MARK}>",
        f"<input value={MARK} name=csrfmiddlewaretoken>",
        f'<input value={MARK}== name="csrfmiddlewaretoken">',
        f'<meta name="csrf-token" content="{MARK}">',
        f"<meta content='{MARK}' name='csrf-token'>",
        f"<meta name=csrf-token content={MARK}>",
        f'<embed name="token" value="{MARK}">',
    ],
)
def test_a_page_keeps_what_follows_an_element_without_contents_whose_attribute_is_masked(element: str) -> None:
    clean = BODIES.text(page(f"<form>{element}</form>"))

    assert clean is not None
    assert MARK.encode() not in clean
    assert b"<p>Hello</p>" in clean


@pytest.mark.parametrize(
    "content",
    [
        '<div class="password-reset"><p>Hello</p></div>',
        '<span class="token keyword">const</span>',
        '<a href="/password/reset">Forgot?</a>',
        '<a href="/password">Change it</a>',
        '<a href="token">Ours</a>',
        '<div id="password-reset-form">Hello</div>',
        '<label for="password">Yours</label><input id="password" type="password" name="password"><button>Log in</button>',
        '<label>Password:</label> <input type="password" name="password" id="id_password">',
        "<p><label>Password:</label>\n  <input type='password' name='password'></p><p>More</p>",
        '<xs:element name="a" type="xs:token"><xs:b/></xs:element>',
        '<input type="hidden" name="csrfmiddlewaretoken" value=""><main id="content" class="value text">Hello</main>',
        "<p>Forgot your password?</p><p>Item 1</p>",
        '<a href="/" accesskey="n">Next</a>',
        '<a href="a" class="nav-assert">Assertion testing</a>',
        "<pre>x(&lt;token&gt;) &lt;secret of life&gt;</pre><br><br><br><br> <p>More</p>",
        "<p>Reset password</p><p>Item 1</p>",
        "<p>name: <b>value</b></p><p>token</p><h2>More</h2>",
        "<ul><li><a href='/keys'>API Keys</a></li><li><a>Billing</a></li></ul>",
        "<a>Forgot password?</a> <a>Sign up</a>",
        "<button>Token</button> <button>Cancel</button> <button>Create token</button> <i>Hi</i>",
        "<span>Change password</span> <span>Log out</span>",
        "<p>The token used is <code>null</code> then</p>",
        "<tr><th>Password</th><th>Email</th></tr>",
        "<h2>Password</h2> <p>Choose a good one.</p>",
        "<select><option>Password</option> <option>Code by mail</option></select>",
        "<div>Your password must have 8 letters</div><p>More</p>",
        "<input name='username' value='bob'><input type='password' name='password'><input type=submit value='Log in'>",
        "<label>Password</label><input name=password><select name=year><option value='2026' selected>2026</option></select>",
    ],
)
def test_a_page_whose_attributes_tell_of_secrets_stays_as_it_is(content: str) -> None:
    assert BODIES.text(page(content)) == page(content)


@pytest.mark.parametrize(
    "content",
    [
        f'<parameter name="token">{MARK}</parameter>',
        f"<parameter name=token>{MARK}</parameter>",
        f"<Parameter Name = 'my token'>{MARK}</Parameter>",
        f'<span data-name="password">{MARK}</span>',
        f'<meta itemprop="apiKey">{MARK}</meta>',
        f'<item xml:id="password">{MARK}</item>',
        f'<div id="password">{MARK}</div>',
        f'<span class="api-key">{MARK}</span>',
        f'<input name="password">{MARK}</input>',
        f'<x name=\\"token\\">{MARK}</x>',
    ],
)
def test_what_an_element_holds_that_is_named_like_a_secret_is_masked(content: str) -> None:
    clean = BODIES.text(page(content))

    assert clean == page(content).replace(MARK.encode(), b"[REDACTED]")


@pytest.mark.parametrize(
    "content",
    [
        f"<label>API key:</label> <input value='{MARK}'>",
        f"<label>API key:</label> <input value={MARK}>",
        f"<label>API key</label> <input name='field_3' value='{MARK}'>",
        f"<td>Your new password for bob</td><td>{MARK}</td>",
        f"<p>Your password is <b>{MARK}</b></p>",
        f"<select><option value='{MARK}'>password</option></select>",
        f"<p>Password</p><p>{MARK} and more of it</p>",
        f"<h2>Your password</h2><p>{MARK}</p>",
        f"<a>Token:</a> <a>{MARK}</a>",
        f"<b>Password:</b> {'<b></b>' * 4}<i>{MARK}</i>",
        f"<b>Password:</b> <label>{MARK}</label>",
        f"<b>Password:</b> hun<wbr>{MARK}",
        f"<b>Password:</b> <i>h</i> <i>{MARK}</i>",
    ],
)
def test_nothing_of_a_secret_behind_a_label_is_left_however_far_it_stands(content: str) -> None:
    assert MARK.encode() not in (BODIES.text(page(content)) or b"")


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th></th><th>user</th><th>password</th></tr><tr><th>0</th><td>bob</td><td>{}</td></tr>",
        "<tr><th></th><th>password</th></tr><tr><th>user</th><th></th></tr><tr><th>bob</th><td>{}</td></tr>",
        "<tr><th></th><th>0</th><th>1</th></tr><tr><th>password</th><td>{}</td><td>{}</td></tr>",
        '<tr><th><a href="?o=1">User</a></th><th><a href="?o=2">Password</a></th></tr><tr><td>bob</td><td>{}</td></tr>',
        "<tr><th>Password</th><td>{}</td></tr><tr><th>API Key</th><td>{}</td></tr><tr><th>Port</th><td>1</td></tr>",
        "<thead><tr><th>User<th>Password</thead><tbody><tr><td>bob<td>{}<tr><td>eve<td>{}</tbody>",
    ],
)
@pytest.mark.parametrize("mark", [MARK, "qzxvkwjhtrbn"])
def test_in_a_table_what_stands_below_or_beside_a_heading_is_masked_alone(rows: str, mark: str) -> None:
    content = page(f"<table>{rows.format(*[mark] * 2)}</table>")

    assert BODIES.text(content) == content.replace(mark.encode(), b"[REDACTED]")


@pytest.mark.parametrize(
    "rows",
    [
        '<tr><th><label for="id_x">Password:</label></th><td><input type="password" name="x" id="id_x"> Hint</td></tr>',
        "<tr><th>Parameter</th><th>Type</th></tr><tr><td>token_type</td><td>string</td></tr>",
    ],
)
def test_an_ordinary_table_of_a_page_stays_as_it_is(rows: str) -> None:
    assert BODIES.text(page(f"<table>{rows}</table>")) == page(f"<table>{rows}</table>")


@pytest.mark.parametrize(
    "content",
    [
        f"<h1>Login</h1><dl><dt>Password</dt><dd>{MARK}</dd></dl>",
        f"<table><tr><td>bob</td><td>Password</td><td>{MARK}</td></tr></table>",
        f"<b>Password:</b> {MARK}",
        f"<div><b>Your password for bob:</b>\n {MARK}</div>",
        f"<p>Password: {MARK}</p> <p>More</p>",
        f"<p>token: <b>{MARK}</b></p><p>More</p>",
        f"<ul><li>api_key = {MARK}<li>x</ul>",
        f"<ul><li>api_key = <code class='x'>{MARK}</code></ul>",
        f"<p>password: a <b>{MARK}</b> and more of it<br>x</p>",
        f"<p>password: a &amp; {MARK}</p>",
        f"<tr><td>The password of bob is:</td><td><code>{MARK}</code></td></tr>",
        f"<b>Password</b> <i>{MARK[:4]}>{MARK[4:]}</i>",
    ],
)
def test_what_stands_next_to_a_label_is_masked_whatever_stands_before_the_label(content: str) -> None:
    clean = BODIES.text(page(content))

    assert clean is not None
    assert MARK[4:].encode() not in clean
    assert b"<p>Hello</p>" in clean
