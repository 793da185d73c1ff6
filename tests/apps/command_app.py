"""A program that serves from a command of click, as mlflow's and LiteLLM's do."""

from __future__ import annotations

import click
import uvicorn


@click.group()
def shop() -> None:
    pass


@shop.command()
@click.option("--port", type=int)
def serve(port: int) -> None:
    uvicorn.run("fastapi_app:app", port=port)


if __name__ == "__main__":
    shop()
