"""What programs really print, with a secret in it: each text is the output of the library that the comment names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction, scrub

REDACTION = Redaction()
# A secret of letters and digits, of letters, and of digits: each has been taken for no secret somewhere.
MARKS = ("Zq7Kx9Wm2Tp4Vr8N", "qzxvkwjhtrbnmfgd", "739518264077")

TABLES = [
    # tabulate, rich: two secrets below each other, each beside its name
    "| Password | § |\n| API Key | § |",
    "┌──────────┬─────┐\n│ Name     │ bob │\n│ Password │ §   │\n│ API Key  │ §   │\n└──────────┴─────┘",
    "password  §\napi key   §",
    # Vault
    "Key                  Value\n---                  -----\ntoken                §\ntoken_duration       768h",
    # pandas: to_csv, to_html, an index
    ",user,password\n0,bob,§\n1,eve,§\n",
    (
        "<table><thead><tr><th></th><th>user</th><th>password</th></tr></thead><tbody><tr><th>0</th><td>bob</td><td>§</td>"
        "</tr><tr><th>1</th><td>eve</td><td>§</td></tr></tbody></table>"
    ),
    "               password  n\nuser                     \nbob    §  1\neve    §  2",
    # Excel, and exports with a line of their own before the names
    "\ufeffsep=;\r\nuser;password\r\nbob;§",
    "# export 2026\nuser,password\nbob,§",
    'user,note,password\nbob,"a\nb",§',
    "key,value\nuser,bob\npassword,§",
    # Jira, YouTrack, MoinMoin
    "|| user || password || n ||\n| bob | § | 1 |",
    "||  user  ||  password  ||\n||  bob  ||  §  ||",
    "| Key | Value | Type |\n|---|---|---|\n| user | bob | string |\n| password | § | string |\n| token | § | string |",
    # redis-cli's HGETALL, Python's and IPython's prompts, pdb
    '3) "password"\n4) "§"',
    ">>> api_key\n'§'",
    "In [3]: password\nOut[3]: '§'",
    "(Pdb) p password\n'§'",
    # rich's Tree and Panel
    "config\n├── user: bob\n└── password\n    └── §",
    "╭──────── Password ────────╮\n│ §                        │\n╰──────────────────────────╯",
    # labels and fields of pages
    "<p><b>Your API key</b>: <code>§</code></p>",
    '<input type="password" name="f" value="§">',
    '<input autocomplete="current-password" name="f" value="§">',
    '<input placeholder="API key" name="f" value="§">',
    # YAML's block with a blank line
    "password: x\nsecret: |\n  a\n\n  §\nuser: b",
    # RFC 5987, in a multipart form
    "--b\nContent-Disposition: form-data; name*=utf-8''pass%77ord\nContent-Type: text/plain\n\n§\n--b--",
    # plistlib
    "<plist><dict><key>tokens</key><array>\n<string>§</string><string>§</string></array></dict></plist>",
]

DOCUMENTS = [
    # pydantic, jsonschema, Zod, Spring
    '{"loc": ["body", "tokens", 0], "msg": "m", "input": "§"}',
    '{"message": "m", "path": ["password"], "instance": "§", "validator": "maxLength"}',
    '{"field": "tokens[0]", "rejectedValue": "§"}',
    # DynamoDB, PartiQL, Firestore, CloudFormation
    '{"Item": {"id": {"S": "1"}, "tokens": {"L": [{"S": "§"}]}}}',
    '{"UpdateExpression": "SET password = :p", "ExpressionAttributeValues": {":p": {"S": "§"}}}',
    (
        '{"KeyConditionExpression": "#t = :t", "ExpressionAttributeNames": {"#t": "token"},'
        ' "ExpressionAttributeValues": {":t": {"S": "§"}}}'
    ),
    '{"Statement": "UPDATE users SET password=? WHERE id=?", "Parameters": [{"S": "§"}, {"S": "1"}]}',
    '{"fields": {"tokens": {"arrayValue": {"values": [{"stringValue": "§"}]}}}}',
    '{"Outputs": [{"OutputKey": "ApiKey", "OutputValue": "§"}]}',
    # graphql-core's nodes
    '{"kind": "argument", "name": {"kind": "name", "value": "password"}, "value": {"kind": "string_value", "value": "§"}}',
    # OpenAPI
    '{"parameters": [{"name": "api_key", "in": "query", "schema": {"type": "string"}, "example": "§"}]}',
    '{"parameters": [{"name": "X-Token", "in": "header", "schema": {"type": "string", "default": "§", "enum": ["§"]}}]}',
]

MESSAGES = [
    # attrs' validators, fastjsonschema, jsonschema
    "(\"'token' must match regex '^$' ('§' doesn't)\", Attribute(name='token'))",
    "'token' must be in ['a', 'b'] (got '§')",
    "'token' must be <class 'int'> (got '§' that is a <class 'str'>).",
    "data.password should NOT be longer than 3 characters, got '§'",
    "'§' is too long at $.password",
    "'§' does not match '^$' at $.password",
    "'§' is not one of ['a', 'b'] at $.password",
    # Zod, Hibernate
    'ZodError: [{"code":"x","path":["password"],"received":"§","message":"m"}]',
    "ConstraintViolationImpl{interpolatedMessage='m', propertyPath=password, rootBeanClass=class U, invalidValue='§'}",
    # jsonpatch, and what says that something was set
    "can't replace non-existent object 'password' with '§'",
    "set 'api_key' to '§'",
    # Slack's blocks, and Markdown
    "*Password:*\n§",
    "**API key:** §\n",
    # translated messages
    "password “§” is wrong",
    "password «§» wrong",
    # OpenAPI in YAML
    "parameters:\n- name: api_key\n  in: query\n  example: §",
]

TALKS = [
    # SMTP, IMAP, Redis
    "AUTH LOGIN\n334 VXNlcm5hbWU6\nYm9i\n334 UGFzc3dvcmQ6\n§\n235 OK",
    "A01 AUTHENTICATE PLAIN\n+\n§",
    'OK\n1339518083.107412 [0 127.0.0.1:60866] "AUTH" "§"',
    "*3\n$4\nAUTH\n$3\nbob\n$16\n§",
]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("text", [*TABLES, *DOCUMENTS, *MESSAGES, *TALKS])
def test_nothing_of_a_secret_leaves(text: str, mark: str) -> None:
    text = text.replace("§", mark)

    assert mark not in scrub(text)


@pytest.mark.parametrize("text", [*TABLES, *DOCUMENTS, *MESSAGES, *TALKS])
def test_nothing_of_it_leaves_in_a_body(text: str) -> None:
    body = text.replace("§", MARKS[1]).encode()

    clean = REDACTION.bodies.json(body) if text in DOCUMENTS else REDACTION.bodies.text(body)

    assert MARKS[1] not in str(clean)


# What such programs print without any secret, or beside one.
PAGES = [
    # Django's admin: one secret in a field of the page, and names in links, classes and labels
    (
        '<!DOCTYPE html><html><head><meta name="viewport" content="width=device-width"><link href="/static/admin/x.css">'
        '</head><body class="app-authtoken"><main id="content-start" class="content" tabindex="-1">'
        '<a href="/authtoken/" class="section">Tokens</a><a href="/password_change/">Change password</a> / <form method="post">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="§"><label for="id_password">Password:</label>\n\n'
        + " "
        * 200
        + '\n<input type="password" name="password" required id="id_password"><input type="hidden" name="next" value="/admin/">'
        '<input type="submit" value="Log in"><td aria-describedby="authtoken-token">Add</td></form></main></body></html>'
    ),
    "<h1>Password reset complete</h1>\n<p>Your password has been set. You may go ahead and log in now.</p>",
    "<h2>Forgot your password?</h2><p>Click <a href='/reset'>here</a>",
    # Amazon S3
    "<Error><Code>SignatureDoesNotMatch</Code><Message>The signature we calculated does not match.</Message></Error>",
    # language models' streams
    'event: delta\ndata: {"choices": [{"logprobs": {"content": [{"token": "tok", "logprob": -0.1}]}}]}\n\ndata: [DONE]\n',
]


@pytest.mark.parametrize("page", PAGES)
def test_what_stands_around_it_stays(page: str) -> None:
    clean = REDACTION.bodies.text(page.replace("§", MARKS[0]).encode())

    assert clean is not None
    assert clean.decode() == page.replace("§", "[REDACTED]")


@pytest.mark.parametrize(
    "document",
    [
        {
            "envFrom": [{"secretRef": {"name": "db"}}],
            "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}},
            "imagePullSecrets": [{"name": "registry"}],
        },
        {
            "token_class": "AccessToken",
            "secret_scanning": {"status": "enabled"},
            "password_mismatch": "The two differ.",
        },
    ],
)
def test_what_is_about_a_secret_stays(document: dict[str, Any]) -> None:
    assert REDACTION.bodies.json(json.dumps(document).encode()) == document


def test_the_events_of_a_stream_are_read_one_by_one() -> None:
    stream = 'event: login\r\ndata: {"user": "bob", "password": "§"}\r\n\r\nid: 7\r\ndata: {"n": 1}\r\n'

    assert scrub(stream.replace("§", MARKS[1])) == stream.replace("§", "[REDACTED]").replace("}\r\n\r", "}\n\r", 1)


@pytest.mark.parametrize(
    "stream",
    [
        'data: {"a":1,\ndata: "secret":\ndata: "§"}\n',
        'event: password=§\ndata: {"a": 1}\n',
        "data: password=§\n\ndata: [DONE]",
        ":" * 5000 + "password=§\ndata: {}",
    ],
)
def test_what_is_no_stream_of_json_is_read_as_a_text(stream: str) -> None:
    assert MARKS[0] not in scrub(stream.replace("§", MARKS[0]))


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("%5B", "%5D")])
def test_what_a_table_is_searched_for_is_masked_beside_its_columns_name(opening: str, closing: str) -> None:
    """DataTables: the names of the columns stay."""
    query = "draw=1&columns[0][data]=name&columns[1][data]=token&columns[1][search][value]=§&columns[1][search][regex]=false"
    query = query.replace("[", opening).replace("]", closing)
    sent = query.replace("§", MARKS[1])

    assert REDACTION.bodies.form(sent.encode()) == query.replace("§", "[REDACTED]").encode()
    assert REDACTION.uri(f"http://h/?{sent}") == f"http://h/?{query.replace('§', 'REDACTED')}"


@pytest.mark.parametrize("value", [["§"], ["bob", "§"], '["§"]', '{"a": "§"}'])
def test_a_list_of_secrets_in_an_attribute_is_masked_by_its_name(value: Any) -> None:
    """It comes as a list or as the text that it was made."""
    metadata = json.loads(
        json.dumps({"app.tokens": value, "app.notes": ["a", "b"], "app.brief": "[a"}).replace("§", "x1y2z3")
    )

    REDACTION.metadata(metadata)

    assert metadata == {"app.tokens": "[REDACTED]", "app.notes": ["a", "b"], "app.brief": "[a"}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "protocols",
    [
        "access_token, §",
        "graphql-ws,token.§",
        "Bearer, §",
        "aws.iot.mqtt, bearer-§",
        "base64url.bearer.authorization.k8s.io.§, base64.binary.k8s.io",
        "realtime, openai-insecure-api-key.§, openai-beta.realtime-v1",
    ],
)
def test_a_web_sockets_protocols_tell_no_credential(protocols: str, mark: str) -> None:
    """Browsers can send a credential with no other header."""
    request = {"uri": "http://h/ws", "headers": {"Sec-Websocket-Protocol": protocols.replace("§", mark)}}
    event = {"request": request}

    REDACTION.envelope(event)

    assert request["headers"] == {"Sec-Websocket-Protocol": protocols.replace("§", "[REDACTED]")}


@pytest.mark.parametrize(
    "protocols",
    ["access_token, §", "token.§", "chat, Bearer §", "chat, password=§", "chat, ghp_abcdefghijklmnopqrstuvwxyz§"],
)
def test_nor_do_those_of_an_event_from_elsewhere(protocols: str) -> None:
    for name in ("Sec-WebSocket-Protocol", "sec-websocket-protocol"):
        headers = {name: protocols.replace("§", "hunter2X9q")}

        REDACTION.foreign_event({"request": {"headers": headers}})

        assert "hunter2X9q" not in headers[name]


def test_all_protocols_go_where_the_header_is_a_secret() -> None:
    redaction = Redaction(headers=["sec-websocket-protocol"])
    foreign, live = {"Sec-WebSocket-Protocol": "chat, x"}, {"Sec-Websocket-Protocol": "chat, x"}

    redaction.foreign_event({"request": {"headers": foreign}})
    redaction.envelope({"request": {"uri": "http://h/ws", "headers": live}})

    assert {*foreign.values(), *live.values()} == {"[REDACTED]"}


def test_ordinary_protocols_stay() -> None:
    for protocols in ("graphql-transport-ws", "graphql-ws, graphql-transport-ws", "v12.stomp, mqtt", "ocpp2.0.1"):
        event: dict[str, Any] = {"request": {"uri": "http://h/ws", "headers": {"Sec-Websocket-Protocol": protocols}}}

        REDACTION.envelope(event)

        assert event["request"]["headers"] == {"Sec-Websocket-Protocol": protocols}
