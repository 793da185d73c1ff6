"""The web application: the endpoints of Moesif, the page, and the guards around both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from .guards import Guards

if TYPE_CHECKING:
    from collections.abc import Collection

    from .ingestion import Ingestion


def build_app(ingestion: Ingestion, hosts: Collection[str] = ()) -> Starlette:
    """The application around what takes the events.

    Args:
        ingestion: The endpoints, with their store.
        hosts: Host names that are answered beside addresses and `localhost`.
    """
    return Starlette(routes=ingestion.routes(), middleware=[Middleware(Guards, hosts=hosts)])
