"""Where a page shows a secret: in attributes, behind what only parts it from its name, before it, and item by item."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"


@pytest.mark.parametrize("secret", [MARK, "482913", "0123456789abcdef012345"])
@pytest.mark.parametrize(
    "page",
    [
        '<button data-clipboard-text="{}">Copy API key</button>',
        "<button onclick=\"copy('{}')\">Copy API key</button>",
        "<a onclick=\"navigator.clipboard.writeText('{}')\" title='Copy the API key'><i></i></a>",
        '<input readonly value="{}"><button>Copy API key</button>',
        '<div><input readonly value="{}"></div><a href="#">Show token</a>',
        '<label>API key <input value="{}"></label>',
        '<h4>Copy your API key</h4><input value="{}">',
        '<clipboard-copy value="{}" aria-label="Copy token"></clipboard-copy>',
        '<span data-reveal="{}">Show secret</span>',
        '<copy-button text="{}" label="API key"></copy-button>',
        '<p class="otp-code">{}</p>',
        '<div class="big token-value"><code>{}</code></div>',
        '<secret name="x" value="{}"/>',
        "<p><b>{}</b> is your verification code</p>",
        "<div>Token</div><div><div><span><a>{}</a></span></div></div>",
        "<table><tr><td>Your verification code is</td></tr><tr><td><span>{}</span></td></tr></table>",
    ],
)
def test_what_a_page_shows_of_a_secret_is_masked_alone_if_it_looks_like_one(page: str, secret: str) -> None:
    assert REDACTION.text(page.format(secret)) == page.format("[REDACTED]")


@pytest.mark.parametrize("secret", [MARK, "482913", "correct", "correct horse"])
@pytest.mark.parametrize(
    "page",
    [
        "<b>OTP</b>:&nbsp;<b>{}</b>",
        "<b>OTP</b> &mdash; <i>{}</i>",
        "<li><strong>Token</strong> \u2013 <code>{}</code></li>",
        "<div>Token <small>(keep it safe)</small></div><div>{}</div>",
        "<div>Token</div><script>x()</script><div>{}</div>",
        "<div>Token</div><style>p {{}}</style>\n<div>{}</div>",
        '<span class="k">password</span><span class="o">=</span><span class="s">{}</span>',
        "[b]Password:[/b] {}",
        "<table><tr><th>Name</th><th>Token <a>sort</a></th></tr><tr><td>ci</td><td>{}</td></tr></table>",
        "<table><caption>API keys</caption><tr><th>Name</th><th>Key</th></tr><tr><td>ci</td><td>{}</td></tr></table>",
        "<h2>Access tokens</h2><table><tr><th>Name</th><th>Value</th></tr><tr><td>ci</td><td>{}</td></tr></table>",
    ],
)
def test_what_only_parts_a_secret_from_its_name_stays_and_the_secret_is_masked(page: str, secret: str) -> None:
    assert REDACTION.text(page.format(secret)) == page.format("[REDACTED]")


@pytest.mark.parametrize("item", ["<li>{}</li>", "<li><code>{}</code></li>", "<p>{}</p>\n", "<code>{}</code><br>"])
def test_each_of_several_codes_is_masked(item: str) -> None:
    page = "<h4>Recovery codes</h4><div>" + item.format("{}") * 3 + "<p>Documentation</p></div>"

    assert REDACTION.text(page.format("abcd1234", MARK, "482913")) == page.format(*["[REDACTED]"] * 3)


def test_a_code_whose_digits_stand_alone_is_masked() -> None:
    page = "<span>OTP</span>: " + "<span>{}</span>" * 4 + "<span>Documentation</span>"

    assert REDACTION.text(page.format(*"4829")) == page.format(*["[REDACTED]"] * 4)


def test_a_name_in_quotes_names_what_stands_beside_it() -> None:
    assert MARK not in REDACTION.text(f'<span>"password"</span>: <span>"{MARK}"</span>')


@pytest.mark.parametrize(
    "page",
    [
        '<button data-clipboard-text="a1b2c3d4">Copy link</button>',
        '<button data-copy="Documentation">Copy API key</button>',
        '<button data-target="#a1b2c3d4">Copy API key</button>',
        '<input name="q" value="Documentation"><button>Show token</button>',
        '<input type="hidden" value="a1b2c3d4"><button>Delete token</button>',
        '<form>{% csrf_token %}<input type="hidden" name="next" value="{{ next }}"></form>',
        '<input value="a1b2c3d4"><button>Search</button>',
        '<h4>Manage API keys</h4><input value="Deploy">',
        '<span class="token-type">a1b2c3d4</span>',
        '<span class="token-link">Documentation</span>',
        '<span class="link">a1b2c3d4</span>',
        "<table><tr><th>Name</th><th>Key</th></tr><tr><td>ci</td><td>a1b2c3d4</td></tr></table>",
        "<h2>API keys of the team</h2><table><tr><th>Name</th><th>Last used</th></tr><tr><td>ci</td><td>-</td></tr></table>",
        "<h4>Manage tokens</h4><ul><li>JavaScript</li><li>Webhooks</li></ul>",
        "<div>Manage token</div><div><div><span><a>Documentation</a></span></div></div>",
        "<p><b>2026</b> is the year of the token</p>",
        "<div>Reset your password</div> &mdash; <a>Documentation</a>",
        "<th>Token <a>sort</a></th>",
    ],
)
def test_what_tells_no_secret_stays(page: str) -> None:
    assert REDACTION.text(page) == page
