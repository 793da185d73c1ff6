"""What the command says of its arguments and settings: a secret among them is in none of it."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from opentelemetry_exporter_moesif.cli import main
from opentelemetry_exporter_moesif.cli.check import check
from opentelemetry_exporter_moesif.config import resolve_config

MARK = "hunter2X9q"
NOWHERE = f"http://127.0.0.1:9/token={MARK}/x"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--password", MARK),
        ("check", f"--api-token={MARK}"),
        ("replay", "--since", f"token={MARK}", "x"),
        (f"token={MARK}",),
    ],
)
def test_a_wrong_argument_is_told_without_the_secret_in_it(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert MARK not in said
    assert "[REDACTED]" in said


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_address_is_told_without_the_secret_in_it(form: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("check", "--application-id", "x", "--endpoint", NOWHERE, *form)) == 1

    said = "".join(capsys.readouterr())
    assert MARK not in said
    assert "http://127.0.0.1:9/token=[REDACTED]" in said


def test_a_proxy_whose_address_is_none_is_not_told() -> None:
    with patch.dict("os.environ", {"http_proxy": f"http://bob:{MARK}@[bad"}):
        config = resolve_config({"application_id": "x", "endpoint": "http://moesif.invalid", "timeout": 1}, {})
        assert check(config).proxy is None
