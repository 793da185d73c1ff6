"""Flask's routes, mounted by a2wsgi in a Starlette application."""

from __future__ import annotations

from a2wsgi import WSGIMiddleware
from flask_app import app as flask_app
from starlette.applications import Starlette
from starlette.routing import Mount

app = Starlette(routes=[Mount("/", WSGIMiddleware(flask_app))])
