"""JSON in a text: what is no secret is written as it was, to the last digit."""

from __future__ import annotations

import json

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction, scrub

BODIES = Redaction().bodies


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            '{"password":"x","id":12345678901234567890123,"p":1.10}',
            '{"password": "[REDACTED]", "id": 12345678901234567890123, "p": 1.10}',
        ),
        ('[{"token":1.5},[-0.0,2.50E+3,{"a":{}}],[]]', '[{"token": "[REDACTED]"}, [-0.0, 2.50E+3, {"a": {}}], []]'),
        ('{"a":"password","b":12}', '{"a": "password", "b": "[REDACTED]"}'),
        ('{"a":1.50}\n{"password":"x","a":1.50}\n', '{"a":1.50}\n{"password": "[REDACTED]", "a": 1.50}\n'),
        (
            '{"password":"x","a":true,"b":null,"c":"\\u00e9\\n"}',
            '{"password": "[REDACTED]", "a": true, "b": null, "c": "é\\n"}',
        ),
    ],
)
def test_numbers_beside_a_secret_stay_as_they_are_written(text: str, clean: str) -> None:
    assert scrub(text) == clean
    assert BODIES.text(text.encode()) == clean.encode()


@pytest.mark.parametrize(
    "text", ['{"id":12345678901234567890123,"p":1.10,"text":"a token"}', '{"tokens_used": 1e999, "a" : 1}']
)
def test_json_without_secrets_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("text", ['{"password":"hunter2","password":null}', '{"a":"password=hunter2","a":"token"}'])
def test_a_secret_is_masked_whose_name_comes_again_without_one(text: str) -> None:
    assert "hunter2" not in scrub(text)


ROWS = '{"columns":["id","token"],"rows":[[1,"hunter2X9q"]]}'


@pytest.mark.parametrize(
    "text",
    [
        f"cb({ROWS})",
        f"/**/ a.b$1({ROWS});\n",
        f")]}}',\n{ROWS}",
        f"for(;;);{ROWS}",
        f"{ROWS},",
        f"[12] POST /a failed: {ROWS}",
        'request: ["AUTH", "hunter2X9q"]',
        f'<script type="application/json">{ROWS}</script>',
        f'<p>a</p><script id=a type=application/ld+json>{ROWS}</script><script type="application/json">1</script>',
        '42["login","bob","hunter2X9q"]',
        '42/chat,7["changePassword","hunter2X9q"]',
        'a["{\\"method\\":\\"login\\",\\"params\\":[\\"bob\\",\\"hunter2X9q\\"]}"]',
        '{"type":1,"target":"ChangePassword","arguments":["bob","hunter2X9q"]}\x1e',
        f"\x1e{ROWS}\n\x1e{ROWS}\n",
        '["id","password"]\n[1,"hunter2X9q"]\n',
        '["token","id"]\n["String","UInt64"]\n\n["hunter2X9q",1]',
    ],
)
def test_json_is_read_whatever_stands_around_it(text: str) -> None:
    assert "hunter2X9q" not in scrub(text)
    assert "[REDACTED]" in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        'cb({"columns":["id","token_type"],"rows":[[1,"a"]]});',
        'cb({"a": 1}) is called with a token',
        '42["message","token","a"]',
        'The token endpoint answered {0} with {"a": ["b"], "token_type": "c"}',
        'none of the tokens {"a", ["b"]]',
        '42["token list"]',
        '42[1, 2, "a token\'s"]',
        '["id","name"]\n[1,"a token"]\n',
        '["id","token","a"]\n["String"]\n',
        '<script type="application/json">{"token_type": "a"}</script>',
        '<script type="application/json">{"token_type": ',
    ],
)
def test_json_with_something_around_it_stays_where_it_holds_no_secret(text: str) -> None:
    assert scrub(text) == text


def test_rows_below_a_line_of_names_keep_their_numbers_and_their_lines() -> None:
    assert scrub('["id","token"]\n\n[1.50,"x"]\n') == '["id", "token"]\n\n[1.50, "[REDACTED]"]\n'


def test_what_stands_before_json_is_read_too() -> None:
    assert scrub(f"password=hunter2X9q {ROWS}").count("hunter2X9q") == 0


@pytest.mark.parametrize("times", range(1, 6))
@pytest.mark.parametrize("name", ["\uff53\uff45\uff53\uff53\uff49\uff4f\uff4e_hash", "secre\uff54", "t\u043eken"])
def test_a_name_in_odd_letters_is_found_in_json_within_json(name: str, times: int) -> None:
    mark = "hunter" * 16
    text = json.dumps({name: mark})
    for _ in range(times):
        text = json.dumps(text)

    assert mark not in scrub(text)
    assert mark not in json.dumps(BODIES.json(text.encode()))
