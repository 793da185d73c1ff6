"""The web application: the endpoints of Moesif, the page, and the guards around both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from .guards import Guards
from .pages import Pages

if TYPE_CHECKING:
    from collections.abc import Collection

    from .ingestion import Ingestion


def build_app(ingestion: Ingestion, hosts: Collection[str] = ()) -> Starlette:
    """The application around what takes the events.

    Args:
        ingestion: The endpoints, with their store; without a store there is no page.
        hosts: Host names that are answered beside addresses and `localhost`.
    """
    pages = [] if ingestion.store is None else Pages(ingestion.store, ingestion).routes()
    return Starlette(routes=[*ingestion.routes(), *pages], middleware=[Middleware(Guards, hosts=hosts)])
