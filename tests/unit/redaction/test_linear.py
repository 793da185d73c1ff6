"""What is hostile costs no more than its length: a text of another kind than linear would not end within the timeout."""

from __future__ import annotations

from typing import Any

import pytest
from support.steps import calls_within

from opentelemetry_exporter_moesif.redaction import Redaction

REDACTION = Redaction()
PIECES = [
    *"""? & ; # = @ % : / < > %3F %26 %3Da a password= password=' password="x <password> <a <token token( token[ token:{
    [ ( { ' " \\ \\" ` -u - _ :// ://u: //u: u:p@ u: eyJ eyJa. PRIVATE -----BEGIN password, , | %25 %2525 &#112; \\u0070
    W3si 1 4111 a.b. sk_ ghp_ =password& token=[ token=(' 'password' 'a'b VALUES( :: => -> () [] {} <> </a> "] ]} a=b&
    password=a& a[ a] 'token', key:=' token| isposition""".split(),
    *(
        " ",
        "\n",
        "\n ",
        "a ",
        "password ",
        "token { ",
        "\npassword\n",
        "a,b\n",
        "\t",
        "\r\n",
        "\u00e9",
        "\u200b",
        "\ufb01",
    ),
    *("set password for ", "identified by '", 'content-disposition: form-data; name="a"\n', "> a <", "Bearer "),
    "Failing row contains (",
    *(
        "AUTH ",
        "LOGIN ",
        "x LOGIN a ",
        "mysql ",
        "mysql -p",
        " -p ",
        "auth=(",
        "auth='a:",
        "Auth(",
        "requirepass ",
        "password;",
        "password (a1b",
        "token [a1",
        ';s:8:"password";s:1:',
        ';password="',
        "{password, ",
    ),
    *("tokens=[", "tokens=(a ", "password \u2013 ", "p\u0430ssword", "&b", "identified by "),
    *(
        "<b>token</b> - <b>(a)</b><b>",
        "<b>tokens</b><li>a1b2c3d4</li><li>",
        "<b>token</b><script>",
        '<button data-copy="a1b2c3d4" title="token">',
        '<p class="token x token-a"><b>a1b2c3d4',
        "token</b></b></b> is your ",
        "<h1>tokens</h1><tr><th>Key</th></tr><tr><td>a",
        '<script type="application/json">',
        "<p>a1b2c3d4</p>",
        "<i>a1b2c3d4 ",
        "<b></b>482913<b>",
        "<tr><td>token</td><td>a1b2c3d4",
        "<p data-copy='a1b2c3d4'>",
        "</script>a1b2c3d4",
        "[b]a1b2c3d4[/b]",
        "a b c d ",
        "a b c d=",
        "-a -b -c ",
        "x -p ",
        "sqlcmd -P x ",
        "docker login -p ",
        "redis-cli -a x ",
        "'a',",
        "\u00e9=",
    ),
    *("<a b='c'>", "W3si1234567890ab ", "&lt;", "jdbc:oracle:x:y/", "token is a ", "token: x\n", "a@", "'] ", "a:1,"),
    *(
        "password['x']",
        "token (a) ",
        "token (",
        "a b c t o k e n ",
        "token was ",
        "'a' to ",
        "token <<EOF\n",
        "(len=1) ",
    ),
    *("kind: Secret\n", "kind: Secret\ndata:\n  a: b\n", "name: password\n", '{"a": 1}\n', "[\n"),
    *(
        "'a' is a ",
        "' == ",
        "a is your ",
        "as token ",
        "-a=b ",
        "'-u', 'b:",
        "\n - --token\n - ",
        ") = ('a",
        "Digest a ",
        "a:b|",
    ),
    *(
        "Hawk a mac=",
        "<Cookie a=b ",
        "\tTRUE\t",
        "echo a | ",
        "net use a ",
        "sqlplus a/",
        "identified by a replace ",
        "-U a%",
    ),
    *("openssl enc -k ", "chpasswd a:", "sp_password ", "FROM stdin;"),
    *(
        "|token|",
        "|token\n",
        "|token|a|\n|--|\n",
        "^token",
        "token,a\n",
        'token,"\n',
        'token,"',
        "a,token\n\n",
        "1,token,a,\n",
        "a  token\n",
        "token    a\n",
        "  token\n",
        "a    b\nName: token\n",
        "token  \n",
        "||token||\n",
        "{|token\n!",
        "{|\n|-\n!token!!a",
        "token & a \\\\ ",
        "\\\\\n&",
        "token  a\n",
        "|",
        "|\n",
        "<tr><th>token",
        "<tr><td>a",
        "<th>",
        "<tr",
        "---\n",
        "webhooks/1",
    ),
    *("# token\n", "Your token is\n\n", "token: >a\n", "- `token`: The a of ", "token:\n  type: string\n", "WIFI:S:a;"),
    *('$a: B = "a" ', '["token","=","a1"] ', "482913 is your token ", "<methodName>login</methodName><params>"),
    *(
        "\nyour token <b>a",
        "<td><input value=a>",
        "<th>token<td><input value=a>",
        "'a1b2' in tokens ",
        "auth=bob:a ",
        "token $$a",
        "PRAGMA key = ",
        "secret set ",
    ),
    *(";token=a ", "u:p@tcp", "machine a login ", "ENV token ", "token 123456"),
    *("\\t", "\\160", "&amp;", "%u0070", "token ,", "token? ", "...", 'token{"a"', "password changed to "),
    *(
        "token set: a1b2c3 ",
        "token is a1b2c3 ",
        "123456: token ",
        "token for a b: ",
        "token from 'a' to 'a",
        "Path `token` (`a",
    ),
    *(
        "tokens: a ",
        "tokens: {a ",
        "<tokens><a>",
        "tokens\n- a",
        "token:\n- a\n",
        "Codes\n- a1b2c3d4\n",
        "token<<EOF\n",
    ),
    *("token:\nabcd1234\n", 'login("a","b)', "# token\n\n", "tokens[a]["),
]
LENGTH = 100_000
BLANKS = 300  # more than any expression takes at once
OPENERS = [
    *"""> = : | , ; ( [ { < <b> <th> <td> <tr><td> <b>a</b> </b> >a >a: >a:<b> token token: token= "token" 'token', token, token{ token( token[
    " ' ` - -- -p -u \\ %3D -> => ... & ? # / // @ a@ token; token| AUTH identified Failing name= content-disposition:
    """.split(),
    *("token is", "VALUES", ") =", "set password for", "kind: Secret", "token\n", "\n-", "token,\n"),
    *("# token", "Your token is", "'a' (", "'a' in", "- `token`: The", "$a: B =", "<methodName>login", "WIFI:S:"),
]


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_a_long_hostile_text_is_read_to_its_end(piece: str) -> None:
    text = "token " + piece * (LENGTH // len(piece))

    assert REDACTION.texts.scrubbed(text).text


@pytest.mark.parametrize(
    "piece", ["&a=b", "&b", "password=a&b&", "&name=password", "#", "?token=x", ";", "%26a", "/a%20b", '&x={"a":1}']
)
def test_a_long_hostile_uri_is_read_to_its_end(piece: str) -> None:
    assert REDACTION.uri(f"https://api.test/?{piece * (LENGTH // len(piece))}")


@pytest.mark.parametrize(
    ("step", "piece"),
    [
        (REDACTION.bodies.form, b"a=%7B1&"),
        (REDACTION.bodies.form, b"password=x;y&"),
        (REDACTION.bodies.text, b"password='x' "),
        (REDACTION.bodies.text, b"<password>x</password>"),
        (REDACTION.bodies.text, b"a=[x] "),
        (lambda content: REDACTION.bodies.json(b"[" + content + b"1]"), b'{"password": 1, "a": "b=c"},'),
    ],
    ids=range(6),
)
def test_twice_as_much_takes_twice_as_many_steps(step: Any, piece: bytes) -> None:
    step(piece)  # what is remembered is known by then
    once, twice = (calls_within(lambda times=times: step(piece * times)) for times in (500, 1000))

    assert twice < 2.2 * once


@pytest.mark.parametrize("blank", [" ", "\t \r\n"], ids=ascii)
@pytest.mark.parametrize("opener", OPENERS, ids=ascii)
def test_many_blanks_behind_what_opens_a_value_cost_no_more_than_their_number(opener: str, blank: str) -> None:
    piece = opener + blank * (BLANKS // len(blank))

    assert REDACTION.texts.scrubbed("token <i>" + piece * (LENGTH // 2 // len(piece))).text


@pytest.mark.parametrize(
    "opener", ["", "token", "token:", "token=", "token='x'", "token='x',", "token='x'+", "set password for", "token\n"]
)
@pytest.mark.parametrize("blank", [" ", "\n", "\t"], ids=ascii)
def test_one_long_run_of_blanks_is_read_to_its_end(opener: str, blank: str) -> None:
    assert REDACTION.texts.scrubbed(f"{opener}{blank * LENGTH}x token\n").text


def test_a_long_last_line_of_a_part_is_read_to_its_end() -> None:
    assert REDACTION.texts.scrubbed(f"token\ncontent-disposition: {'name=a;' * 35}{'x' * LENGTH}").text


@pytest.mark.parametrize("opener", [">", ">a", ">a:", ">a:<b>", ">a:<b>a"])
def test_a_page_with_many_blanks_in_each_element_is_read_to_its_end(opener: str) -> None:
    assert REDACTION.texts.scrubbed("token <i>" + (opener + " " * BLANKS) * 1000).text


@pytest.mark.parametrize(
    "line",
    [
        "k{}: Reset password {}\n",
        "'passwords.{}' => 'Your password has been reset',\n",
        "k: password\n",
    ],
)
def test_a_long_list_of_texts_that_mention_secrets_is_not_withheld(line: str) -> None:
    text = "".join(line.format(number, number) for number in range(60_000 // len(line)))

    assert REDACTION.texts.scrubbed(text, only_certain=True).text != "[REDACTED]"
