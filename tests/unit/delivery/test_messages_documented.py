"""The page on delivery knows every word that a log line may hold in brackets."""

from pathlib import Path

import pytest

from opentelemetry_exporter_moesif.delivery.exchange import answer, failure

PAGE = (Path(__file__).parents[3] / "docs" / "delivery.md").read_text(encoding="utf-8")
MESSAGES = PAGE.partition("## Messages, and what to do")[2].partition("## Measured")[0]

#: 413 and 5xx are no configuration errors: a batch is halved, or waits.
STATUSES = [*(status for status in answer._HINTS if status != 413), 302, 503]
LOSSES = ["rejected", "oversize", "backlog_full", "expired", "damaged", "shutdown", "mapping_error", "mask_error"]


@pytest.mark.parametrize("kind", [*failure._HINTS, *map(str, STATUSES)])
def test_every_reason_to_wait_is_on_the_page(kind: str) -> None:
    assert f"({kind} " in MESSAGES


@pytest.mark.parametrize("reason", LOSSES)
def test_every_reason_of_a_loss_is_on_the_page(reason: str) -> None:
    assert f"({reason})" in MESSAGES


def test_the_page_quotes_hints_as_they_are() -> None:
    hints = [*failure._HINTS.values(), *answer._HINTS.values(), *answer._HINTS_BY_CLASS.values()]
    cells = [line.split("`")[1] for line in MESSAGES.splitlines() if " wait (" in line]
    quoted = [cell.partition("): ")[2].rstrip("…") for cell in cells if "): " in cell and "(302" not in cell]
    assert len(quoted) >= 4
    for text in quoted:
        assert any(hint.startswith(text) for hint in hints), text
