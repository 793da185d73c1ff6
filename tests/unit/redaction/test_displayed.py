"""What looks like a secret and stands near the name of one in a page or a mail is masked, whatever is between them."""

from __future__ import annotations

import json
import re

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
TAGS = re.compile(r"(?<=>)[^<]+|[\"'][^\"'<>]*[\"']|\[REDACTED\]|\{\}|[^<>]+$|^[^<]+")  # all but these
PASSWORDS = ("hunter2x9", "4f9ab34c77d1e09b2a6f01", "Xk9!mQ*v2")
SECRETS = (*PASSWORDS, "482913", "48291735")


def assert_masked(page: str, secret: str) -> None:
    filled = page.replace("{}", secret)
    left = REDACTION.text(filled)
    assert secret not in left
    assert TAGS.sub("", left) == TAGS.sub("", page)  # the rest of the page is there
    assert REDACTION.bodies.text(filled.encode()) == left.encode()
    assert REDACTION.bodies.json(json.dumps({"html": filled}).encode()) == {"html": left}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "page",
    [
        "<h1>Your verification code</h1><p>Hi Bob,</p><p>{}</p>",
        "<h3>Client secret</h3><p class=help>Never share it.</p><code>{}</code>",
        "<label>API key</label><span class=tip>?</span><code>{}</code>",
        "<p>Use the following OTP to complete your Sign Up procedures. OTP is valid for 5 minutes</p><h2>{}</h2>",
        "<p>Your OTP for login to <b>Acme</b> is:</p><h2>{}</h2>",
        "<p>Your <b>OTP</b> is <b>{}</b></p>",
        "<p>Your <b>password</b> is <code>{}</code></p>",
        "<p>We've reset your password to <b>{}</b>.</p>",
        "<p>Your new password for <b>Acme</b> is <b>{}</b>.</p>",
        "<p>We received a request to reset your password. Use the code below.</p><p><b>{}</b></p>",
        "<p>We received a request to reset your password.</p><p>Use the code below:</p><p>{}</p>",
        "<p>Your <strong>API key</strong> (keep it safe): <code>{}</code></p>",
        "<h3>Webhook signing secret</h3><div><button>Reveal</button><code>{}</code></div>",
        "<p>Use the following password to log in: <b>{}</b></p>",
        "<p>Password for <a href='mailto:bob@x.org'>bob@x.org</a>: <tt>{}</tt></p>",
        "<p>Your code for <b>Acme</b> is <b>{}</b>. Do not share this OTP.</p><p>OTP:</p><p><i>{}</i></p>",
        "<p>Here is your temporary password. Change it soon.</p><blockquote>{}</blockquote>",
        "<p>Copy your access token now. You will not see it again!</p><div><code>{}</code><button>Copy</button></div>",
        "<div>Access token</div><div>Created now &middot; expires in 30 days</div><pre><code>{}</code></pre>",
        "<table><tr><td><p>Hi,</p><p>Use this OTP.</p></td></tr><tr><td>&nbsp;</td><td>{}</td><td></td></tr></table>",
        "<h2>{}</h2><p>is your verification code</p>",
        "<h2>{}</h2><p>Use this verification code to log in to Acme.</p>",
        "<h1>OTP</h1><style>p { color: red }</style><script>var a = 1;</script><!-- <p> --><p>Hello</p><div>{}</div>",
        "<h1>Here is the OTP</h1><script>order number</script><div>{}</div>",
        "[b]Password[/b]: {}",
        "Your [b]OTP[/b] is [code]{}[/code]",
    ],
)
def test_what_stands_near_a_name_in_a_page_is_masked(page: str, secret: str) -> None:
    assert_masked(page, secret)


@pytest.mark.parametrize("secret", ["hunter2x9", "482913"])
@pytest.mark.parametrize(
    "page",
    [
        "<p>Here is the login code you requested:</p><table><tr><td align=center><strong>{}</strong></td></tr></table>",
        "<div>Make sure you copy the token now.</div><span><svg><path/></svg></span><code>{}</code><clipboard-copy/>",
        "<p>Username: bob<br>Password: {}<br>Login: https://acme.test</p>",
        "<div>API token</div><div><input name=f1 type=text value='{}' readonly></div>",
        "<h4>Signing secret</h4><p>It signs webhooks. <a href='/d'>More</a></p><span>{}</span><a href='#'>Hide</a>",
        "<p><b>{}</b></p><p>Enter this verification code on the sign-in page.</p>",
        "<p>Scan this.</p><img src=a><p>Or enter this secret in your app:</p><code>{}</code>",
        "<label>Your API token</label><div>Treat it like a password.</div><textarea readonly>{}</textarea>",
        "<P><FONT SIZE=2>Your new password is</FONT></P><P ALIGN=CENTER><B>{}</B></P>",
        "<div>Your access token is below</div><div><br></div><div><a href='#'>{}</a></div>",
        "<p>One Time Password (OTP) for your request: </p><h1><center>{}</center></h1>",
        "<p>Your OTP</p><p>Hi,</p><p>Created: now</p><p>{} - valid for 5 minutes</p>",
        "<button>Generate token</button><textarea>{}</textarea>",
        "<p>Show token</p><i>{}</i> <i>more</i>",
        "<feed><subtitle>Copy API key</subtitle><payload>{}</payload></feed>",
    ],
)
def test_what_mails_and_pages_of_common_services_show_is_masked(page: str, secret: str) -> None:
    assert_masked(page, secret)


@pytest.mark.parametrize("secret", ["qzxvkwjhtrbnm", "a1b2"])
def test_right_behind_a_mention_a_word_that_nobody_says_and_a_short_one_are_masked(secret: str) -> None:
    page = "<p>Copy API key</p><p>{}</p>"

    assert REDACTION.text(page.format(secret)) == page.format("[REDACTED]")
    assert REDACTION.text(page.replace("</p>", "</p><p>Hi,</p>", 1).format(secret)).count("[REDACTED]") == 0


@pytest.mark.parametrize(
    "secret", ["Tr0ub4dor&amp;3", "Xk9&lt;mQ7&#39;v", "Autumn2026!", "$ecretx1", "k9.Zx3.q1w2", "x1/y2+z3Q9k=="]
)
def test_a_password_of_any_signs_is_masked_to_its_end(secret: str) -> None:
    page = "<p>Use this password to log in.</p><div><b>{}</b></div>"

    assert REDACTION.text(page.format(secret)) == page.format("[REDACTED]")


@pytest.mark.parametrize("secret", ["Password123!", "secret123", "MyToken2026x", "api_key_9f8e7d"])
@pytest.mark.parametrize(
    "page",
    [
        "<td>Password</td><td>{}</td>",
        "<p>Password</p><p>{}</p>",
        "<p>Use this password to log in.</p><div><b>{}</b></div>",
        "<p>Your <b>password</b> is <b>{}</b></p>",
    ],
)
def test_a_secret_that_is_made_of_the_name_of_one_is_masked(page: str, secret: str) -> None:
    assert_masked(page, secret)


def test_a_code_in_two_groups_is_masked() -> None:
    assert_masked("<p>Your verification code:</p><p>Hi Bob,</p><h1>{}</h1>", "482 913")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "page",
    [
        "<div class='secret-value' data-value='{}'>****</div>",
        "<h3>API key</h3><p>Keep it.</p><input type=text readonly value='{}'>",
        "<h3>API key</h3><p>Keep it.</p><input value='{}'>",
        "<h3>API key</h3><p>Keep it.</p><button data-clipboard-text='{}'>Copy</button>",
        "<h3>API key</h3><p>Keep it.</p><a href='#' onclick=\"copy('{}')\">Copy</a>",
    ],
)
def test_what_an_element_near_a_name_shows_or_copies_is_masked(page: str, secret: str) -> None:
    assert_masked(page, secret)


TOLD = "<h3>Here is the API key you asked for</h3>"


@pytest.mark.parametrize(
    "page",
    [
        "<button name=id value='482913'>Delete</button>",
        "<select><option value='a1b2c3d4'>Deploy</option></select>",
        "<input name=q value='a1b2c3d4'>",
        "<input type=hidden value='a1b2c3d4'>",
        "<p>Order</p><button data-clipboard-text='482913'>Copy</button>",
    ],
)
def test_what_is_chosen_filled_in_or_sent_near_a_name_stays(page: str) -> None:
    assert REDACTION.text(TOLD + page) == TOLD + page


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td>User</td><td>Password</td><td>Role</td></tr><tr><td>bob</td><td>{}</td><td>admin</td></tr>",
        "<tr><td><b>User</b></td><td><b>API key</b></td></tr><tr><td>bob</td><td>{}</td></tr><tr><td>eve</td><td>{}</td></tr>",
        "<tr><td>Password</td><td>bob</td><td>{}</td></tr><tr><td>Port</td><td>web</td><td>8080</td></tr>",
    ],
)
def test_in_a_table_without_headings_what_stands_below_or_beside_a_name_is_masked(rows: str, secret: str) -> None:
    assert_masked(f"<table>{rows}</table>", secret)


@pytest.mark.parametrize("value", ["482913", "A482913X"])
@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td>Order</td><td>{}</td></tr></table>",
        "<dl><dt>Account</dt><dd>{}</dd></dl>",
        "<label>Account</label><p>{}</p>",
        "<p>Order number: <b>{}</b></p>",
        "<p>Order number:</p><p>{}</p>",
        "<p>Sent to customer</p><p>{}</p>",
        "<p>Order number</p><button>Copy</button><p>{}</p>",
        "<table><tr><td>Kettle</td><td>{}</td></tr></table>",
        "<h2>Orders</h2><p>{}</p>",
        "<p><a href='/orders/1'>{}</a></p>",
        "<table><tr><td>Kettle</td><td>{}</td><td>19.99</td></tr></table>",
        "<table><tr><td><div>{}</div></td><td>19.99</td></tr></table>",
        "<p>Hello.</p><p>{}: what it is</p>",
        "<doc><by>Bob</by><isbn>{}</isbn></doc>",
        f"<p>{'It is long. ' * 50}</p><p>{{}}</p>",
    ],
)
def test_what_is_called_something_else_near_a_name_stays(page: str, value: str) -> None:
    page = TOLD + page.replace("{}", value)

    assert REDACTION.text(page) == page
    assert REDACTION.text(f"{TOLD}<p>{value}</p>") == f"{TOLD}<p>[REDACTED]</p>"


@pytest.mark.parametrize("value", ["482913", "A482913X"])
@pytest.mark.parametrize(
    "page",
    [
        "<a href='/forgot'>Forgot your password?</a><p>{}</p>",
        "<button>Reset password</button><p>{}</p>",
        "<button>Copy API key</button><p>More of it.</p><p>{}</p>",
        "<p>Password of user</p><p>{}</p>",
        "<p>The password was sent to user <b>{}</b></p>",
        "<label>Password</label><input type=password name=p><p>{}</p>",
        "<nav><a href='/t'>API tokens</a></nav><p>{}</p>",
        "<p>Please enter your password to continue.</p><p>{}</p>",
        "<table><tr><td>User</td><td>Password</td></tr></table><table><tr><td>Order</td><td>{}</td></tr></table>",
    ],
)
def test_what_a_page_asks_for_or_leads_to_makes_nothing_else_a_secret(page: str, value: str) -> None:
    page = page.replace("{}", value)

    assert REDACTION.text(page) == page


@pytest.mark.parametrize(
    "page",
    [
        "<p>Your password expires soon.</p><p>482913</p>",
        "<p>You can log in with your password again.</p><p>482913</p>",
        *(f"{TOLD}<p>{each}</p>" for each in ("HS256", "2026-11-26", "v3.2.1", "api.acme.test", "app2.min.js", "Bob")),
        "<pre># with a token\nhome = <b>acme2x9</b>\n</pre>",
        "<pre>" + "# a &amp; with a token\nhome = <b>acme2x9</b>\n" * 600 + "</pre>",
        "<p>A token lets you enter <b>482913</b></p>",
        "<p>The token works as <a id='k9x8y7w6' class='x'></a> it does</p>",
        f"{TOLD}<button data-copy='GET_METADATA'>Copy</button>",
        "<div>Token</div><div>Valid until:</div><div>2026</div>",
    ],
)
def test_numbers_and_technical_words_that_nobody_tells_as_a_secret_stay(page: str) -> None:
    assert REDACTION.text(page) == page


@pytest.mark.parametrize("item", ["<li>{}</li>", "<p>{}</p>\n", "<span>{}</span> ", "{}<br>", "<div><b>{}</b></div>"])
def test_each_code_of_a_list_behind_a_sentence_is_masked(item: str) -> None:
    page = "<h4>Backup codes</h4><p>Keep them safe.</p>" + item * 3
    left = REDACTION.text(page.format("4f2a-9c1b", "12345678", "19bc-44de"))

    assert not any(map(left.__contains__, ("4f2a-9c1b", "12345678", "19bc-44de")))


def test_a_short_line_between_labels_a_number_and_no_password() -> None:
    page = f"{TOLD}<p>Production</p><p>{{}}</p>"

    assert REDACTION.text(page.format("hunter2x9")) == page.format("[REDACTED]")
    assert REDACTION.text(page.format("482913")) == page.format("482913")


def test_each_of_many_codes_below_a_heading_is_masked() -> None:
    codes = [f"x{n}k{n}9q{n}" for n in range(10, 26)]
    page = "<h2>Here are the recovery codes you asked for</h2><ul>" + "<li>{}</li>" * len(codes) + "</ul>"

    assert REDACTION.text(page.format(*codes)) == page.format(*["[REDACTED]"] * len(codes))
