"""Ordinary pages that speak of passwords, keys and tokens, and show none: each stays as it is, to the letter."""

from __future__ import annotations

import json

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()

PAGES = {
    "a login page": """<!DOCTYPE html><html><head><title>Log in</title><link rel="stylesheet" href="/static/app.4f9ab34c.css">
        <script src="/static/app-9c1b2d7e.js"></script></head><body class="login v2x9k1"><header><a href="/">Acme</a>
        <a href="/signup">Sign up</a> <a href="/password/reset">Forgot your password?</a></header>
        <form id="login-7f3a" method="post" action="/login"><label for="u">Email</label><input id="u" name="email" type="email">
        <label for="p">Password</label><input id="p" name="password" type="password" autocomplete="current-password">
        <label><input type="checkbox" name="remember"> Remember me</label><button>Log in</button></form>
        <p>Call us: <b>0800482913</b></p><p>Support PIN: ask your manager</p><footer>Version <span>2026w48b2</span>
        <code>build482913x</code> <small>Office2</small><span>GB482913744</span></footer></body></html>""",
    "settings": """<html><body><nav><a href="/me">Profile</a><a href="/me/password">Change password</a><a href="/me/keys">API keys</a>
        </nav><h1>Settings</h1><dl><dt>User ID</dt><dd>482913</dd><dt>Username</dt><dd>bob42x7</dd><dt>Plan</dt><dd>Team25x</dd>
        <dt>Phone</dt><dd>4829130</dd></dl><h2>Change password</h2><form><label>Current password</label>
        <input type="password" name="current_password"><label>New password</label><input type="password" name="new_password">
        <p class="help">Your password must have 8 letters and a digit.</p><button type="submit">Change password</button></form>
        <h2>Sessions</h2><ul><li>Firefox142 on <b>Fedora43x</b></li><li>Device: <code>pixel9pro</code></li></ul>
        <h2>Two-factor authentication</h2><p>Enter the code of your app to switch it on.</p><input name="code" maxlength="6">
        <p>Customer number: <b>48291735</b></p></body></html>""",
    "users": "<html><body><a href='/admin/password_change/'>Change password</a><table><thead><tr><th>ID</th><th>Username</th>"
    "<th>Phone</th><th>Joined</th><th>Actions</th></tr></thead><tbody>"
    + "".join(
        f"<tr><td>{482913 + n}</td><td>bob{n}x{n}</td><td>{4829130 + n}</td><td>2026-11-{n + 10}</td>"
        f"<td><a href='/users/{n}/reset'>Reset password</a> <a href='/users/{n}/tokens'>Tokens</a></td></tr>"
        for n in range(6)
    )
    + "</tbody></table></body></html>",
    "users without headings": "<table><tr><td>User</td><td>ID</td><td>Actions</td></tr>"
    + "".join(
        f"<tr><td>bob{n}x{n}</td><td>{482913 + n}</td><td><a href='/{n}'>Reset password</a></td></tr>" for n in range(6)
    )
    + "</table>",
    "an order": """<html><body><div class="top"><a href="/login">Log in</a> <a href="/forgot">Forgot password?</a></div>
        <h1>Your order</h1><p>Thank you, Bob! We received your order.</p><table><tr><td>Order</td><td>482913</td></tr>
        <tr><td>Invoice</td><td>RE2026x4829</td></tr><tr><td>Tracking number</td><td>1Z999AA10123456784</td></tr></table>
        <ul><li>Kettle <span class="sku">SKU48291735</span> <b>19.99</b></li><li>Cup <span>KX482913</span></li></ul>
        <p>Order number: <b>48291735</b></p><p>Total: <b>1,482.90</b></p><p>Delivery on <b>20261126</b></p>
        <p>Phone <b>030482913</b></p><div>Voucher <code>AUTUMN25</code></div><p>Sign in with your password to see more.</p>
        </body></html>""",
    "an order in a mail": """<table width="100%"><tr><td align="center"><h2>Order confirmed</h2></td></tr><tr><td><p>Hi Bob,</p>
        <p>Your order number is</p><h3>48291735</h3><p>Track it: <a href="https://a.test/t/482913x7">482913x7</a></p></td></tr>
        <tr><td><p>Forgot your password? <a href="https://a.test/reset">Reset it here</a></p><p>Acme Ltd, VAT <b>GB482913744</b></p>
        </td></tr></table>""",
    "documentation of tokens": """<html><body><h1>Authentication</h1><p>Each request needs an API token. Create one in your
        <a href="/settings">settings</a>, and send it in the header <code>Authorization</code>.</p><pre><code>curl https://api.acme.test/v2/items
        </code></pre><h2>Algorithms</h2><p>Tokens are signed with <code>HS256</code>, <code>RS256</code> or <code>ES384</code>; the
        digest is <code>SHA-256</code>.</p><ul><li>OAuth2</li><li>base64url</li><li><code>HTTP/1.1</code></li><li>TLS1.3</li></ul>
        <h2>Limits</h2><table><tr><th>Plan</th><th>Requests</th></tr><tr><td>Free</td><td>100000</td></tr><tr><td>Team25x</td>
        <td>1000000</td></tr></table><h2>Errors</h2><table><tr><td>Code</td><td>Meaning</td></tr><tr><td>AUTH401</td>
        <td>The token is missing.</td></tr><tr><td>AUTH403x</td><td>The token has no such scope.</td></tr></table>
        <p>Available since version <code>v3.2.1</code> of <code>acme-sdk2</code>.</p></body></html>""",
    "a blog": """<article><h1>How JWT works</h1><p class="by">By <a href="/u/bob42x7">bob42x7</a> on <time>2026-11-26</time></p>
        <p>A JSON web token has three parts. The signature is made with a secret.</p><p>Read also: <a href="/p/482913">Sessions in
        2026</a></p><p>It took 300000 iterations on an <b>i7-9750H</b>.</p><div class="tags"><a href="/t/oauth2">oauth2</a>
        <a href="/t/web3x">web3x</a></div><p>Views: <span>482913</span></p></article>""",
    "highlighted code": """<html><p>Pass the token to the client.</p><pre><span class="kn">import</span> <span class="nn">acme2x</span>
<span class="n">client</span> <span class="o">=</span> <span class="n">acme2x</span><span class="o">.</span><span class="n">Client2b</span><span class="p">()</span>
<span class="n">status</span> <span class="o">=</span> <span class="n">falcon</span><span class="o">.</span><span class="n">HTTP_201</span>
<span class="nt">"trace_id"</span><span class="p">:</span> <span class="s2">"e0de656ba6312f823969e77a1f53c25b"</span>
<span class="n">size</span> <span class="o">=</span> <span class="mi">1048576</span></pre></html>""",
    "Django's admin": """<div id="header"><div id="user-tools">Welcome, <strong>bob42x7</strong>. <a href="/">View site</a> /
        <a href="/admin/password_change/">Change password</a> / <a href="/logout">Log out</a></div></div><div class="breadcrumbs">
        <a href="/admin/">Home</a> &rsaquo; Users &rsaquo; bob42x7</div><form><label>Username:</label><div class="readonly">bob42x7</div>
        <div class="form-row field-password"><div class="help">Raw passwords are not stored, so there is no
        way to see this user's password. <a class="button" href="../password/">Reset password</a></div></div>
        <label>Staff number:</label><div class="readonly">482913</div><h2>Recent actions</h2><ul><li><a href="/1">item482913</a></li></ul>
        </form>""",
    "a list of tokens": """<html><h2>Personal access tokens</h2><p>Tokens you have generated that can be used to access the API.</p>
        <div class="list"><div><a href="/settings/tokens/482913">deploy2x</a> <span>repo, workflow</span> <small>Last used within
        the last week</small> <button>Delete</button></div><div><a href="/settings/tokens/482914">ci-runner7</a> <small>Never
        used</small></div></div><table><tr><th>Name</th><th>Created</th></tr><tr><td>laptop2x9</td><td>2026-11-26</td></tr></table></html>""",
    "Swagger UI": """<html><body><div class="scheme-container"><label for="schemes">Schemes</label><select><option>https</option>
        </select></div><button class="btn authorize">Authorize</button><section class="models"><h4>Models of a token</h4><div>access_token <span class="prop-type">string</span></div>
        <div>expires_in <span class="prop-type">integer</span> <span>($int64)</span></div></section><span>OAS3.1</span>
        <pre class="version">1.0.0</pre><div class="opblock-summary-path">/v1/login2</div></body></html>""",
    "a cookie banner": """<div class="banner"><p>We use cookies. A session token keeps you logged in.</p><button>Accept all</button>
        <button>Reject</button></div><table><tr><th>Name</th><th>Purpose</th><th>Duration</th></tr><tr><td>_ga4X9</td><td>Counts
        visits.</td><td>2 years</td></tr></table><p>Consent ID: <span>4f9ab34c77d1e09b</span></p>""",
    "a status page": """<html><h1>Status</h1><p>Invalid token? <a href="/help">Help</a></p><ul><li>Server: <b>web42x.eu1</b></li>
        <li>Commit <code>4f9ab34c77</code></li><li>Request ID: <code>7f3a9c1b2d</code></li><li>Region <b>eu-west-1b</b></li></ul></html>""",
    "a feed": """<rss><channel><item><title>Reset your password</title><guid>4f9ab34c77d1</guid><pubDate>2026</pubDate></item>
        <item><title>Our new tokens</title><id>482913</id><link>x7y8z9</link></item></channel></rss>""",
}


@pytest.mark.parametrize("kind", PAGES)
def test_an_ordinary_page_stays_as_it_is(kind: str) -> None:
    page = PAGES[kind]

    assert REDACTION.text(page) == page
    assert REDACTION.bodies.text(page.encode()) == page.encode()
    assert REDACTION.bodies.json(json.dumps({"html": page}).encode()) == {"html": page}


def test_a_long_page_stays_wherever_it_is_cut_into_parts_to_be_decoded() -> None:
    for padding in range(30):
        start = f"<div>{'x' * padding}</div><ul><li>See <code>token</code></li></ul>\n<ul><li>x &amp; y</li>"
        page = start + "<li>Default: true</li>\n" * 800 + "</ul>"

        assert REDACTION.text(page) == page
