"""Pages that show a secret: whatever stands around it, and however its name is put, it is masked, and the rest stays."""

from __future__ import annotations

import json

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"


@pytest.mark.parametrize(
    "label",
    [
        "<p>Your new API key <b>{}</b></p>",
        "<p>Your new API key<br>{}</p>",
        "<h2>Your new API key</h2><code>{}</code>",
        "<h1>Your temporary password</h1><p>{}</p>",
        "<p>Your one-time password</p><div>{}</div>",
        "<p>Your password is</p><p>{}</p>",
        "<p>Here is your new API key</p><code>{}</code>",
        "<div>Your new API key</div><div>{}</div>",
        "<li>Database password</li><li>{}</li>",
        "<h4>Stripe secret key</h4><code>{}</code>",
        "<p>Webhook signing secret</p><code>{}</code>",
        "<p>Use the new API key <b>{}</b></p>",
        "<p>Your password is <h3>{}</h3></p>",
        "<button>Copy API key</button><code>{}</code>",
        "<span>Show token</span><code>{}</code>",
        "<td>Generate token</td><td>{}</td>",
        "<td>View API key</td><td>{}</td>",
        '<p>Your new password is:</p>\n<input type="text" value="{}" readonly>',
        "<p>Your token is</p><p><input value='{}'></p>",
    ],
)
def test_what_looks_like_a_secret_beside_the_mention_of_one_is_masked(label: str) -> None:
    assert REDACTION.text(label.format(MARK)) == label.format("[REDACTED]")


@pytest.mark.parametrize("secret", [MARK, "482913", "correct horse"])
@pytest.mark.parametrize(
    "label",
    [
        "Login with the password <b>{}</b>",
        "Use the password <code>{}</code> to log in",
        "Hello,\nyour password is <strong>{}</strong>.",
        "<p>The password of your account is</p><p>{}</p>",
        "<p>Your temporary password for bob</p><p>{}</p>",
    ],
)
def test_any_secret_is_masked_that_a_sentence_about_it_shows(label: str, secret: str) -> None:
    assert REDACTION.text(label.format(secret)) == label.format("[REDACTED]")


@pytest.mark.parametrize("secret", ["qzxvkwjhtrbnm", "4f9a-11c3-aa", "482913", "p@ss:wo,rd!", "correct horse"])
def test_any_secret_that_a_page_says_is_new_is_masked(secret: str) -> None:
    assert REDACTION.text(f"<h2>Your new API key</h2><p>{secret}</p>") == "<h2>Your new API key</h2><p>[REDACTED]</p>"


@pytest.mark.parametrize(
    "page",
    [
        "<h2>Manage API keys</h2><p>Documentation</p>",
        "<p>Rotate your API key</p><p>2026-11-26</p>",
        "<li>Change password</li><li>SSO/SAML</li>",
        "<li>Manage tokens</li><li>JavaScript</li>",
        "<p>Change password</p><p>two-factor</p>",
        "<p>Forgot your password?</p><p>Write to us.</p>",
        "<a>API keys</a> <a>OAuth2</a>",
        "<div>{{ form.password1 }}</div>{% if form.password1.help_text %}<p></p>",
        "<p>Manage API keys</p><h3>Webhooks</h3>",
        "Reset your password <b>now</b>",
        "<p>Your password <b>expired</b></p>",
        "<h2>The token of the user</h2><p>Documentation</p>",
        "<li>Tokens for testing</li><li>Webhooks</li>",
    ],
)
def test_a_word_beside_the_mention_of_a_secret_stays(page: str) -> None:
    assert REDACTION.text(page) == page


@pytest.mark.parametrize(
    "before",
    [
        "<tr><th>user</th><th>token</th></tr><tr><td colspan=2>group</td></tr>",
        "<tr><th>user</th><th>token</th></tr><tr></tr>",
        "<tr><th>user</th><th>token</th></tr><!-- <tr><td>x</td></tr> -->",
        "<tr><th>user</th><th>token</th></tr><!-- <tr> -->",
        "<tr><th>user</th><th>token</th></tr><tr><td>ann</td></tr>",
        "<tr><th>user</th><th>token</th></tr><tr><th colspan=2>group</th></tr>",
        "<tr><th>user<th>token<th></th>",
        "<tr><th>user</th><th>token <button>sort</button></th></tr>",
        "<tr><th>user</th><th><button>Token</button></th></tr>",
        "<tr><th>user</th><th>token</th></tr></table><table>",
        "<tr><th>user</th><th>token</th><th></th></tr></table><table>",
        "<tr><th>user</th><th>token</th></tr><tr><td><table><tr><td>x</td></tr></table></td><td></td></tr>",
    ],
)
@pytest.mark.parametrize("mark", [MARK, "monkey"])
def test_rows_of_another_length_leave_the_headings_of_a_table_to_those_below(before: str, mark: str) -> None:
    table = f"<table>{before}<tr><td>bob</td><td>{{}}</td></tr></table>"

    assert REDACTION.text(table.format(mark)) == table.format("[REDACTED]")


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><input value='{}'></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><input type=text readonly value='{}'> <b>new</b></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><input name=label value='{}'></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><button value='{}'>Copy</button></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><a data-clipboard-text='{}'><button>Copy</button></a></td></tr>",
        "<tr><th>Password</th><th>{}</th></tr>",
        "<tr><th>User</th><th>bob</th></tr><tr><th>Password</th><th>{}</th></tr>",
        "<tr><th colspan=3>Account</th><th>Password</th></tr><tr><td>bob</td><td>1</td><td>{}</td></tr>",
    ],
)
def test_a_secret_in_a_field_in_a_heading_or_beside_too_wide_a_heading_is_masked_alone(rows: str) -> None:
    table = f"<table>{rows}</table>"

    assert REDACTION.text(table.format(MARK)) == table.format("[REDACTED]")


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th>API key</th><th>Last used</th></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><input name=label value='Deploy'></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><input type=checkbox value='on'></td></tr>",
        "<tr><th>User</th><th>API key</th></tr><tr><td>bob</td><td><button value='revoke'>Revoke</button></td></tr>",
    ],
)
def test_what_a_button_or_a_field_of_its_own_name_has_below_a_secrets_heading_stays(rows: str) -> None:
    assert REDACTION.text(f"<table>{rows}</table>") == f"<table>{rows}</table>"


def test_a_cell_of_several_columns_moves_what_follows_it() -> None:
    table = "<table><tr><th>user</th><th>port</th><th>token</th></tr><tr><td colspan=2>bob</td><td>{}</td></tr></table>"

    assert REDACTION.text(table.format("monkey")) == table.format("[REDACTED]")


@pytest.mark.parametrize(
    "cell",
    [
        "{} <button>Revoke</button>",
        "<form>{}<button>Revoke</button></form>",
        "<form>{}</form>",
        "<code>{}</code> <button>Copy</button>",
        "<select><option>{}</option></select>",
        "<textarea>{}</textarea>",
        "<input type=checkbox> {}",
    ],
)
def test_a_secret_beside_a_button_or_in_a_field_below_its_heading_is_masked_alone(cell: str) -> None:
    table = f"<table><tr><th>user</th><th>token</th></tr><tr><td>bob</td><td>{cell}</td></tr></table>"

    assert REDACTION.text(table.format(MARK)).replace(" [", "[") == table.format("[REDACTED]").replace(" [", "[")


@pytest.mark.parametrize(
    "element",
    [
        '<html><input class="api-token" type=text value="{}">',
        '<html><input name="q" class="api-token" type=text value="{}">',
        '<html><clipboard-copy class="token" value="{}">',
        '<html><clipboard-copy value="{}" class="token">',
        "</div><property id='password' value='{}'/>",
        '<html><textarea id="token" value="{}"></textarea>',
        '<html><li id="token" value="{}"></li>',
        '<html><option id="token" value="{}"></option>',
        '<html><span class="token" text="{}"></span>',
    ],
)
def test_what_an_element_of_a_page_has_for_a_value_is_masked_by_its_id_and_class(element: str) -> None:
    assert REDACTION.text(element.format(MARK)) == element.format("[REDACTED]")


@pytest.mark.parametrize(
    "element",
    [
        '<input name="password" value="{}">',
        '<input value="{}" name="csrf_token">',
        '<meta name="token" content="{}">',
        '<input placeholder="API key" value="{}">',
    ],
)
def test_a_field_of_a_page_within_a_text_in_quotes_is_masked(element: str) -> None:
    assert MARK not in REDACTION.text(f"page was {json.dumps(element.format(MARK))}")
    assert MARK not in REDACTION.text(f"page was {json.dumps(json.dumps(element.format(MARK)))}")


PROSE = "The quick brown fox jumps over the lazy dog, and <b>nobody</b> minds.\n" * 60


@pytest.mark.parametrize(
    "around", [PROSE, PROSE.replace("quick", "%C3%A9t%C3%A9"), PROSE.replace("quick", "été"), PROSE.replace("<", "(")]
)
@pytest.mark.parametrize(
    "said",
    [
        f"<td>token</td><td>{'x' * 5000}{{}}</td>",
        f'<input class="{"c" * 900}" placeholder="API key" value="{{}}">',
        f"<div data-x='{'d' * 3000}' data-name='token'>{{}}</div>",
        f"<span class='api-key' data-q='{'d' * 2400}'>{{}}</span>",
        f"<input name=token data-q='{'d' * 2300}' value={{}}>",
        f"<p>'password'</p>{'<td>value</td><td>x</td>' * 20}<value a='1'>{{}}</value>",
        f"<config><name>token</name>{'<p><k>value</k><v>1</v></p>' * 300}<value xml:lang='en'>{{}}</value></config>",
        f"the password was rejected {'again ' * 20}(got '{{}}')",
        f"Enter passphrase for key '{'k' * 250}': {'z' * 4000}{{}}",
        "{} is your verification code",
        "'{}' does not match the current verification password",
        f"%2570assw%256Frd={{}} beside {'a password ' * 3}",
    ],
)
def test_what_is_said_of_a_name_far_within_a_long_page_is_masked_to_its_end(around: str, said: str) -> None:
    left = REDACTION.text(f"{around}{said.format(MARK)}\n{around}")

    assert MARK not in left
    assert left.startswith(around[:2000])


@pytest.mark.parametrize(
    "said",
    [
        f"<p>'password'</p>{'<td>value</td><td>x</td>' * 4}<value a='1'>{MARK}</value>",
        f"<config><name>token</name>{'<p><k>value</k><v>1</v></p>' * 6}<value xml:lang='en'>{MARK}</value>",
        f"curl \\\n-u bob:{MARK} \\\nhttps://h/a%20b the quick brown",
        f"-u bob:{MARK}",
        f"curl\t-u bob:{MARK}",
        f'{{"a":"&quot;password&quot;","b":"{MARK}"}}',
        f"si\uff47n\uff54oo\uff4c /p {MARK}",
        f"\uff21\uff35\uff34\uff28 {MARK}",
    ],
)
def test_what_a_reader_found_beside_the_search_near_names_is_masked(said: str) -> None:
    assert MARK not in REDACTION.text(said)
    assert MARK not in json.dumps(REDACTION.bodies.json(json.dumps({"x": said}).encode()))
