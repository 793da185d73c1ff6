"""What answers a message that asks for a secret is masked; what is said to other messages stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import MASKED, Redaction

REDACTION = Redaction()


def left_of(document: Any) -> Any:
    return REDACTION.bodies.json(json.dumps(document).encode())


def chat(*said: Any) -> dict[str, Any]:
    roles = ("assistant", "user")
    return {"messages": [{"role": roles[place > 0], "content": each} for place, each in enumerate(said)]}


@pytest.mark.parametrize(
    "request_",
    [
        "Please enter the OTP we sent.",
        "Hi Bob! To go on, tell me your new password please.",
        "I need your API key to go on",
        "What's the verification code that came by mail?",
        [{"type": "text", "text": "Please type your password here: it has eight letters."}],
        "a " * 1000 + "Enter the OTP we sent.",
    ],
)
@pytest.mark.parametrize("value", ["hunter2x9", "482913", "Xk9!mQ*v2", "d41d8cd98f00b204e98009"])
@pytest.mark.parametrize("between", [(), ("wait",), ("wait", "a moment")])
def test_the_answer_to_a_request_is_masked(request_: Any, value: str, between: tuple[str, ...]) -> None:
    document = chat(request_, *between, value)

    assert left_of(document) == chat(request_, *between, MASKED)


def test_of_an_answer_the_secret_alone_is_masked_also_in_its_parts() -> None:
    said = [{"type": "text", "text": "Sure, it is hunter2x9, thanks."}]

    (_, answer) = left_of(chat("Please send me your password.", said))["messages"]

    assert answer["content"] == [{"type": "text", "text": f"Sure, it is {MASKED}, thanks."}]


@pytest.mark.parametrize(
    "said",
    [
        ("Please enter the OTP we sent.", "wait", "a moment", "yes", "it is a1b2c3d4"),  # too late
        ("Never give the OTP that we sent you to anyone else, please.", "it is a1b2c3d4"),
        ("Please don't send us your password as a letter, ever.", "it is a1b2c3d4"),
        ("Enter the token limit of it.", "it is 128000"),
        ("Please enter your address.", "a1b2c3d4 7"),
        ("How are passwords and tokens kept?", "with a1b2c3d4"),
        ("Enter your password, " + "a " * 200, "it is a1b2c3d4"),  # far from its end
        ("Explain to me how I can send the OTP by mail", "see a1b2c3d4 " + "a " * 100),  # an explanation
        ("Enter the OTP we sent", "what is that"),
    ],
)
def test_what_answers_no_request_for_a_secret_stays(said: tuple[str, ...]) -> None:
    assert left_of(chat(*said)) == chat(*said)


def test_what_has_a_name_of_its_own_is_no_answer() -> None:
    document = [{"text": "Please enter the OTP we sent."}, {"name": "build", "text": "a1b2c3d4"}]

    assert left_of(document) == document
