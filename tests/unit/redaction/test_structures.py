"""Secrets that a structure names on another level, under other keys, or several at once; and what looks alike."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction
from opentelemetry_exporter_moesif.redaction.levels import TooDeepError

REDACTION = Redaction()
MARK = "hunter2X9q"

SECRETS: list[Any] = [
    {"n": "password", "x": MARK},
    {"x": MARK, "f": "api_key"},
    {"fieldName": "password", "fieldValue": MARK},
    {"header_name": "Authorization", "header_value": MARK},
    {"key": "password", "stringValue": MARK},
    {"key": "password", "data": MARK},
    {"key": "password", "value": {"stringValue": MARK}},
    {"name": {"$t": "password"}, "value": {"$t": MARK}},
    {"type": "password", "attributes": {"value": MARK}},
    {"id": "password", "data": {"meta": {"value": MARK}}},
    {"field": "password", "message": [MARK]},
    {"field": "password", "message": f"'{MARK}' is too short"},
    {"auth": ["bob", MARK]},
    {"tokens": MARK},
    ["token", "=", MARK],
    {"where": [["password", "==", MARK]]},
    {"columns": [{"name": "user", "type": "text"}, {"name": "password"}], "rows": [["bob", MARK]]},
    {"columns": [{"field": "a"}, {"field": "b", "headerName": "Password"}], "rows": [{"a": "bob", "b": MARK}]},
    {"columns": [{"dataIndex": "c1", "title": "API key"}], "dataSource": [{"c1": MARK}]},
    {"columnDefs": [{"field": "b", "headerName": "Your password"}], "rowData": [{"a": 1}, 5, {"b": MARK}]},
    {"headers": [{"text": "Password", "value": "b"}], "items": [{"b": MARK}]},
    {"columns": [{"accessorKey": "b", "header": "Password"}], "data": {"rows": [{"b": MARK}]}},
    {"schema": {"fields": [{"name": "user"}, {"name": "token"}]}, "rows": [{"f": [{"v": "bob"}, {"v": MARK}]}]},
    {"kind": "E", "path": ["user", "password"], "lhs": "x", "rhs": MARK},
    {"argumentName": "password", "argumentValue": MARK},
    {"title": "Password", "description": MARK},
    {"service": "object", "method": "execute_kw", "args": ["db", 2, MARK, "res.partner", "read"]},
    {"creds": MARK},
    {"$push": {"tokens": MARK}},
    {"$push": {"tokens": {"$each": [MARK], "$slice": -5}}},
    {"$pull": {"api_keys": {"$in": [MARK]}}},
    {"tokens": ["the", MARK]},
    {"password": f"Password {MARK}", "user": "User"},
    {"secretKeyRef": MARK},
    {"secretRef": MARK.lower()},
    {"imagePullSecrets": [{"name": MARK}]},
    {"imagePullSecrets": [MARK]},
    {"secretRef": {"name": f"a {MARK}"}},
    {"serviceAccountToken": {"path": f"a {MARK}"}},
    {"paths": {"/token": {"get": {"summary": MARK}}}},
    {"paths": {"/token": {"get": {"description": ["a", MARK]}}}},
    {"paths": {"/token": {"get": {"tags": MARK}}}},
    {"paths": {"/token": {"get": {"responses": {"200": MARK}}}}},
    {"paths": {"/token": {"get": {}, "summary": MARK}}},
    {"auth": f"bob:{MARK}"},
    {"http_auth": f"bob:{MARK}"},
    {"basic_auth": f"bob:{MARK}"},
    {"tokens": [MARK]},
    {"accessTokens": [{"a": 1}, MARK]},
    {"tokens": {"access": MARK}},
    {"command": ["login", "--password", MARK]},
    [["password", MARK]],
    [["user", "password"], ["bob", MARK]],
    [["id", "token", "user"], ["1", MARK, "bob"], ["2", MARK, "ann"]],
    {"kind": "Secret", "data": {"x": MARK}},
    {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": {"b": MARK}}},
    {"keys": [{"kty": "oct", "k": MARK}]},
    {"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": MARK},
    {"query": "mutation($p: String!) { login(name: $n, password: $p) }", "variables": {"n": "bob", "p": MARK}},
    {"sql": "SELECT 1 FROM users WHERE password = ?", "params": [MARK]},
    {"statement": "INSERT INTO users (name, api_key) VALUES ($1, $2)", "values": ["bob", MARK]},
    {"ParameterKey": "password", "ParameterValue": MARK},
    {"meta_key": "api_key", "meta_value": MARK},
    {"dataPath": ".password", "data": MARK},
    {"pw": MARK},
    {"wifi": {"psk": MARK}},
    ["X-Api-Key", MARK],
    {"columns": ["Name", "New password"], "rows": [["ann", MARK]]},
    {"columns": ["user", "db_password"], "row": ["ann", MARK]},
    {"label": "Enter your API key", "value": MARK},
    {"question": "What is your password?", "answer": MARK},
    {"title": "Access token", "value": MARK},
    {"label": "Password (8 letters) *", "value": MARK},
    {"name": "Wifi password 2", "value": MARK},
    {"name": "the db_password", "value": MARK},
    {"tags": [{"Key": "password", "Value": MARK}]},
    {"token": "Hello", "logprob": -0.1, "password": MARK},
    {"token": MARK, "logprob": "none"},
    {"secret": {"secretName": "db", "value": MARK}},
    {"kind": "ServiceAccount", "secrets": [MARK]},
    {"secrets": [MARK]},
    {"secret": {"status": MARK}},
    {"cmd": ["mysql", f"-p{MARK}"]},
    {"cmd": ["curl", "-u", f"bob:{MARK}"]},
    {"cmd": ["curl", f"-ubob:{MARK}", "https://x.test/"]},
    {"process.command_args": ["sshpass", "-p", MARK, "ssh", "x"]},
    {"args": ["redis-cli", "-a", MARK, "get x"]},
    {"args": ["docker", "login", "-u", "bob", "-p", MARK]},
    {"password": "is hunter2X9q required", "a": 1},
    {"password": [MARK, "This field is required."]},
    {"pass": 42, "a": "pass=hunter2X9q"},
    {"type": "missing", "loc": ["body", "password", "value"], "input": {"val": MARK}},
    {"type": "missing", "loc": ["body", "password"], "input": MARK},
    {"type": "missing", "loc": ["body", "password"], "input": {"value": MARK}},
    {"type": "missing", "loc": "password", "input": {"a": MARK}},
    {"/token": {"head": 1, "value": MARK}},
    {"/token": {"post": {"value": MARK}}},
    {"secret": {"secretName": {"a": MARK}}},
    {"secret": {"status": ["enabled", MARK]}},
    {"/token": {"head": {}, "value": MARK}},
    {"token": MARK, "token_str": MARK, "score": 0.5},
    {"errors": {"field": "password", "value": MARK}},
    {"errors": {"field": "password", "token": "Token is invalid or expired", "value": MARK}},
    {"errors": {"password": MARK, "token": f"must be {MARK}"}},
    {"scope": "token:hunter2X9q"},
    {"/token": {"value": MARK}},
    {"paths": {"/token": {"post": {"parameters": [{"name": "token", "default": MARK}]}}}},
    {"auth": MARK},
    {"auth": f"Basic {MARK}"},
    {"jsonrpc": "2.0", "method": "login", "params": ["bob", MARK]},
    {"params": {"service": "common", "method": "common.authenticate", "args": ["db", "bob", MARK]}},
    {"ExpressionAttributeNames": {"#p": "password"}, "ExpressionAttributeValues": {":p": {"S": MARK}}},
]
ORDINARY: list[Any] = [
    {"max_tokens": 4096, "total_tokens": 17},
    {"tokens": 5},
    {"tokens": [101, 7592, 102]},
    {"tokens": {"prompt": 5, "completion": 7}},
    {"assertions": ["a is b"]},
    {"tokens": ["the", "cat", "sat"]},
    {"tokens": ["[CLS]", "\u2581international", "##ing", "\u0120brown", "."], "ids": [101, 7592, 102, 5, 6]},
    {"tokens": [{"token": "quick", "start_offset": 4, "end_offset": 9, "type": "word", "position": 1}]},
    {"tokens": "1,024"},
    {"columns": [{"name": "user"}, {"name": "token_type"}], "rows": [["bob", "bearer"]]},
    {"columns": [{"name": "user"}, {"name": "password"}], "order": ["a", "b"]},
    {"columns": [{"field": "b", "headerName": "Token type"}], "rows": [{"b": "bearer1x"}]},
    {"columns": [{"field": "a", "title": "User"}, {"field": "b", "title": "Password"}], "rows": [{"a": "bob42x"}]},
    {"columns": [{"field": "b", "headerName": "Change password"}], "rows": [{"b": "correct"}]},
    {"where": [["name", "=", "bob"], ["token", "and", "name"]]},
    {"title": "Password", "description": "The password of the user"},
    {"$push": {"names": "bob"}},
    {"en": {"user_name": "User name", "password": "Password", "api_key": "API key"}},
    {"token_duration": 3600, "token_policies": ["default"], "token_period": 0, "password_label": "Kennwort"},
    {"secretRef": "db-password", "imagePullSecrets": "regcred"},
    {"properties": {"secretKeyRef": {"type": "object", "properties": {"name": {"type": "string"}}}}},
    {"paths": {"/token": {"get": {"tags": ["OAuth2"], "operationId": "login_for_access_token_token_post"}}}},
    {"auth": "required"},
    {"auth": {"kind": "oauth2"}},
    {"auth": "https://id.test:8443/"},
    {"auth": [1, 2]},
    {"auth": "OAuth2Bearer"},
    {"auth": "user-service-v2"},
    {"auth": "Basic plan"},
    {"method": "list", "params": ["a", "b"]},
    {"ExpressionAttributeNames": {"#n": "name"}, "ExpressionAttributeValues": {":n": {"S": "ann"}}},
    {"n": "name", "x": "ann"},
    {"grant_type": "password", "username": "bob"},
    {"error": "invalid_token", "error_description": "it has expired"},
    {"e": "invalid_token", "d": "it has expired"},
    {"event": "password_reset", "user": "bob"},
    {"id": "password", "data": {"name": "ann", "value": "shown"}},
    {"authentication": {"enabled": "yes"}},
    {"field": "password", "message": "it is too short"},
    {"password": None, "token": True, "secret": False},
    [["user", "email"], ["bob", "x"]],
    [["host", "api.test"], ["accept", "*/*"]],
    {"kind": "ConfigMap", "data": {"x": "shown"}},
    {"kty": "EC", "crv": "P-256", "x": "shown", "y": "shown", "kid": "7"},
    {"query": "query($id: ID!) { user(id: $id) { name } }", "variables": {"id": "7"}},
    {"sql": "SELECT name FROM items WHERE id = ?", "params": ["shown"]},
    {"message": "Which token?", "args": ["shown"]},
    {"k": "v", "d": 1, "p": 0.5, "q": "shoes"},
    {"config_key": "color", "config_value": "red"},
    {"values": [[1, "Ann", "forgot her password"], [2, "Bob", "wants a refund"]]},
    {"labels": ["Visits", "Password resets"], "data": [10, 20]},
    {"labels": ["Visits", "Reset password"], "data": [10, 20]},
    {"titles": ["The Secret Garden", "Emma"], "prices": [10, 12]},
    {"tags": ["secret", "garden"]},
    {"title": "The Secret Garden", "content": "shown"},
    {"question": "How do I reset my password?", "answer": "shown"},
    {"title": "Password manager", "value": 29.99},
    {"label": "Reset password", "value": "reset"},
    {"name": "Secret Santa Kit", "text": "shown"},
    {"name": "The very long password", "text": "shown"},
    {"lines": ["I forgot my password", "shown"]},
    ["Reset password", "Log out"],
    {"top_logprobs": [{"token": "Hello", "logprob": -0.1}, {"token": "Hi", "logprob": -1}]},
    {"cmd": ["mysql", "-h", "db.test", "-e", "select 1"]},
    {"cmd": ["ls", "-l", "a b"], "n": ["-5", "7"]},
    ["-p", 1],
    {"security": [{"api_key": []}], "credentials": {}},
    {"required": ["password", "email"], "properties": {"password": {"type": "string", "minLength": 8}}},
    {"definitions": {"Token": {"$ref": "#/definitions/Text", "description": "What was issued"}}},
    {"$defs": {"ApiKey": {"anyOf": [{"type": "string", "maxLength": 64}, {"type": "null"}]}}},
    {"schemas": {"Credentials": {"type": "object", "required": ["user", "password"], "properties": {"user": {}}}}},
    {"properties": {"tokens": {"type": ["array", "null"], "items": {"type": "string"}, "title": "Tokens"}}},
    {
        "securitySchemes": {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            "PasswordBearer": {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "token"}}},
        }
    },
    {
        "grant_types_supported": ["password", "refresh_token"],
        "response_types_supported": ["token", "id_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes": ["token", "email"],
    },
    {
        "password": [
            "This password is too short. It must contain at least 8 characters.",
            "This password is too common.",
        ]
    },
    {"errors": {"password": ["The password field is required."], "api_key": "must not be blank"}},
    {"errors": {"token": "Token is invalid or expired", "secret": "Can't be blank, and must have 8 letters or more"}},
    {"detail": {"password": "This field is required."}},
    {"field": "password", "message": "can't be blank"},
    {"detail": [{"type": "missing", "loc": ["body", "password"], "msg": "Field required", "input": {"user": "bob"}}]},
    {"limits": {"api_keys": 5, "secrets": 12345}, "Token 1": 5},
    {"token": 3000, "token_str": "paris", "score": 0.1},
    {"paths": {"/token": {"post": {"summary": "Issues one", "responses": {"200": {"description": "OK"}}}}}},
    {"token_lifetime_seconds": 3600, "password_days": 90},
    {"allowCredentials": [{"id": "x", "type": "public-key"}], "imagePullSecrets": [{"name": "regcred"}]},
    {"permissions": ["tokens:read", "secrets:write"], "scope": "openid token:read"},
    {"events": ["token.created", "token.revoked"], "roles": ["admin", "api_key"]},
    {"token_types": ["bearer"], "AuthorizationScopes": ["read"], "password_lengths": [8, 64]},
]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "default": MARK},
        {"type": "string", "title": "The key", "examples": [MARK]},
        {"type": ["string", "null"], "enum": [MARK, None]},
        {"anyOf": [{"type": "string", "const": MARK}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string", "x-example": MARK}},
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"default": MARK}}}}},
        {"type": "string", "description": f"as in password='{MARK}'"},
        {"type": "text", "title": MARK},
        {"$ref": MARK},
        {"type": [], "title": MARK},
        {"type": "string", "title": MARK},
        {"type": "string", "minLength": MARK},
        {"type": "string", "format": MARK},
        {"type": "string", "in": MARK, "name": MARK},
        {"type": "http", "scheme": MARK, "bearerFormat": MARK},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": [MARK]},
        {"type": "object", "required": [MARK]},
        {"type": "oauth2", "scopes": [MARK]},
        {"type": "oauth2", "scopes": {"a": MARK}},
        {"title": MARK},
    ],
)
def test_of_a_secrets_schema_the_values_that_it_quotes_are_masked(schema: Any) -> None:
    for holder in ("properties", "$defs", "schemas", "definitions"):
        document = {holder: {"api_key": schema, "name": {"type": "string", "default": "shown"}}}

        clean = REDACTION.structure(copy.deepcopy(document))

        assert MARK not in json.dumps(clean)
        assert clean[holder]["name"] == {"type": "string", "default": "shown"}


@pytest.mark.parametrize("keyword", ["items", "properties"])
def test_the_schema_of_a_secret_is_read_two_hundred_levels_deep_and_no_more(keyword: str) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        schema = {"type": "object", keyword: {"items": schema}}

    with pytest.raises(TooDeepError):
        REDACTION.structure({"properties": {"password": schema}})


@pytest.mark.parametrize("document", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_masked_wherever_its_name_stands(document: Any) -> None:
    assert MARK not in json.dumps(REDACTION.bodies.json(json.dumps(document).encode()))
    assert MARK not in json.dumps(REDACTION.structure(copy.deepcopy(document)))


@pytest.mark.parametrize("document", ORDINARY, ids=range(len(ORDINARY)))
def test_what_only_looks_alike_stays_as_it_is(document: Any) -> None:
    assert REDACTION.structure(copy.deepcopy(document)) == document
    assert REDACTION.bodies.json(json.dumps(document).encode()) == document


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_two_hundred_levels_are_read_and_no_more(opening: str, closing: str) -> None:
    def nested(levels: int) -> bytes:
        return f"{opening * levels}\"password='x'\"{closing * levels}".encode()

    assert b"x" not in json.dumps(REDACTION.bodies.json(nested(200))).encode()
    with pytest.raises(TooDeepError):
        REDACTION.bodies.json(nested(201))


@pytest.mark.parametrize(
    "document",
    [
        {"secret": "the password is 123"},
        {"password": "this is a secret"},
        {"password": "this is a password"},
        {"password": "enter your password"},
        {"password": ["this is a secret"]},
        {"password": "password is password"},
        {"backup_codes": 12345678},
        {"passwords": 12345678},
        {"passwords": 12},
        {"api_keys": 12345678},
        {"Security code": 99},
        {"secret": "pin code 123"},
        {"password": "correct letters match"},
        {"password": "required"},
        {"password": 5},
        {"pass": 12},
        {"Wifi password": 12345678},
        {"Wifi password": 1234},
        {"password": "must be Correct horse"},
        {"password": "Password"},
        {"tokens": ["word"]},
        {"passwords": ["the", "cat"]},
    ],
)
def test_a_secret_that_is_like_a_message_or_a_count_is_masked(document: dict[str, Any]) -> None:
    assert REDACTION.structure(dict(document)) == dict.fromkeys(document, MASKED)


def test_an_account_in_base64_is_masked() -> None:
    assert REDACTION.structure({"auths": {"r.test": {"auth": "Ym9iOmh1bnRlcjJYOXE="}}}) == {
        "auths": {"r.test": {"auth": MASKED}}
    }


def test_what_stands_beside_it_is_told() -> None:
    document = {"type": "password", "attributes": {"value": MARK, "note": "shown"}, "rank": 7}

    assert REDACTION.structure(document) == {
        "type": "password",
        "attributes": {"value": MASKED, "note": "shown"},
        "rank": 7,
    }


def test_of_a_list_of_arguments_the_secret_ones_are_masked_alone() -> None:
    for given, secret in [
        (["mysql", "-u", "bob", f"-p{MARK}", "a b"], [3]),
        (["curl", "-s", "-u", f"bob:{MARK}", "https://x.test/"], [3]),
        (["HELLO", "3", "AUTH", "bob", MARK, "-x"], [3, 4]),
    ]:
        expected = [MASKED if place in secret else each for place, each in enumerate(given)]
        assert REDACTION.structure(list(given)) == expected
        assert REDACTION.structure(tuple(given)) == expected


def test_tags_that_are_listed_are_masked_all_the_same() -> None:
    assert Redaction(fields=["tags"]).structure({"tags": ["a", "b"]}) == {"tags": MASKED}


def test_a_table_keeps_what_stands_in_its_other_columns() -> None:
    table = [["user", "password"], ["bob", MARK], ["ann"], "x"]

    assert REDACTION.structure(table) == [["user", "password"], ["bob", MASKED], ["ann"], "x"]


def test_rows_of_another_length_than_the_columns_are_none() -> None:
    table = {"columns": ["a", "password"], "rows": [["b", "c"], ["d"], "xy"]}

    assert Redaction().structure(table) == {"columns": ["a", "password"], "rows": [["b", MASKED], ["d"], "xy"]}


@pytest.mark.parametrize("fields", [{"tokens": ["48213", "99211"]}, {"token": "hunter2maRk9x", "start_offset": 0}])
def test_numbers_are_no_text_in_pieces_and_one_place_tells_no_piece(fields: dict[str, object]) -> None:
    assert MASKED in Redaction().structure(fields).values()
