"""The routes under Starlette."""

from __future__ import annotations

from starlette import applications
from starlette_routes import ROUTES

app = applications.Starlette(routes=ROUTES)
