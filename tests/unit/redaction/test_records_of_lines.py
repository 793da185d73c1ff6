"""Lines that are a small object: YAML, TOML, INI and the events of a stream are looked at as JSON is."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.masks import MASKED

REDACTION = Redaction()


@pytest.mark.parametrize(
    "text",
    [
        "type: otp\ncode: <482913>",
        "type: otp\r\ncode: <482913>\r\n",
        "code: <482913>\ntype: otp\n",
        "type: otp\ncode: <048291>",
        'type = "otp"\ncode = "<482913>"',
        'send(\n    type="otp",\n    code="<482913>",\n)',
        "subject: Your OTP\ntext: <482913>",
        "- question: What is your name?\n  answer: Bob1234567x\n- question: What is the password?\n  answer: <hunter2x9>",
        'errors:\n- field: password\n  message: "<hunter2x9> is too short"',
        'event: verify_otp\ndata: {"code": "<482913>"}\n\nevent: ping\ndata: {"code": "482913"}',
        "event: token\ndata: <hunter2x9>",
        '[secrets]\nfoo = "<hunter2x9>"\n\n[other]\nfoo = "hunter2x8"',
        '[passwords]\nbob = "<hunter2x9>"',
        '[passwords]\nbob = ""\nbob = "<hunter2x9>"',
        'event: verify_otp\ndata: {"code": "<482913>"}\n\ndata: {"code": "482913"}',
        "[api_keys]\n# of whom\nbob=<hunter2x9>\n",
        '[credentials.dev]\nkey = "<hunter2x9>"',
        "tokens:\n  bob: <hunter2x9>\nusers:\n  bob: hunter2x8",
    ],
)
def test_what_one_line_names_is_masked_where_another_one_holds_it(text: str) -> None:
    start, end = text.index("<"), text.index(">")
    sent = text.replace("<", "").replace(">", "")

    assert REDACTION.text(sent) == text[:start] + MASKED + text[end + 1 :]


@pytest.mark.parametrize(
    "text",
    [
        "type: otp\nuser_id: bob42xyz\ncreated_at: 20261126\nlength: 6",
        "type: otp\n\ncode: 482913",
        "type: otp\n  code: 482913",
        "- type: otp\n- code: hunter2x9",
        "q: token\nsession: abc123def",
        "kind: Secret\napiVersion: v1beta1x\nmetadata:\n  name: db-7f9c4d",
        "name: token\nin: header\ndescription: as of version v2beta1",
        "Subject: Password reset\nDate: 20261126\nMessage-ID: abc123def\nTo: bob42xyz",
        "title: token\nlayout: page\ndate: 20261126\ncategory: news24x7",
        "[tokenizer]\nmodel = bert4base2\n",
        "[token_policy]\nversion = 20240101",
        "[secrets]\nbackend = vault\nuser = bob42xyz\nhost = db7.example\nport = 5432",
        "tokens:\n  total: 482913\n  limit: 1000000",
        'event: verify_order\ndata: {"code": "482913"}',
        'event: token\ndata: {"text": "Hello", "id": "abc123def"}\n\n',
    ],
)
def test_other_lines_stay(text: str) -> None:
    assert REDACTION.text(text) == text
