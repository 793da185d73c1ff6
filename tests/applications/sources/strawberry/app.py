"""A schema with queries, mutations, errors and a subscription, mounted in FastAPI."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter
from strawberry.file_uploads import Upload


@strawberry.type
class Order:
    number: int


@strawberry.type
class Query:
    @strawberry.field
    def order(self, number: int) -> Order:
        if number < 0:
            raise ValueError(number)
        return Order(number=number)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def log_in(self, name: str, password: str) -> bool:
        return bool(name and password)

    @strawberry.mutation
    async def read(self, file: Upload) -> int:
        return len(await file.read())


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def numbers(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number


app = FastAPI()
schema = strawberry.Schema(Query, Mutation, Subscription)
app.include_router(GraphQLRouter(schema, multipart_uploads_enabled=True), prefix="/graphql")
