"""Secrets that a structure tells by what kind of document it is: queries, methods, tables, lists; and what looks alike."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction

REDACTION = Redaction()
MARK = "hunter2X9q"
WORD = "correct"

STATEMENTS: list[Any] = [
    {"sql": "SELECT * FROM u WHERE password = @p", "params": {"p": WORD}},
    {"query": "SELECT * FROM c WHERE c.password = @p", "parameters": [{"name": "@p", "value": WORD}]},
    {"statement": "MATCH (u {password:$p}) RETURN u", "parameters": {"p": WORD}},
    {"query": "FOR u IN users FILTER u.token == @t RETURN u", "bindVars": {"t": WORD}},
    {"query": "SELECT 1 FROM t WHERE token=@t", "queryParameters": [{"name": "t", "parameterValue": {"value": WORD}}]},
    {"query": "FROM u | WHERE token == ?", "params": [WORD]},
    {"script": {"source": "ctx._source.token = params.t", "params": {"t": WORD}}},
    {"script": {"source": "ctx._source['token'] = params['t']", "params": {"t": WORD}}},
    {"gremlin": "g.V().has('token', t)", "bindings": {"t": WORD}},
    {"filter": "token={:p}", "params": {"p": WORD}},
    {"QueryString": "SELECT * FROM t WHERE token = ?", "ExecutionParameters": [WORD]},
    {"query": "query($t:String!){user(where:{token:{_eq:$t}}){id}}", "variables": {"t": WORD}},
    {"query": "query($t:[String!]){user(where:{token:{_in:[$t]}}){id}}", "variables": {"t": [WORD]}},
    {"query": "mutation($p: String!) { login(password: $p) }", "variables": json.dumps({"p": WORD})},
    {"query": "mutation($a:String!){changePassword(new:$a){ok}}", "variables": {"a": WORD}},
    {"query": "mutation($a:String!){resetUserPassword(a:$a){ok}}", "variables": {"a": WORD}},
]
METHODS: list[Any] = [
    {"name": "login", "arguments": {"u": "bob", "p": WORD}},
    {"type": "tool_use", "name": "login", "input": {"u": "bob", "p": WORD}},
    ["login", "bob", MARK],
    {"method": "changePassword", "params": ["bob", WORD]},
    {"method": "user.set_password", "params": {"new": WORD}},
    {"method": "verifyToken", "params": [WORD]},
    {"method": "walletpassphrase", "params": [WORD, 60]},
    {"method": "mining.authorize", "params": ["bob", WORD]},
    {"name": "set_password", "arguments": json.dumps({"value": WORD})},
    {"method": "personal_unlockAccount", "params": ["0x1", WORD, 300]},
    {"method": "personal_newAccount", "params": [WORD]},
    {"method": "encryptwallet", "params": [WORD]},
    {"method": "importprivkey", "params": [MARK]},
    {"method": "signin", "params": ["bob", WORD]},
    {"method": "auth", "params": [WORD]},
    {"function": {"name": "reset_api_key", "arguments": {"new": WORD}}},
]
TABLES: list[Any] = [
    {"resultSetMetaData": {"rowType": [{"name": "TOKEN"}]}, "data": [[WORD]]},
    {"schema": {"fields": [{"name": "id"}, {"name": "token"}]}, "data": {"values": [["a", "b"], [WORD, WORD]]}},
    {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "id"}, {"VarCharValue": "token"}]}, {"Data": ["1", WORD]}]}},
    {"metadata": {"columns": [{"name": "token"}]}, "data": {"rows": [[WORD]]}},
    {"Tables": [{"Columns": [{"ColumnName": "id"}, {"ColumnName": "token"}], "Rows": [[1, WORD]]}]},
    {"manifest": {"schema": {"columns": [{"name": "token"}]}}, "result": {"data_array": [[WORD]]}},
    {"meta": {"view": {"columns": [{"name": "token"}]}}, "data": [[WORD]]},
    {"cols": [{"id": "a", "label": "token"}], "rows": [{"c": [{"v": WORD}]}]},
    {"columns": [{"text": "token", "type": "string"}], "rows": [[WORD]]},
]
LISTS: list[Any] = [
    ["Host", "x", "X-Api-Key", MARK],
    {"rawHeaders": ["Host", "x", "X-Api-Key", WORD]},
    ["HSET", "user:1", "password", WORD],
    ["SET", "token", WORD],
    ["SETEX", "token", 60, WORD],
    ["AUTH", WORD],
    ["AUTH", "bob", WORD],
    ["HELLO", 3, "AUTH", "bob", WORD],
    ["CONFIG", "SET", "requirepass", WORD],
    ["set", "a", "password", "482913"],
    {"==": [{"var": "token"}, WORD]},
    ["==", ["get", "token"], WORD],
    ["=", "token", WORD],
]
KINDS: list[Any] = [
    {"data": {"type": "tokens", "attributes": {"value": WORD}}},
    {"type": "api-key", "attributes": {"key": MARK}},
    {"object": "api_key", "value": WORD},
    {"__typename": "ApiKey", "value": WORD},
    {"model": "authtoken.token", "fields": {"key": MARK}},
    {"custom_field": {"name": "Password"}, "value": WORD},
    {"attribute_code": "password", "value": WORD},
    {"displayName": "Password", "newValue": WORD},
    {"left": "password", "op": "=", "right": WORD},
]
ORDINARY: list[Any] = [
    {"sql": "SELECT * FROM u WHERE id = @p", "params": {"p": WORD}},
    {"message": "Hello :name, your password was reset", "params": {"name": "Bob"}},
    {"query": "how do I change my password?", "params": {"page": 2}},
    {"statement": "MATCH (u {name:$n, token_type:$t}) RETURN u", "parameters": {"n": "bob", "t": "a"}},
    {"query": "mutation($i:ID!){changePassword(userId:$i){ok}}", "variables": {"i": "42"}},
    {"query": "query($i:ID!){token(id:$i){name}}", "variables": json.dumps({"i": "42"})},
    {"query": "query($p: String!) { password(x: $p) }", "variables": "p"},
    {"method": "deleteToken", "params": ["42"]},
    {"method": "tokens.list", "params": {"page": 2}},
    {"method": "getTokenBalance", "params": ["0x1"]},
    {"method": "setTokenUri", "params": ["https://a.test"]},
    {"name": "token_lookup", "arguments": {"id": 3}},
    {"metadata": {"columns": [{"name": "token_type"}]}, "data": {"rows": [["bearer"]]}},
    {"schema": {"fields": [{"name": "id"}]}, "data": {"values": [["a"]]}},
    {"meta": {"tags": ["token", "b"]}, "data": [["a", "b"]]},
    {"schema": {"fields": [{"name": "token"}]}, "data": {"values": "none"}},
    [{"row": {"id": 1}}, {"row": {"id": 2}}],
    {"fields": ["email", "password", "address1", "city"]},
    ["login", "password", "password2"],
    {"readOnlyProperties": ["/properties/Id", "/properties/Token", "/properties/S3ConfigArn"]},
    ["user", "password", "qwertyuiop"],
    ["GET", "token", "a"],
    ["SET", "user", "bob"],
    ["HSET", "user:1", "token"],
    ["HELLO", "token", "a"],
    [{"name": "password"}, {"name": "email"}],
    [{"var": "name"}, "bob"],
    ["==", ["get", "name"], "bob"],
    ["==", ["a", "b", "token"], "bob"],
    {"rawHeaders": ["Host", "x", "Accept", "y"]},
    {"type": "tokens", "attributes": {"name": "ci", "key": "ci", "value": True}},
    {"type": "token_type", "value": "bearer"},
    {"object": "list", "value": "bob"},
    {"type": "tokens", "attributes": ["a", "b"]},
    {"custom_field": {"name": "Colour"}, "value": "red"},
    {"displayName": "The Secret Garden", "value": 3},
    {"left": 10, "right": 20},
]


TEXTS = [
    "==>  Preparing: SELECT * FROM u WHERE name = ? AND password = ?\n==> Parameters: bob(String), correct(String)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_is_masked_that_a_statement_in_a_log_leaves_to_a_parameter(text: str) -> None:
    assert not holds(REDACTION.text(text))


@pytest.mark.parametrize("text", ["The token endpoint.\nParameters: a(b), c", "==> Parameters: a(String), b(Integer)"])
def test_parameters_of_no_secret_stay(text: str) -> None:
    assert REDACTION.text(text) == text


def holds(document: Any) -> bool:
    text = json.dumps(document)
    return any(each in text for each in (MARK, WORD, "482913"))


@pytest.mark.parametrize("document", [*STATEMENTS, *METHODS, *TABLES, *LISTS, *KINDS], ids=repr)
def test_a_secret_is_masked_that_the_kind_of_document_tells(document: Any) -> None:
    masked = REDACTION.structure(copy.deepcopy(document))
    assert not holds(masked)
    assert MASKED in json.dumps(masked)
    assert not holds(REDACTION.bodies.json(json.dumps(document).encode()))
    assert not holds(REDACTION.text(json.dumps({"a": json.dumps(document)})))


@pytest.mark.parametrize("document", ORDINARY, ids=repr)
def test_what_only_looks_like_such_a_document_stays(document: Any) -> None:
    assert REDACTION.structure(copy.deepcopy(document)) == document


def test_beside_the_secret_of_such_a_document_the_rest_stays() -> None:
    statement = {"statement": "MATCH (u {name:$n, token:$t})", "parameters": {"n": "bob", "t": WORD}}
    assert REDACTION.structure(statement)["parameters"] == {"n": "bob", "t": MASKED}
    assert REDACTION.structure(["HSET", "a", "password", WORD, "email", "b"])[-2:] == ["email", "b"]
    assert REDACTION.structure({"rawHeaders": ["Host", "x", "Cookie", WORD]}) == {
        "rawHeaders": ["Host", "x", "Cookie", MASKED]
    }
