"""A number on the command line is what was written, or it is refused."""

import pytest

from opentelemetry_exporter_moesif.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        ["collector", "--port", "99999"],
        ["collector", "--port", "-1"],
        ["collector", "--max-events", "0"],
        ["collector", "--max-events", "-5"],
        ["demo", "--port", "70000"],
        ["replay", "calls.jsonl", "--give-up-after", "nan"],
        ["spool", "--give-up-after", "-1"],
    ],
)
def test_a_number_that_makes_no_sense_is_called_so_and_not_bent_into_another(arguments, capsys):
    with pytest.raises(SystemExit) as ending:
        main(arguments)

    assert ending.value.code == 2
    *_, argument, number = arguments
    assert f"argument {argument}: '{number}' is no" in capsys.readouterr().err
