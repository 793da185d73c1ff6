"""A small shop in FastAPI. A dependency tells Moesif who is calling; the rest is done by `run`."""

import itertools
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from opentelemetry_exporter_moesif import identify


class NewItem(BaseModel):
    name: str


async def caller(x_user: Annotated[str | None, Header()] = None) -> None:
    """Stands for whatever tells who is calling."""
    if x_user:
        identify(user_id=x_user, company_id="example-company")


app = FastAPI(dependencies=[Depends(caller)])
numbers = itertools.count(8)
items = {7: {"id": 7, "name": "chair"}}


@app.get("/items/{item_id}")
async def read_item(item_id: int) -> dict:
    if item_id not in items:
        raise HTTPException(404, "no such item")
    return items[item_id]


@app.post("/items", status_code=201)
async def add_item(new: NewItem) -> dict:
    number = next(numbers)
    items[number] = {"id": number, **new.model_dump()}
    return items[number]
