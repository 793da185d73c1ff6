"""Applications that are mounted in others, each in its own way."""

from __future__ import annotations

import warnings

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.dispatcher import DispatcherMiddleware

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecated, and what its users have
    from starlette.middleware.wsgi import WSGIMiddleware as StarlettesWSGIMiddleware

flask_app = Flask(__name__)


@flask_app.get("/items/<int:item_id>")
def flask_item(item_id: int) -> dict[str, int]:
    return {"item": item_id}


inner = FastAPI()


@inner.get("/items/{item_id}")
async def item(item_id: int) -> dict[str, int]:
    return {"item": item_id}


fastapi = FastAPI()
fastapi.mount("/inner", inner)

starlette = Starlette(routes=[Mount("/inner", StarlettesWSGIMiddleware(flask_app))])

a2wsgi = FastAPI()
a2wsgi.mount("/inner", WSGIMiddleware(flask_app))

dispatcher = Flask("outer")
dispatcher.wsgi_app = DispatcherMiddleware(dispatcher.wsgi_app, {"/inner": flask_app})
