"""The web application: the endpoints of Moesif, the page, and the guards around both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Router

from .guards import Guards
from .ingestion import answer_refusal
from .pages import Pages
from .request_body import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp

    from .ingestion import Ingestion


def build_app(ingestion: Ingestion, hosts: Collection[str] = ()) -> ASGIApp:
    """The application around what takes the events.

    It is no `Starlette` object: OpenTelemetry's instrumentation of that class would make a call of every POST that
    arrives here, in a process that has both, and the exporter would send it, and so on.

    Args:
        ingestion: The endpoints, with their store; without a store there is no page.
        hosts: Host names that are answered beside addresses and `localhost`.
    """
    pages = [] if ingestion.store is None else Pages(ingestion.store, ingestion).routes()
    handlers: dict[Any, Any] = {RefusedError: answer_refusal}
    return Guards(ExceptionMiddleware(Router([*ingestion.routes(), *pages]), handlers), hosts)
