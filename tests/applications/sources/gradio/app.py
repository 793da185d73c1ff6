"""An interface with a plain function and one that streams."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import gradio


def greet(name: str, password: str) -> str:
    return f"hello {name}, {len(password)}"


def count(to: float) -> Iterator[str]:
    for number in range(int(to)):
        yield str(number)


def fail() -> str:
    raise ValueError


with gradio.Blocks() as page:
    name, password, answer, to = gradio.Textbox(), gradio.Textbox(), gradio.Textbox(), gradio.Number()
    gradio.Button().click(greet, [name, password], answer, api_name="greet")
    gradio.Button().click(count, [to], answer, api_name="count")
    gradio.Button().click(fail, None, answer, api_name="fail")

page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
